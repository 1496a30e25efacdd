import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(`../../../../shared/${path}`, import.meta.url));

/** Labelled photos that may not be copied into the repository (CC BY-NC 4.0); not everyone has them beside it. */
export const sharedPhotos = {
  images: at('images'),
  labels: at('images/labels.csv'),
  golden: at('model/golden.json'),
  areHere: existsSync(at('images/labels.csv')) && existsSync(at('model/golden.json')),
};

/** For the name of a test that needs them. */
export const needsSharedPhotos = sharedPhotos.areHere ? '' : ' (skipped: there is no ../shared with labelled photos)';
