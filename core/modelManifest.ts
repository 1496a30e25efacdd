import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { knownLesionClass, type LesionClass } from './lesionClasses.ts';
import type { Views } from './views.ts';

// Without it, zod says "Invalid input" of everything.
z.config(en());

const name = z.string().check(z.minLength(1));
const share = z.number().check(z.gte(0), z.lte(1));
const positive = z.number().check(z.positive());
const count = z.int().check(z.positive());
const side = z.int().check(z.gte(8), z.lte(2048));
const measuredAt = z.object({ sensitivity: share, specificity: share });
/** From the lower to the upper end of a 95 % interval. */
const interval = z
  .tuple([share, share])
  .check(z.refine(([low, high]) => low <= high, 'its lower end lies above its upper one'));
const shareOfClass = z.record(z.string(), share);
const metrics = z.object({
  n: count,
  accuracy: z.optional(share),
  balancedAccuracy: z.optional(share),
  recall: z.optional(shareOfClass),
  ece: z.optional(share),
  aucMalignant: z.optional(share),
  aucMelanoma: z.optional(share),
  /** Of the decision by probability ÷ `trainingPrior`. */
  adjustedAccuracy: z.optional(share),
  adjustedBalancedAccuracy: z.optional(share),
  adjustedRecall: z.optional(shareOfClass),
  interval95: z.optional(
    z.object({
      accuracy: z.optional(interval),
      balancedAccuracy: z.optional(interval),
      ece: z.optional(interval),
      aucMalignant: z.optional(interval),
      aucMelanoma: z.optional(interval),
      adjustedAccuracy: z.optional(interval),
      adjustedBalancedAccuracy: z.optional(interval),
    }),
  ),
  recallInterval95: z.optional(z.record(z.string(), interval)),
});
const subgroup = z.object({
  n: count,
  malignant: z.optional(z.int().check(z.gte(0))),
  accuracy: z.optional(share),
  accuracyInterval95: z.optional(interval),
  aucMalignant: z.optional(share),
  aucInterval95: z.optional(interval),
  /** At the operating point `malignant-95`. */
  sensitivityMalignant95: z.optional(share),
  specificityMalignant95: z.optional(share),
  /** Share of its photos that get no class because of `modality.threshold`. */
  gateLost: z.optional(share),
});
const views = z.union([
  z.literal([1, 4, 8]),
  z.object({
    /** Degrees. */
    turns: z.union([z.tuple([z.literal(0)]), z.tuple([z.literal(0), z.literal(90), z.literal(180), z.literal(270)])]),
    /** All of them mirrored, too. */
    mirrored: z.optional(z.boolean()),
    average: z.optional(z.literal('probabilities')),
  }),
]);

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
  outputs: z.object({
    logits: name,
    activation: z.optional(name),
    distance: z.optional(name),
    modality: z.optional(name),
  }),
  /** How many orientations of the square are run and averaged. */
  views: z.optional(views),
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
  /** The output `modality` is the probability that the photo is dermoscopy. */
  modality: z.optional(
    z.object({
      /** Below it no class is shown. */
      threshold: share,
      /** Below it nothing may reassure: not ROUTINE, not confidence HIGH. */
      doubtful: z.optional(share),
      chosenOn: z.optional(z.string()),
      /** Shares of the official test below `threshold` and `doubtful`. */
      officialTestLost: z.optional(share),
      officialTestDoubtful: z.optional(share),
      /** Share of phone photos, held out, below `threshold`. */
      phonePhotosWithoutClass: z.optional(share),
    }),
  ),
  /** The mix of classes that the probabilities stand for: divide by it for an even mix. */
  trainingPrior: z.optional(z.record(z.string(), share)),
  operatingPoints: z
    .array(
      z.object({
        name,
        classes: z.array(name).check(z.minLength(1)),
        threshold: share,
        validation: z.optional(measuredAt),
        officialTest: z.optional(measuredAt),
        /** Of `officialTest` where there is one, else of `validation`. */
        interval95: z.optional(z.object({ sensitivity: z.optional(interval), specificity: z.optional(interval) })),
      }),
    )
    .check(z.minLength(1)),
  metrics: z._default(z.record(z.string(), metrics), {}),
  /** By name, such as `age: 60 and over`; of the official test. */
  subgroups: z.optional(z.record(z.string(), subgroup)),
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
  problems.push(...inconsistentGate(manifest));
  if (manifest.input.width !== manifest.input.height) problems.push('input is not square, but crop is center-square');
  return problems;
}

/** A gate that is not there, or never closes, must not look like one. */
function inconsistentGate({ outputs, modality }: ModelManifest): string[] {
  if (!modality) return [];
  const problems = [];
  if (!outputs.modality) problems.push('modality has thresholds, but outputs names no modality');
  if (modality.doubtful !== undefined && modality.doubtful < modality.threshold) {
    problems.push(`modality.doubtful ${modality.doubtful} lies below modality.threshold ${modality.threshold}`);
  }
  return problems;
}

/** How many orientations of the square the model sees; one where the manifest does not say. */
export function viewCountOf({ views = 1 }: ModelManifest): Views {
  if (typeof views === 'number') return views;
  if (views.turns.length === 1) return 1;
  return views.mirrored ? 8 : 4;
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
