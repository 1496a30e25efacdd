import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { readModelDirectory } from '../../models/modelDirectory.ts';
import { type Bundles, ENTRIES } from '../bundling/bundles.ts';
import { readOptions } from '../options.ts';
import { SkinLesionStack } from '../stack.ts';

export const ROOT = join(import.meta.dirname, '../..');

const resourcesOfTemplate = z.record(
  z.string(),
  z.object({ Properties: z.record(z.string(), z.unknown()).default({}), DeletionPolicy: z.string().optional() }),
);

export type Resource = z.infer<typeof resourcesOfTemplate>[string];

/** cdk.json's own, so that the tests see what a deployment would. */
export function contextWith(options: Record<string, unknown>): Record<string, unknown> {
  return { ...JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')).context, ...options };
}

/** The template that the options give, without the functions' code. */
export function synthesize(options: Record<string, unknown> = {}, now = new Date('2026-03-17T12:00:00Z')): Template {
  return inScratch((directory) =>
    Template.fromStack(stackIn(appIn(directory), 'SkinLesionApi', directory, options, now)),
  );
}

/** What CloudFormation's own rules find in the templates that the options give; serious findings are thrown. */
export function violations(...variants: Record<string, unknown>[]): unknown[] {
  return inScratch((directory) => {
    const app = appIn(directory);
    variants.forEach((options, index) => {
      stackIn(app, `Variant${index}`, directory, options, new Date());
    });
    app.synth();
    return JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')).pluginReports;
  });
}

function inScratch<Result>(work: (directory: string) => Result): Result {
  const directory = mkdtempSync(join(tmpdir(), 'infra-'));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function appIn(directory: string): App {
  const context = { ...contextWith({}), 'aws:cdk:disable-asset-staging': true };
  return new App({ outdir: join(directory, 'out'), analyticsReporting: false, context });
}

function stackIn(
  app: App,
  id: string,
  directory: string,
  options: Record<string, unknown>,
  now: Date,
): SkinLesionStack {
  const read = readOptions(contextWith(options));
  return new SkinLesionStack(app, id, {
    options: read,
    root: ROOT,
    outdir: directory,
    bundles: emptyBundles(directory),
    model: readModelDirectory(join(ROOT, read.modelDirectory)),
    now,
  });
}

function emptyBundles(directory: string): Bundles {
  const bundles = Object.keys(ENTRIES).map((name) => {
    mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, name, 'index.mjs'), '');
    return [name, { directory: join(directory, name), hash: name }];
  });
  return Object.fromEntries(bundles);
}

export function resources(template: Template, type: string): Record<string, Resource> {
  return resourcesOfTemplate.parse(template.findResources(type));
}

/** The only resource of a type whose logical id begins so. */
export function resource(template: Template, type: string, prefix = ''): Resource {
  const found = Object.entries(resources(template, type)).filter(([id]) => id.startsWith(prefix));
  if (found.length !== 1) throw new Error(`${found.length} resources ${type} are called ${prefix}…`);
  return found[0]![1];
}
