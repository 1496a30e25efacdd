import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { knownLesionClass, type LesionClass } from './lesionClasses.ts';

// On its own it says "Invalid input" of everything.
z.config(en());

const name = z.string().check(z.minLength(1));
const share = z.number().check(z.gte(0), z.lte(1));
const positive = z.number().check(z.positive());
const count = z.int().check(z.positive());
const side = z.int().check(z.gte(8), z.lte(2048));
const measuredAt = z.object({ sensitivity: share, specificity: share });
const metrics = z.object({
  n: count,
  accuracy: z.optional(share),
  balancedAccuracy: z.optional(share),
  recall: z.optional(z.record(z.string(), share)),
  ece: z.optional(share),
  aucMalignant: z.optional(share),
  aucMelanoma: z.optional(share),
});

// zod/mini: the function parses this once, when it starts, and the whole of zod would take a fifth of that start.
const schema = z.object({
  name,
  version: name,
  file: z.string().check(z.regex(/^[\w.-]+$/)),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  bytes: count,
  input: z.object({
    name,
    type: z.enum(['uint8', 'float32']),
    layout: z.enum(['NHWC', 'NCHW']),
    width: side,
    height: side,
    color: z.literal('RGB'),
    crop: z.literal('center-square'),
    /** float32 only: value = (pixel / 255 - mean) / std, per channel. */
    mean: z.optional(z.array(z.number()).check(z.length(3))),
    std: z.optional(z.array(positive).check(z.length(3))),
  }),
  outputs: z.object({ logits: name, activation: z.optional(name), distance: z.optional(name) }),
  classes: z.array(name).check(z.minLength(2)),
  /** Only for classes that `lesionClasses.ts` does not know. */
  classInfo: z.optional(
    z.record(z.string(), z.object({ label: name, icd10: z.nullable(z.string()), malignant: z.boolean() })),
  ),
  temperature: positive,
  distance: z.optional(
    z.object({
      /** Beyond it a photo is called unusual, and far from training. */
      unusual: positive,
      foreign: positive,
      /** 95 % of the validation photos lie below; a photo beyond it is not called sure. `unusual` where it is missing. */
      p95: z.optional(positive),
      note: z.optional(z.string()),
    }),
  ),
  operatingPoints: z
    .array(
      z.object({
        name,
        classes: z.array(name).check(z.minLength(1)),
        threshold: share,
        validation: z.optional(measuredAt),
        officialTest: z.optional(measuredAt),
      }),
    )
    .check(z.minLength(1)),
  metrics: z._default(z.record(z.string(), metrics), {}),
  license: z.optional(z.string()),
  trainedOn: z.optional(z.string()),
  intendedUse: z.optional(z.string()),
});

/** A model directory's `manifest.json`: the only place that says how to feed the model and how to read it. */
export type ModelManifest = z.infer<typeof schema>;

/** @throws Error with a line for each thing that the manifest lacks or has wrong */
export function parseModelManifest(json: unknown): ModelManifest {
  const parsed = schema.safeParse(json);
  const problems = parsed.success
    ? inconsistencies(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
  if (!parsed.success || problems.length > 0) {
    throw new Error(problems.map((problem) => `Model manifest: ${problem}`).join('\n'));
  }
  return parsed.data;
}

function inconsistencies(manifest: ModelManifest): string[] {
  const problems = manifest.classes
    .filter((code) => !knownLesionClass(code) && !manifest.classInfo?.[code])
    .map((code) => `class "${code}" is not a known lesion class and has no entry in classInfo`);
  for (const point of manifest.operatingPoints) {
    const strangers = point.classes.filter((code) => !manifest.classes.includes(code));
    if (strangers.length > 0) problems.push(`operating point "${point.name}" names ${strangers}, not in classes`);
  }
  if (new Set(manifest.classes).size < manifest.classes.length) problems.push('classes holds one twice');
  if (manifest.input.width !== manifest.input.height) problems.push('input is not square, but crop is center-square');
  return problems;
}

/** Class of the manifest by its position in the logits. */
export function classesOf(manifest: ModelManifest): LesionClass[] {
  return manifest.classes.map((code) => {
    const described = manifest.classInfo?.[code];
    const lesion = described ? { code, ...described } : knownLesionClass(code);
    if (!lesion) throw new Error(`Model manifest: class "${code}" is unknown`);
    return lesion;
  });
}
