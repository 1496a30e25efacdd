import type { ImageQuality, Notice, NoticeCode } from './generated/schema.ts';
import type { ModelManifest } from './modelManifest.ts';

interface Measures {
  margin: number;
  distance: number | null;
  quality: ImageQuality;
}

interface Rule {
  code: NoticeCode;
  measure: string;
  value: number | null;
  threshold: number | undefined;
  worseWhen: 'above' | 'below';
  message: string;
  source: string;
}

const fromReferencePhotos = 'beyond the range of 70 labelled ISIC 2018 test photos';

/** Every reason to trust the result less, worst first. */
export function noticesOf(measures: Measures, manifest: ModelManifest): Notice[] {
  const broken = rulesFor(measures, manifest).filter(isBroken);
  // "Unusual" says nothing more once "far from training" is said.
  const foreign = broken.some((rule) => rule.code === 'FAR_FROM_TRAINING');
  return broken
    .filter((rule) => !(foreign && (rule.code === 'UNUSUAL' || rule.code === 'AMBIGUOUS')))
    .map(({ worseWhen: _, ...notice }) => notice);
}

function isBroken(rule: Rule): rule is Rule & { value: number; threshold: number } {
  if (rule.value === null || rule.threshold === undefined) return false;
  return rule.worseWhen === 'above' ? !(rule.value <= rule.threshold) : !(rule.value >= rule.threshold);
}

function rulesFor({ margin, distance, quality }: Measures, manifest: ModelManifest): Rule[] {
  const modelsOwn = `manifest of ${manifest.name} ${manifest.version}`;
  return [
    {
      code: 'FAR_FROM_TRAINING',
      measure: 'distance',
      value: distance,
      threshold: manifest.distance?.foreign,
      worseWhen: 'above',
      message:
        'This does not look like a dermoscopy photo, so no class is shown. Take the photo again, lesion centred.',
      source: modelsOwn,
    },
    {
      code: 'UNUSUAL',
      measure: 'distance',
      value: distance,
      threshold: manifest.distance?.unusual,
      worseWhen: 'above',
      message: 'This photo is unlike most that the model was trained on. Trust the result less.',
      source: modelsOwn,
    },
    {
      code: 'BLURRED',
      measure: 'sharpness',
      value: quality.sharpness,
      threshold: 8,
      worseWhen: 'below',
      message: 'The photo is blurred. Hold still, focus on the lesion and take it again.',
      source: fromReferencePhotos,
    },
    {
      code: 'TOO_DARK',
      measure: 'brightness',
      value: quality.brightness,
      threshold: 60,
      worseWhen: 'below',
      message: 'The photo is too dark. Take it again in better light.',
      source: fromReferencePhotos,
    },
    {
      code: 'TOO_BRIGHT',
      measure: 'brightness',
      value: quality.brightness,
      threshold: 240,
      worseWhen: 'above',
      message: 'The photo is too bright. Take it again without flash or glare.',
      source: fromReferencePhotos,
    },
    {
      code: 'LOW_CONTRAST',
      measure: 'contrast',
      value: quality.contrast,
      threshold: 6,
      worseWhen: 'below',
      message: 'The lesion hardly stands out from its surroundings. Take the photo again, closer and in even light.',
      source: fromReferencePhotos,
    },
    {
      code: 'TOO_SMALL',
      measure: 'shorter side in pixels',
      value: Math.min(quality.width, quality.height),
      threshold: Math.min(manifest.input.width, manifest.input.height),
      worseWhen: 'below',
      message: 'The photo has fewer pixels than the model looks at. Send a larger one.',
      source: modelsOwn,
    },
    {
      code: 'AMBIGUOUS',
      measure: 'margin',
      value: margin,
      threshold: 0.2,
      worseWhen: 'below',
      message: 'The model hesitates between classes. Do not look at the first alone.',
      source: 'chosen: below it the first class is wrong about as often as right',
    },
  ];
}
