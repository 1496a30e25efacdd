import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(`../../../../shared/${path}`, import.meta.url));

/** Labelled photos that may not be copied into the repository (CC BY-NC 4.0); not everyone has them beside it. */
export const sharedPhotos = {
  images: at('images'),
  labels: at('images/labels.csv'),
  /** What each model of this repository gave for them, made by another program. */
  golden: { int8: at('model-2/int8/golden.json'), float: at('model-2/golden.json') },
  areHere: ['images/labels.csv', 'model-2/int8/golden.json', 'model-2/golden.json'].every((path) =>
    existsSync(at(path)),
  ),
};

/** For the name of a test that needs them. */
export const needsSharedPhotos = sharedPhotos.areHere ? '' : ' (skipped: there is no ../shared with labelled photos)';
