import { checkModel } from './check/checkModel.ts';
import { runComparison } from './compare/run.ts';
import { referenceModel } from './modelDirectory.ts';

const help = `npm run model -- check [DIR]      looks at a model directory and runs the model; exit 1 if it cannot be used
npm run model -- compare OLD NEW --set NAME=DIR,CSV [--set NAME=DIR …]
                                  whether NEW may take OLD's place: both answer the same photos; exit 1 if a limit of
                                  the change protocol does not hold

DIR, OLD and NEW hold manifest.json and the ONNX file it names (check: the model of this repository if not given).
A set without CSV holds photos of which nothing is known, such as what is no lesion.
docs/model.md says what each field of the manifest means, and what the limits are.`;

const [command, ...args] = process.argv.slice(2);
try {
  process.exitCode = await run();
} catch (error) {
  console.error(`model: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function run(): Promise<number> {
  if (command === 'check') return await check(args[0] ?? referenceModel);
  if (command === 'compare') return await runComparison(args);
  const asked = command === undefined || command === '--help' || command === '-h';
  if (!asked) console.error(`model: there is no command "${command}"`);
  console.log(help);
  return asked ? 0 : 1;
}

async function check(directory: string): Promise<number> {
  const { facts, problems, lacking } = await checkModel(directory);
  for (const fact of facts) console.log(`✓ ${fact}`);
  for (const what of lacking) console.log(`· ${what}`);
  for (const problem of problems) console.log(`✗ ${problem}`);
  return problems.length === 0 ? 0 : 1;
}
