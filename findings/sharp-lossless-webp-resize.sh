#!/usr/bin/env bash
# sharp 0.35.5: a lossless WebP and a PNG of the same pixels differ once they are made smaller, by several levels: the
# WebP is shrunk by libwebp while it is decoded. `resize({ fastShrinkOnLoad: false })`, documented as a matter of moiré,
# makes them alike, bit for bit.
# Exits with 1 as soon as that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --no-audit --no-fund --prefix . sharp@0.35.5 >/dev/null
cat > show.mjs <<'END'
import sharp from 'sharp';

const [width, height] = [320, 240];
const rgb = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
  const [x, y] = [Math.floor(index / 3) % width, Math.floor(index / 3 / width)];
  return 128 + 90 * Math.sin(x / 7) * Math.cos(y / 5 + (index % 3));
});
const picture = sharp(rgb, { raw: { width, height, channels: 3 } });
const [png, webp] = [await picture.clone().png().toBuffer(), await picture.clone().webp({ lossless: true }).toBuffer()];

async function off(change) {
  const [a, b] = await Promise.all([png, webp].map((file) => change(sharp(file)).raw().toBuffer()));
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - b[index])), 0);
}

const found = {
  'as they are': await off((file) => file),
  'made smaller': await off((file) => file.resize(100, 75)),
  'made smaller, fastShrinkOnLoad: false': await off((file) => file.resize(100, 75, { fastShrinkOnLoad: false })),
};
console.log(`sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}, libwebp ${sharp.versions.webp}`);
for (const [name, levels] of Object.entries(found)) console.log(`PNG against lossless WebP, ${name}: at most ${levels} of 255`);
const [whole, smaller, slow] = Object.values(found);
const asDescribed = whole === 0 && smaller >= 2 && slow === 0;
console.log(asDescribed ? 'As described.' : 'This has changed.');
process.exitCode = asDescribed ? 0 : 1;
END
node show.mjs
