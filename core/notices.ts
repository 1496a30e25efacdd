import type { ImageQuality, Notice, NoticeCode } from './generated/schema.ts';
import type { ModelManifest } from './modelManifest.ts';

interface Measures {
  margin: number;
  distance: number | null;
  modality: number | null;
  quality: ImageQuality;
}

export interface Findings {
  /** Every reason to trust the result less, worst first. */
  notices: Notice[];
  /** No class may be shown: the picture is no dermoscopy photo, or so poor that the model only guesses. */
  withheld: boolean;
  /** It may be no dermoscopy photo, so nothing may reassure. */
  doubtful: boolean;
}

interface Rule {
  code: NoticeCode;
  measure: string;
  value: number | null;
  worseWhen: 'above' | 'below';
  /** Beyond it the notice is given. */
  threshold: number | undefined;
  /** Beyond it no class is shown either. */
  withheldAt?: number | undefined;
  message: string;
  /** Where `threshold` comes from. */
  source: string;
}

/**
 * Measures of the photo against thresholds. The model's own come from its manifest; those of the photo's quality were
 * found on 70 labelled photos of the ISIC 2018 test set (ten of each class, 224 px) and copies of them that were made
 * worse step by step, with the reference model, which had the first class right of 0.67 of the originals:
 *
 * - `threshold`: none of the originals lies beyond it, and accuracy has fallen by ten points or more where many do;
 * - `withheldAt`: half of the copies lie beyond it when accuracy is at 0.26 or less, where 0.14 is chance.
 *
 * models/evaluate/noticeThresholds.test.ts measures each of these statements again.
 */
export function findingsOf(measures: Measures, manifest: ModelManifest): Findings {
  const rules = [
    ...modalityRules(measures, manifest),
    ...distanceRules(measures, manifest),
    ...qualityRules(measures, manifest),
    ambiguityRule(measures),
  ];
  const broken = rules.filter(isBroken);
  const withheld = broken.some((rule) => rule.withheldAt !== undefined && isBeyond(rule, rule.withheldAt));
  const doubtful = broken.some((rule) => rule.code === 'MAYBE_NOT_DERMOSCOPY');
  return { notices: broken.filter((rule) => isWorthSaying(rule, broken, withheld)).map(noticeOf), withheld, doubtful };
}

function isBroken(rule: Rule): rule is Rule & { value: number; threshold: number } {
  return rule.value !== null && rule.threshold !== undefined && isBeyond(rule, rule.threshold);
}

/** Written so that NaN, too, is beyond. */
function isBeyond({ value, worseWhen }: Rule, limit: number): boolean {
  if (value === null) return false;
  return worseWhen === 'above' ? !(value <= limit) : !(value >= limit);
}

/** What a worse notice says already is left out, and so is a close race of classes that are not shown. */
function isWorthSaying({ code }: Rule, broken: readonly Rule[], withheld: boolean): boolean {
  const said = (worse: NoticeCode) => broken.some((rule) => rule.code === worse);
  if (code === 'MAYBE_NOT_DERMOSCOPY') return !said('NOT_DERMOSCOPY');
  if (code === 'UNUSUAL') return !said('FAR_FROM_TRAINING') && !said('NOT_DERMOSCOPY');
  return !(code === 'AMBIGUOUS' && withheld);
}

function noticeOf({
  code,
  message,
  measure,
  value,
  threshold,
  source,
}: Rule & { value: number; threshold: number }): Notice {
  return { code, message, measure, value, threshold, source };
}

function modalityRules({ modality }: Measures, manifest: ModelManifest): Rule[] {
  const source = `manifest of ${manifest.name} ${manifest.version}`;
  const shared = { measure: 'modality', value: modality, worseWhen: 'below' as const, source };
  return [
    {
      ...shared,
      code: 'NOT_DERMOSCOPY',
      threshold: manifest.modality?.threshold,
      withheldAt: manifest.modality?.threshold,
      message:
        'This does not look like a photo through a dermatoscope, so no class is shown. Take it with one, close on the lesion; without one, show the lesion to a doctor.',
    },
    {
      ...shared,
      code: 'MAYBE_NOT_DERMOSCOPY',
      threshold: manifest.modality?.doubtful,
      message:
        'This may not be a photo through a dermatoscope, so nothing here may reassure. Take it again with one, or show the lesion to a doctor.',
    },
  ];
}

function distanceRules({ distance }: Measures, manifest: ModelManifest): Rule[] {
  const source = `manifest of ${manifest.name} ${manifest.version}`;
  const shared = { measure: 'distance', value: distance, worseWhen: 'above' as const, source };
  return [
    {
      ...shared,
      code: 'FAR_FROM_TRAINING',
      threshold: manifest.distance?.foreign,
      withheldAt: manifest.distance?.foreign,
      message:
        'This is unlike every photo that the model was trained on, so no class is shown. Take it again, lesion centred.',
    },
    {
      ...shared,
      code: 'UNUSUAL',
      threshold: manifest.distance?.unusual,
      message: 'This photo is unlike most that the model was trained on. Trust the result less.',
    },
  ];
}

/** Smaller than this share of the model's own side, and the photo holds too little of what the model looks for. */
const smallestShareOfInput = 0.4;

function qualityRules({ quality }: Measures, manifest: ModelManifest): Rule[] {
  const { sharpness, brightness, contrast } = quality;
  return [
    {
      code: 'BLURRED',
      measure: 'sharpness',
      value: sharpness,
      worseWhen: 'below',
      threshold: 5.5,
      withheldAt: 1.9,
      message: 'The photo is blurred. Hold still, focus on the lesion and take it again.',
      source:
        'no one of 70 ISIC 2018 test photos is below; blurred until accuracy fell from 0.67 to 0.53, 19 of 20 are',
    },
    {
      code: 'TOO_DARK',
      measure: 'brightness',
      value: brightness,
      worseWhen: 'below',
      threshold: 75,
      withheldAt: 24,
      message: 'The photo is too dark. Take it again in better light.',
      source:
        'no one of 70 ISIC 2018 test photos is below; darkened until accuracy fell from 0.67 to 0.56, 9 of 10 are',
    },
    {
      code: 'TOO_BRIGHT',
      measure: 'brightness',
      value: brightness,
      worseWhen: 'above',
      threshold: 230,
      withheldAt: 253,
      message: 'The photo is too bright. Take it again without flash or glare.',
      source:
        'no one of 70 ISIC 2018 test photos is above; overexposed until accuracy fell from 0.67 to 0.54, half are',
    },
    {
      code: 'LOW_CONTRAST',
      measure: 'contrast',
      value: contrast,
      worseWhen: 'below',
      threshold: 8,
      withheldAt: 3.5,
      message: 'The lesion hardly stands out from its surroundings. Take the photo again, closer and in even light.',
      source:
        'no one of 70 ISIC 2018 test photos is below; with contrast cut until accuracy fell from 0.67 to 0.50, half are',
    },
    {
      code: 'TOO_SMALL',
      measure: 'shorter side in pixels',
      value: Math.min(quality.width, quality.height),
      worseWhen: 'below',
      threshold: Math.round(smallestShareOfInput * manifest.input.width),
      message: 'The photo has too few pixels. Send a larger one.',
      source:
        '0.4 of the side the model sees: 70 ISIC 2018 test photos shrunk to it lost no accuracy, to 0.25 of it 0.13',
    },
  ];
}

function ambiguityRule({ margin }: Measures): Rule {
  return {
    code: 'AMBIGUOUS',
    measure: 'margin',
    value: margin,
    worseWhen: 'below',
    threshold: 0.2,
    message: 'The model hesitates between classes. Do not look at the first alone.',
    source: 'of 8 among 70 ISIC 2018 test photos that were below, the first class was wrong 6 times',
  };
}
