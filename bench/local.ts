import { withCloud } from './benchCloud.ts';
import type { Effort, Figure } from './figure.ts';
import { measureDemos } from './local/demos.ts';
import { measurePushes } from './local/pushes.ts';
import { measureStarts } from './local/starts.ts';
import { measureSubmissions } from './local/submissions.ts';

/** The embedded run: how soon a change is pushed, a photo classified, the whole started, and what it takes of memory. */
export async function measureLocal(effort: Effort): Promise<Figure[]> {
  const warm = await withCloud(async (bench) => [
    ...(await measurePushes(bench, effort)),
    ...(await measureSubmissions(bench, effort)),
  ]);
  return [...warm, ...(await measureStarts(effort)), ...(await measureDemos(effort))];
}
