import { unreadable } from '../picture.ts';
import { define, type EntropyTables, noTables } from './entropyTables.ts';
import { mostBits, type WalkedScan, walkEntropy } from './entropyWalk.ts';
import { type Frame, type Scan, scanOf } from './frame.ts';
import type { Segment } from './segments.ts';

/** Walks every scan of a baseline picture, with the tables that stand before it. @throws LesionError UnreadableImage */
export function assertWhole(bytes: Buffer, segments: readonly Segment[], frame: Frame): void {
  const tables = noTables();
  for (const segment of segments) {
    define(tables, segment);
    if (!segment.entropy) continue;
    const { start, end } = segment.entropy;
    walkEntropy(bytes.subarray(start, end), walkedScan(frame, scanOf(segment), tables));
  }
}

/** A.2: a scan of one component holds its own blocks only; one of several holds MCUs, padded to whole ones. */
function walkedScan(frame: Frame, scan: Scan, tables: EntropyTables): WalkedScan {
  const across = Math.max(...frame.components.map((one) => one.across));
  const down = Math.max(...frame.components.map((one) => one.down));
  const isAlone = scan.components.length === 1;
  const components = scan.components.map(({ id, dc, ac }) => {
    const component = frame.components.find((one) => one.id === id);
    const quantisation = component && tables.quantisation[component.quantisation];
    const [dcTable, acTable] = [tables.dc[dc], tables.ac[ac]];
    if (!component || !quantisation || !dcTable || !acTable) throw unreadable();
    const blocks = isAlone ? 1 : component.across * component.down;
    return {
      component,
      blocks,
      dc: dcTable,
      ac: acTable,
      mostBits: mostBits(quantisation),
      quantisation: quantisation[0]!,
      mean: 0,
    };
  });
  const [first] = components;
  if (!first) throw unreadable();
  const blocksOf = (pixels: number, factor: number, most: number) => Math.ceil(Math.ceil((pixels * factor) / most) / 8);
  const mcus = isAlone
    ? blocksOf(frame.width, first.component.across, across) * blocksOf(frame.height, first.component.down, down)
    : Math.ceil(frame.width / (8 * across)) * Math.ceil(frame.height / (8 * down));
  return { components, mcus, restartInterval: tables.restartInterval };
}
