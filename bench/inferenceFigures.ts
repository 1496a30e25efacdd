import * as z from 'zod';
import type { Figure } from './figure.ts';

const n = z.number();
const schema = z.object({
  ratioWarm: z.object({ classifier: n, bareDecode: n, bareRun: n }),
  ratioQueue: z.object({ ratio: n, perImage: n, bareDecode: n, bareRun: n }),
  ratio12MP: z.object({ large: n, small: n }),
  ratioCold: z.object({ classifier: n, bare: n }),
});

/** What `npm run bench -- inference --json` prints, as lines of the common table. */
export function figuresOfInference(json: string): Figure[] {
  const { ratioWarm, ratioQueue, ratio12MP, ratioCold } = schema.parse(JSON.parse(json));
  const bare = ratioWarm.bareDecode + ratioWarm.bareRun;
  // The queue's ratio is a median of ratios, one for each round; the reference that belongs to it follows from it.
  const halfOfBare = ratioQueue.perImage / ratioQueue.ratio;
  return [
    ratioFigure('600×450 JPEG → calibrated result, warm', ratioWarm.classifier, 'bare decode + run', bare, 1.15),
    ratioFigure('a queue of them, per photo', ratioQueue.perImage, '(bare decode + run) ÷ 2', halfOfBare, 1.3),
    ratioFigure('12-megapixel JPEG → result, warm', ratio12MP.large, 'the same for 600×450', ratio12MP.small, 4),
    ratioFigure(
      'classifier alone, process start → first result',
      ratioCold.classifier,
      'Node start + session create + first run',
      ratioCold.bare,
      1.5,
    ),
  ];
}

function ratioFigure(figure: string, measured: number, what: string, value: number, most: number): Figure {
  const hold = { text: `≤ ${most} ×`, limit: most * value };
  return { figure, unit: 'ms', measured, reference: { what, value }, hold };
}
