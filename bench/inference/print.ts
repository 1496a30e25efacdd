import type { InferenceFigures } from '../inference.ts';
import type { Comparison } from './against.ts';

/** For a person: every ratio beside what the design holds, then its parts. */
export function printInference({
  ratioWarm,
  ratioQueue,
  ratio12MP,
  ratioCold,
  stages,
  plain,
  peakMegabytes,
}: InferenceFigures): string {
  const lines = [
    held('warm, 600×450, against bare decode + runs', ratioWarm.ratio, 1.15),
    part(`${ms(ratioWarm.classifier)} against ${ms(ratioWarm.bareDecode)} + ${ms(ratioWarm.bareRun)}`),
    held('queue, per photo, against half of the same', ratioQueue.ratio, 1.3),
    part(
      `${ms(ratioQueue.perImage)} against (${ms(ratioQueue.bareDecode)} + ${ms(ratioQueue.bareRun)}) ÷ 2, ${ratioQueue.photosAtOnce} at once`,
    ),
    part(`meanwhile other processes used ${ratioQueue.othersUsed.toFixed(2)} cores`),
    held('12 megapixels against 600×450', ratio12MP.ratio, 4),
    part(`${ms(ratio12MP.large)} against ${ms(ratio12MP.small)}`),
    held('cold, against Node + session + first run', ratioCold.ratioCold, 1.5),
    part(
      `${ms(ratioCold.classifier)} against ${ms(ratioCold.bare)}; other processes used ${ratioCold.othersUsed.toFixed(2)} cores`,
    ),
    part(
      Object.entries(ratioCold.waterfall)
        .map(([stage, at]) => `${stage} at ${ms(at)}`)
        .join(', '),
    ),
    '',
    ...Object.entries(stages).map(([photo, { fetch, decode, run, post }]) => {
      return `${photo.padEnd(6)} fetch ${ms(fetch)}, decode ${ms(decode)}, run ${ms(run)}, post ${ms(post)}`;
    }),
    ...Object.entries(plain).map(([photo, one]) => {
      return `${photo.padEnd(6)} the plain way, all cores on one photo, takes ${ms(one.plain)}: ${one.ratio.toFixed(2)} times ours`;
    }),
    `peak memory ${peakMegabytes} MB`,
  ];
  return lines.join('\n');
}

/** This checkout beside the one before it: what a new model with four views may cost. */
export function printComparison({ small, large, queue, session }: Comparison): string {
  const against = ({ ours, theirs, cpuRatio, othersUsed }: Comparison['small']) =>
    part(
      `${ms(ours)} against ${ms(theirs)}; CPU time ${cpuRatio.toFixed(2)}; other processes used ${othersUsed.toFixed(2)} cores`,
    );
  return [
    ...[held('600×450, against the other build', small.ratio, 2), against(small)],
    ...[held('12 megapixels, against the other build', large.ratio, 1.5), against(large)],
    ...[held('session creation, against the other build', session.ratio, 1), against(session)],
    `a queue of 600×450, per photo: ${queue.ratio.toFixed(2)} times the other build`,
    against(queue),
  ].join('\n');
}

function held(name: string, ratio: number, limit: number): string {
  return `${name.padEnd(46)}${ratio.toFixed(2).padStart(6)}   hold ≤ ${limit}   ${ratio <= limit ? 'yes' : 'NO'}`;
}

function part(text: string): string {
  return `  ${text}`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}
