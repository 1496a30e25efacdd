import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { SetupError } from './setupError.ts';

const root = join(import.meta.dirname, '..');
const outdir = join(root, '.build');
// Half of a synthesis is the loading of the CDK.
enableCompileCache(join(outdir, 'compile-cache'));

try {
  await synthesize();
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}

async function synthesize(): Promise<void> {
  const [{ App }, { readOptions }, { readModel }, { buildBundles }] = await Promise.all([
    import('aws-cdk-lib'),
    import('./options.ts'),
    import('./readModel.ts'),
    import('./bundling/bundles.ts'),
  ]);
  // The rules of CloudFormation would double the time; stack.test.ts holds every kind of template to them.
  const app = new App({ analyticsReporting: false, stackTraces: false, builtinCloudFormationValidation: false });
  const options = readOptions(app.node.getAllContext());
  const model = readModel(join(root, options.modelDirectory));
  const bundling = buildBundles({ root, nodeModules: join(root, 'node_modules'), outdir, model, options });
  // esbuild works in a process of its own: meanwhile the constructs load.
  const { SkinLesionStack } = await import('./stack.ts');
  const bundles = await bundling;
  new SkinLesionStack(app, 'SkinLesionApi', { options, root, outdir, bundles, model, now: new Date() });
  app.synth();
}
