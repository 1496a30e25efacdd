import * as z from 'zod';
import { knownLesionClass, type LesionClass } from './lesionClasses.ts';

const share = z.number().min(0).max(1);
const measuredAt = z.object({ sensitivity: share, specificity: share });
const metrics = z.object({
  n: z.int().positive(),
  accuracy: share.optional(),
  balancedAccuracy: share.optional(),
  recall: z.record(z.string(), share).optional(),
  ece: share.optional(),
  aucMalignant: share.optional(),
  aucMelanoma: share.optional(),
});

const schema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  file: z.string().regex(/^[\w.-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().positive(),
  input: z.object({
    name: z.string(),
    type: z.enum(['uint8', 'float32']),
    layout: z.enum(['NHWC', 'NCHW']),
    width: z.int().min(8).max(2048),
    height: z.int().min(8).max(2048),
    color: z.literal('RGB'),
    crop: z.literal('center-square'),
    /** float32 only: value = (pixel / 255 - mean) / std, per channel. */
    mean: z.array(z.number()).length(3).optional(),
    std: z.array(z.number().positive()).length(3).optional(),
  }),
  outputs: z.object({ logits: z.string(), activation: z.string().optional(), distance: z.string().optional() }),
  classes: z.array(z.string()).min(2),
  /** Only for classes that `lesionClasses.ts` does not know. */
  classInfo: z
    .record(z.string(), z.object({ label: z.string(), icd10: z.string().nullable(), malignant: z.boolean() }))
    .optional(),
  temperature: z.number().positive(),
  distance: z
    .object({
      /** Beyond it a photo is called unusual, and far from training. */
      unusual: z.number().positive(),
      foreign: z.number().positive(),
      /** 95 % of the validation photos lie below; a photo beyond it is not called sure. `unusual` where it is missing. */
      p95: z.number().positive().optional(),
      note: z.string().optional(),
    })
    .optional(),
  operatingPoints: z
    .array(
      z.object({
        name: z.string(),
        classes: z.array(z.string()).min(1),
        threshold: share,
        validation: measuredAt.optional(),
        officialTest: measuredAt.optional(),
      }),
    )
    .min(1),
  metrics: z.record(z.string(), metrics).default({}),
  license: z.string().optional(),
  trainedOn: z.string().optional(),
  intendedUse: z.string().optional(),
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
export function lesionClasses(manifest: ModelManifest): LesionClass[] {
  return manifest.classes.map((code) => {
    const described = manifest.classInfo?.[code];
    const lesion = described ? { code, ...described } : knownLesionClass(code);
    if (!lesion) throw new Error(`Model manifest: class "${code}" is unknown`);
    return lesion;
  });
}
