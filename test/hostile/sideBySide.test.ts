import { describe, expect, test } from 'vitest';
import { decodeImage } from '../../adapters/imageDecoder.ts';
import { samplePhoto } from '../support/cloud.ts';
import { cases } from './pictures.ts';

const rounds = 40;
const input = { width: 224, height: 224 };

/** A header that a careless camera writes: libjpeg warns of it, and the picture is whole. */
function sloppy(): Uint8Array {
  const photo = Buffer.from(samplePhoto);
  const scan = photo.indexOf(Buffer.from([0xff, 0xda]));
  photo[scan + 2 + photo.readUInt16BE(scan + 2) - 2] = 0;
  return new Uint8Array(photo);
}

const damaged = [
  'a JPEG that claims to be ten times as high',
  'a JPEG cut off in its header',
  'a PNG cut off in the middle',
  'a WebP cut off in the middle',
];

async function verdictOn(bytes: Uint8Array): Promise<string> {
  return await decodeImage(bytes, input).then(
    () => 'decoded',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}

/** The decoder's messages come from one buffer of the whole process: no verdict may rest on them. */
describe('photos that are read side by side', () => {
  test('are judged each by itself, over and over', async () => {
    const photos = new Map([['sloppy', sloppy()]]);
    for (const name of damaged) photos.set(name, new Uint8Array(await cases[name]!.make()));
    const wrong: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const verdicts = [...photos].map(async ([name, bytes]) => [name, await verdictOn(bytes)] as const);
      for (const [name, verdict] of await Promise.all(verdicts)) {
        if (verdict !== (name === 'sloppy' ? 'decoded' : 'UnreadableImage')) wrong.push(`${name}: ${verdict}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
