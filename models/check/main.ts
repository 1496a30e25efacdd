import { checkModel } from './checkModel.ts';
import { referenceModel } from '../modelDirectory.ts';

const help = `npm run model -- check [DIR]   looks at a model directory and runs the model; exit 1 if it cannot be used

DIR holds manifest.json and the ONNX file it names (the model of this repository if not given).
docs/model.md says what each field means.`;

const [command, directory = referenceModel] = process.argv.slice(2);
if (command === 'check') await check(directory);
else {
  const asked = command === undefined || command === '--help' || command === '-h';
  if (!asked) console.error(`model: there is no command "${command}"`);
  console.log(help);
  process.exitCode = asked ? 0 : 1;
}

async function check(directory: string): Promise<void> {
  const { facts, problems, lacking } = await checkModel(directory);
  for (const fact of facts) console.log(`✓ ${fact}`);
  for (const what of lacking) console.log(`· ${what}`);
  for (const problem of problems) console.log(`✗ ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
