import { type ModelDirectory, modelFileProblems, readModelDirectory } from '../models/modelDirectory.ts';
import { SetupError } from './setupError.ts';

/**
 * The model that is deployed. One that does not fit its manifest is found here and not by the first photo.
 *
 * @throws SetupError that names the file which is missing or wrong
 */
export function readModel(directory: string): ModelDirectory {
  try {
    const model = readModelDirectory(directory);
    const [problem] = modelFileProblems(model);
    if (problem) throw new Error(problem);
    return model;
  } catch (cause) {
    throw new SetupError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
