import type Sharp from 'sharp';
import type { Pipeline, Task } from './task.ts';

/**
 * What a decoder's process does: one photo at a time, made to pixels by sharp. The process is started with this
 * function's text, because the worker is bundled to a single file. So it may use nothing from outside itself.
 *
 * The main thread is free while sharp works in threads of its own: it sees how much CPU time that takes, and beyond the
 * task's limit takes the process down, which is the only way to stop a decoder.
 */
export function decoderMain(sharp: typeof Sharp): void {
  // One photo is resized once, and several processes are at it: more threads and a cache would only take from them.
  sharp.concurrency(1);
  sharp.cache(false);
  const end = () => process.kill(process.pid, 'SIGKILL');
  // A terminal's Ctrl-C reaches every process; it is the parent who ends this one, and with the parent it goes.
  process.on('SIGINT', () => {});
  process.on('disconnect', end);
  process.on('message', async (task: Task) => {
    const start = process.cpuUsage();
    const watch = setInterval(() => {
      const { user, system } = process.cpuUsage(start);
      if ((user + system) / 1000 > task.cpuMilliseconds) process.send?.({ tooLong: true }, end);
    }, 20);
    const answer = await decode(task).catch((error: unknown) => ({ failed: String(error) }));
    clearInterval(watch);
    process.send?.(answer);
  });
  process.send?.({ up: true });

  async function decode(task: Task) {
    const [header, pixels] = await Promise.allSettled([
      sharp(task.bytes, { limitInputPixels: false, failOn: 'error' }).metadata(),
      pixelsOf(task, 'warning'),
    ]);
    if (header.status === 'rejected') throw header.reason;
    const { pages, icc, autoOrient } = header.value;
    const rgb = pixels.status === 'fulfilled' ? pixels.value : await inSpiteOfWarnings(task);
    return { header: { pages, icc, photo: autoOrient }, rgb };
  }

  /**
   * Many a camera writes files that give a harmless warning, so a warning alone is no reason to refuse a photo. Alone
   * this time, for the process has one buffer for what the decoder says.
   */
  async function inSpiteOfWarnings(task: Task) {
    const reason = await pixelsOf(task, 'warning').then(() => '', String);
    // libjpeg only warns of these, but what follows in the file is then shown shifted, tinted or grey.
    if (/bad Huffman code|bad arithmetic code|premature end of data segment|instead of RST/.test(reason)) {
      throw new Error(reason);
    }
    return await pixelsOf(task, 'error');
  }

  /**
   * A WebP is not shrunk by its own library, whose rounding differs from what is done to a PNG of the same pixels. Samples
   * of 16 bits are brought to 8 before the profile is applied: the decoder would leave them in Display P3, and passes over
   * a profile of grey.
   */
  async function pixelsOf(task: Task, failOn: 'warning' | 'error') {
    const { bytes, limitInputPixels, kind, sixteenBit, input, background }: Pipeline = task;
    const pipeline = sharp(bytes, { limitInputPixels, failOn });
    return await (sixteenBit ? pipeline.pipelineColourspace(sixteenBit) : pipeline)
      .rotate()
      .resize(input.width, input.height, { fit: 'cover', fastShrinkOnLoad: kind !== 'WebP' })
      .flatten({ background })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  }
}
