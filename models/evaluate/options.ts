import { parseArgs } from 'node:util';
import { referenceModel } from '../modelDirectory.ts';
import type { SetSource } from './sets.ts';

export interface Options {
  /** At least one. */
  sets: SetSource[];
  /** Also turn and re-save every photo. */
  stability: boolean;
  model: string;
  json: boolean;
  report: string | undefined;
}

export const help = `Runs the model over labelled photos, through the same way as the worker, and tells how well it does.

  npm run evaluate -- --images DIR --labels CSV [--model DIR] [--stability] [--json] [--report FILE.html]
  npm run evaluate -- --set NAME=DIR,CSV --set NAME=DIR …      several sets in one report

  --images DIR        photos, each DIR/<image_id>.jpg
  --labels CSV        a line per photo; the columns image_id and dx must be there. age, sex, localization (or region) and
                      fitzpatrick give subgroups; patient (or lesion_id) says which photos belong together
  --set NAME=DIR,CSV  a set under a name; without CSV, photos of which nothing is known (what is no lesion, for one)
  --stability         also turns, mirrors and re-saves every photo, and counts what changes: eight times the work
  --model DIR         manifest.json and the ONNX file it names (the model of this repository if not given)
  --json              a line {"image_id","dx","probabilities"} per photo, then one {"summary"}; nothing else on stdout
  --report FILE.html  also writes a report to open in a browser: one file, nothing is loaded from elsewhere`;

/** @throws Error on an unknown or missing option; null where only help is asked for */
export function parseOptions(args: string[]): Options | null {
  const { values } = parseArgs({
    args,
    options: {
      images: { type: 'string' },
      labels: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      stability: { type: 'boolean', default: false },
      model: { type: 'string', default: referenceModel },
      json: { type: 'boolean', default: false },
      report: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { images, labels, set, ...options } = values;
  const single = images && labels ? [{ name: 'photos', images, labels }] : [];
  const sets = [...single, ...set.map(parseSet)];
  if (sets.length === 0 || (single.length === 0 && (images || labels)))
    throw new Error('--images DIR and --labels CSV are needed, or --set NAME=DIR,CSV; --help says more');
  const twice = sets.find(({ name }, index) => sets.findIndex((one) => one.name === name) < index);
  if (twice) throw new Error(`--set names ${twice.name} a second time`);
  return { sets, stability: options.stability, model: options.model, json: options.json, report: options.report };
}

/** `NAME=DIR,CSV` or `NAME=DIR` */
export function parseSet(text: string): SetSource {
  const [, name, images, labels] = /^([^=]+)=([^,]+)(?:,(.+))?$/.exec(text) ?? [];
  if (!name || !images) throw new Error(`--set ${text}: it takes NAME=DIR,CSV or NAME=DIR`);
  return { name, images, ...(labels && { labels }) };
}
