import type { Classifier } from '../../classifier/classifier.ts';

/** As many as the worker has under way at once: two in the model, the others being fetched or decoded. */
export const concurrency = 6;

/** A queue of photos through the classifier, a few at once. */
export async function photosAtOnce(
  photos: readonly Buffer[],
  classify: Classifier,
  atOnce = concurrency,
): Promise<void> {
  const waiting = [...photos];
  const lane = async () => {
    for (let photo = waiting.pop(); photo; photo = waiting.pop()) await classify(photo);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
