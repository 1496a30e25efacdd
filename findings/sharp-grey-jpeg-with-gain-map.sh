#!/usr/bin/env bash
# sharp 0.35.5: a grey JPEG opens; the same JPEG with a gain map behind it, as phones with HDR write, does not, although
# its primary picture is the same bytes: the file goes to another loader, which knows no grey. `metadata()` does not
# mind, and calls it a JPEG of three channels.
# Exits with 1 as soon as that is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --no-audit --no-fund --prefix . sharp@0.35.5 >/dev/null
cat > show.mjs <<'END'
import sharp from 'sharp';

const grey = sharp({ create: { width: 400, height: 300, channels: 3, background: '#808080' } }).toColourspace('b-w');
const colour = sharp({ create: { width: 400, height: 300, channels: 3, background: '#b45a3c' } });
const map = await grey.clone().resize(100, 75).jpeg().toBuffer();

function withSegment(jpeg, marker, content) {
  const bytes = Buffer.from(content, 'latin1');
  const head = Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 255]);
  return Buffer.concat([jpeg.subarray(0, 2), head, bytes, jpeg.subarray(2)]);
}
const xmp = (attributes, content = '') =>
  `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" ${attributes}>${content}</rdf:Description></rdf:RDF></x:xmpmeta>`;

/** Ultra HDR, version 1: XMP that lists both pictures, and an index of where the second begins (CIPA DC-007). */
function withGainMap(primary) {
  const range = 'hdrgm:GainMapMin="0" hdrgm:GainMapMax="2.5" hdrgm:Gamma="1" hdrgm:OffsetSDR="0.015" hdrgm:OffsetHDR="0.015" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2.5" hdrgm:BaseRenditionIsHDR="False"';
  const second = withSegment(map, 0xe1, xmp(range));
  const item = (semantic, more = '') =>
    `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="${semantic}" Item:Mime="image/jpeg"${more}/></rdf:li>`;
  const list = `<Container:Directory><rdf:Seq>${item('Primary')}${item('GainMap', ` Item:Length="${second.length}"`)}</rdf:Seq></Container:Directory>`;
  const google = 'http://ns.google.com/photos/1.0/container/';
  const told = withSegment(primary, 0xe1, xmp(`xmlns:Container="${google}" xmlns:Item="${google}item/"`, list));
  const index = Buffer.from('4d5046004d4d002a000000080003b00000070000000430313030b0010004000000010000000' + '2b002000700000020000000320000000000030000', 'hex');
  const rest = Buffer.alloc(28);
  const whole = told.length + 4 + index.length + rest.length;
  rest.writeUInt32BE(whole, 0);
  rest.writeUInt32BE(second.length, 16);
  rest.writeUInt32BE(whole - 10, 20);
  return Buffer.concat([withSegment(told, 0xe2, Buffer.concat([index, rest]).toString('latin1')), second]);
}

const opened = (file) => sharp(file).raw().toBuffer().then((pixels) => `opens, ${pixels.length} bytes`, (error) => `fails: ${error.message}`);
const [plainGrey, plainColour] = [await grey.clone().jpeg().toBuffer(), await colour.jpeg().toBuffer()];
const { channels, gainMap } = await sharp(withGainMap(plainGrey)).metadata();
const found = {
  'grey JPEG': await opened(plainGrey),
  'colour JPEG with a gain map': await opened(withGainMap(plainColour)),
  'grey JPEG with a gain map': await opened(withGainMap(plainGrey)),
};
console.log(`sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}, libultrahdr ${sharp.versions.uhdr}`);
for (const [name, what] of Object.entries(found)) console.log(`${name}: ${what}`);
console.log(`its metadata: ${channels} channels, gain map ${gainMap ? 'found' : 'not found'}`);
const [a, b, c] = Object.values(found).map((what) => what.startsWith('opens'));
const asDescribed = a && b && !c && channels === 3 && gainMap !== undefined;
console.log(asDescribed ? 'As described.' : 'This has changed.');
process.exitCode = asDescribed ? 0 : 1;
END
node show.mjs
