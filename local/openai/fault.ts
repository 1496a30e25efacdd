import * as z from 'zod';

/** `times`: only so many requests. `probability`: of each to meet the fault, by draws that follow from `seed`. */
const often = { times: z.int().positive().optional(), probability: z.number().default(1), seed: z.int().default(1) };

/** `retryAfter` in seconds; `lying` says `text` in the right form; `empty` has no output. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('status'), status: z.int().min(400), retryAfter: z.number().optional(), ...often }),
  z.strictObject({ kind: z.literal('slow'), ms: z.number(), ...often }),
  z.strictObject({ kind: z.literal('lying'), text: z.string(), ...often }),
  z.strictObject({ kind: z.enum(['invalid-json', 'refusal', 'wrong-schema', 'empty', 'hangup']), ...often }),
]);
export type Fault = z.input<typeof faultSchema>;

/** Answers, request by request, the fault if it strikes. */
export function faultDrawer(fault: Fault | undefined): () => Fault | undefined {
  const { times = Infinity, probability, seed } = faultSchema.parse(fault ?? { kind: 'empty', probability: 0 });
  let left = times;
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647; // Park and Miller's minimal standard generator
    const strikes = left > 0 && state / 2147483647 < probability;
    if (strikes) left -= 1;
    return strikes ? fault : undefined;
  };
}
