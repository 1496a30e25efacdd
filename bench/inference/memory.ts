import { createOnnxRunner } from '../../adapters/modelRunner/onnx.ts';
import { createClassifier } from '../../classifier/classifier.ts';
import { readModelDirectory, referenceModel } from '../../models/modelDirectory.ts';
import { makePhotos } from './photos.ts';
import { photosAtOnce } from './queue.ts';

const step = 500;

export interface MemoryAt {
  images: number;
  rssMegabytes: number;
}

/** Classifies photos of both sizes, one in twenty of 12 megapixels, and tells the memory every 500. */
export async function watchMemory(count: number, tell: (at: MemoryAt) => void): Promise<void> {
  const { manifest, modelFile } = readModelDirectory(referenceModel);
  const classify = createClassifier(manifest, await createOnnxRunner(modelFile, manifest));
  const { small, large } = await makePhotos();
  for (let images = 0; images < count; ) {
    const photos = Array.from({ length: Math.min(step, count - images) }, (_, i) => (i % 20 === 0 ? large : small));
    await photosAtOnce(photos, classify);
    images += photos.length;
    tell({ images, rssMegabytes: Math.round(process.memoryUsage.rss() / 2 ** 20) });
  }
}
