#!/usr/bin/env bash
# sharp 0.35.5: a PNG of 16 bits with an ICC profile, asked for 8-bit sRGB, comes out in Display P3; with a profile of
# grey the profile is passed over. The same picture with 8 bits is right, and so are 16 bits once `pipelineColourspace`
# has brought them to 8 before the profile is applied.
# Exits with 1 as soon as that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --no-audit --no-fund --prefix . sharp@0.35.5 >/dev/null
cat > show.mjs <<'END'
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

/** A PNG chunk: length, type, content, checksum. */
function chunk(type, content) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(content.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A valid ICC profile (2.1) of grey with the exponent 1: 128 of 255 is half of the light. */
function linearGrey() {
  const tags = [
    ['wtpt', Buffer.from('58595a20000000000000f6d6000100000000d32d', 'hex')],
    ['kTRC', Buffer.from('637572760000000000000000', 'hex')],
    ['desc', Buffer.concat([Buffer.from('6465736300000000000000026700', 'hex'), Buffer.alloc(78)])],
    ['cprt', Buffer.from('746578740000000030000000', 'hex')],
  ];
  const table = Buffer.alloc(4 + tags.length * 12);
  table.writeUInt32BE(tags.length, 0);
  let end = 128 + table.length;
  for (const [index, [name, content]] of tags.entries()) {
    table.write(name, 4 + index * 12, 'latin1');
    table.writeUInt32BE(end, 8 + index * 12);
    table.writeUInt32BE(content.length, 12 + index * 12);
    end += content.length;
  }
  const header = Buffer.alloc(128);
  header.writeUInt32BE(end, 0);
  header.writeUInt32BE(0x02100000, 8);
  header.write('mntrGRAYXYZ ', 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  Buffer.from('0000f6d6000100000000d32d', 'hex').copy(header, 68);
  return Buffer.concat([header, table, ...tags.map(([, content]) => content)]);
}

const srgb = async (png, first) => {
  const opened = first ? sharp(png).pipelineColourspace(first) : sharp(png);
  return [...(await opened.toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer()).subarray(0, 3)];
};
const withProfile = (png, icc) =>
  Buffer.concat([
    png.subarray(0, 33),
    chunk('iCCP', Buffer.concat([Buffer.from('it\0\0', 'latin1'), deflateSync(icc)])),
    png.subarray(33),
  ]);

const colour = sharp({ create: { width: 8, height: 8, channels: 3, background: '#b45a3c' } });
const { icc: srgbProfile } = await sharp(await colour.clone().withIccProfile('srgb').png().toBuffer()).metadata();
const grey = sharp({ create: { width: 8, height: 8, channels: 3, background: '#373737' } });
const rgb8 = withProfile(await colour.clone().png().toBuffer(), srgbProfile);
const rgb16 = withProfile(await colour.clone().toColourspace('rgb16').png().toBuffer(), srgbProfile);
const grey8 = withProfile(await grey.clone().toColourspace('b-w').png().toBuffer(), linearGrey());
const grey16 = withProfile(await grey.clone().toColourspace('grey16').png().toBuffer(), linearGrey());

const found = {
  'RGB, 8 bits, sRGB profile': await srgb(rgb8),
  'RGB, 16 bits, sRGB profile': await srgb(rgb16),
  'the same, to 8 bits first': await srgb(rgb16, 'srgb'),
  'grey, 8 bits, profile of linear light': await srgb(grey8),
  'grey, 16 bits, profile of linear light': await srgb(grey16),
  'the same, to 8 bits first ': await srgb(grey16, 'b-w'),
};
console.log(`sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}; stored: RGB 180 90 60, grey 55 (half of the light: 128)`);
for (const [name, pixel] of Object.entries(found)) console.log(`${name}: ${pixel.join(' ')}`);
const [a, b, c, d, e, f] = Object.values(found);
const near = (x, y) => x.every((value, index) => Math.abs(value - y[index]) <= 2);
const asDescribed = near(a, [180, 90, 60]) && b[0] < 172 && near(c, a) && near(d, [128, 128, 128]) && near(e, [55, 55, 55]) && near(f, d);
console.log(asDescribed ? 'As described.' : 'This has changed.');
process.exitCode = asDescribed ? 0 : 1;
END
node show.mjs
