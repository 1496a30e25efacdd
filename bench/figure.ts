import * as z from 'zod';

/** How much to measure: `quick` only shows that everything runs, `full` takes the time for the design's sizes. */
export type Effort = 'quick' | 'normal' | 'full';

/** One measured figure beside its reference of the same run. */
export interface Figure {
  figure: string;
  unit: 'ms' | 'KB' | 'MB';
  /** The median, where there are samples, unless the figure's name says otherwise. */
  measured: number;
  min?: number | undefined;
  max?: number | undefined;
  samples?: number | undefined;
  reference?: { what: string; value: number };
  /** What the design holds, in words and as the highest value it allows; without it the figure only informs. */
  hold?: { text: string; limit: number };
  /** A line that explains another: not in the table of all parts. */
  detail?: true | undefined;
}

type Context = Pick<Figure, 'reference' | 'hold' | 'detail'>;

/** The median of samples, with their range. */
export function medianFigure(figure: string, unit: Figure['unit'], samples: number[], context: Context = {}): Figure {
  return percentileFigure(figure, unit, samples, 0.5, context);
}

export function percentileFigure(
  figure: string,
  unit: Figure['unit'],
  samples: number[],
  share: number,
  context: Context = {},
): Figure {
  const range = { min: Math.min(...samples), max: Math.max(...samples), samples: samples.length };
  return { figure, unit, measured: percentile(samples, share), ...range, ...context };
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** The smallest sample that at least `share` (0–1) of all do not exceed; the mean of the middle two for the median. */
function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('Nothing was measured');
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.max(Math.ceil(share * sorted.length), 1);
  const value = sorted[rank - 1]!;
  return share * sorted.length === rank ? (value + (sorted[rank] ?? value)) / 2 : value;
}

const jsonSchema = z.object({
  figure: z.string(),
  unit: z.enum(['ms', 'KB', 'MB']),
  measured: z.number(),
  min: z.number().optional(),
  max: z.number().optional(),
  samples: z.number().optional(),
  reference: z.string().nullable(),
  referenceValue: z.number().nullable(),
  hold: z.string().nullable(),
  limit: z.number().nullable(),
  detail: z.literal(true).optional(),
});

/** As a program reads it: with ratio and verdict, to a thousandth. */
export function toJson({ reference, hold, ...figure }: Figure): unknown {
  const flat = {
    ...figure,
    reference: reference?.what ?? null,
    referenceValue: reference?.value ?? null,
    ratio: ratioOf({ ...figure, reference }) ?? null,
    hold: hold?.text ?? null,
    limit: hold?.limit ?? null,
    holds: hold ? figure.measured <= hold.limit : null,
  };
  const rounded = (value: unknown) => (typeof value === 'number' ? Math.round(value * 1000) / 1000 : value);
  return Object.fromEntries(Object.entries(flat).map(([key, value]) => [key, rounded(value)]));
}

export function ratioOf({
  measured,
  reference,
}: Pick<Figure, 'measured'> & { reference?: Figure['reference'] | undefined }) {
  return reference && reference.value > 0 ? measured / reference.value : undefined;
}

/** The way back. @throws ZodError if it is no such thing */
export function fromJson(json: unknown): Figure {
  const { reference, referenceValue, hold, limit, ...figure } = jsonSchema.parse(json);
  return {
    ...figure,
    ...(reference !== null && referenceValue !== null && { reference: { what: reference, value: referenceValue } }),
    ...(hold !== null && limit !== null && { hold: { text: hold, limit } }),
  };
}
