import * as z from 'zod/mini';
import type { Handover } from '../../core/description/briefing.ts';
import { confidenceValues, noticeCodeValues, triageValues } from '../../core/generated/enums.ts';
import { log } from '../log.ts';

/**
 * Hands the describer's input from the inference to the enrichment worker. Never the only copy of something that
 * matters, so no method ever fails: a lost put is a later miss, and what
 * is not removed goes by itself.
 */
export interface HandoverStore {
  put(requestId: string, handover: Handover): Promise<void>;
  /** undefined on a miss, an error or an unreadable value */
  get(requestId: string): Promise<Handover | undefined>;
  /** Once nobody needs it. */
  remove(requestId: string): Promise<void>;
}

export const handoverSeconds = 15 * 60;

/** The id alone: a key must not tell whose request it is. */
export function handoverKey(requestId: string): string {
  return `handover/${requestId}`;
}

const handoverSchema: z.ZodMiniType<Handover> = z.object({
  predictions: z.array(z.object({ label: z.string(), probability: z.number(), malignant: z.boolean() })),
  triage: z.enum(triageValues),
  confidence: z.enum(confidenceValues),
  malignantProbability: z.nullable(z.number()),
  notices: z.array(z.enum(noticeCodeValues)),
  margin: z.nullable(z.number()),
  entropy: z.nullable(z.number()),
  distance: z.nullable(z.number()),
  imageQuality: z.nullable(
    z.object({
      width: z.number(),
      height: z.number(),
      sharpness: z.number(),
      brightness: z.number(),
      contrast: z.number(),
    }),
  ),
});

/** @returns undefined, and a line in the log, where it cannot be read */
export function parseHandover(json: string | null | undefined, requestId: string): Handover | undefined {
  if (!json) return undefined;
  try {
    return handoverSchema.parse(JSON.parse(json));
  } catch {
    // Without the error: it would quote the result.
    log.warn('hand-over unreadable', { requestId });
    return undefined;
  }
}
