import { parseArgs } from 'node:util';
import { referenceModel } from '../modelDirectory.ts';

export interface Options {
  images: string;
  labels: string;
  model: string;
  json: boolean;
  report: string | undefined;
}

export const help = `Runs the model over labelled photos, through the same way as the worker, and tells how well it does.

  npm run evaluate -- --images DIR --labels CSV [--model DIR] [--json] [--report FILE.html]

  --images DIR        photos, each DIR/<image_id>.jpg
  --labels CSV        a line per photo; the columns image_id and dx count
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
      model: { type: 'string', default: referenceModel },
      json: { type: 'boolean', default: false },
      report: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return null;
  const { images, labels, model, json, report } = values;
  if (!images || !labels) throw new Error('--images DIR and --labels CSV are needed; --help says more');
  return { images, labels, model, json, report };
}
