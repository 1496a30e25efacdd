import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ACCOUNT, REGION } from '../engine.ts';

export type Json = z.core.util.JSONType;

export interface Resource {
  logicalId: string;
  type: string;
  /** Intrinsics not resolved. */
  properties: Record<string, Json>;
  metadata: Record<string, Json>;
}

/** A file or directory that a deployment uploads, with its place in S3. */
export interface Asset {
  bucket: string;
  key: string;
  path: string;
}

export interface Template {
  stackName: string;
  /** `ACCOUNT/REGION` that the app names, in whose place stand this run's; undefined where it names none. */
  madeFor?: string | undefined;
  /** Each after everything it refers to or depends on. */
  resources: Resource[];
  /** Outputs by name, intrinsics not resolved. */
  outputs: Record<string, Json>;
  conditions: Record<string, Json>;
  assets: Asset[];
}

/** What a resource answers to `Ref` (no attribute) and `Fn::GetAtt`. */
export type Lookup = (logicalId: string, attribute?: string) => string;

const text = z.string();
const records = z.record(text, z.json());
const artifactProperties = z.object({ templateFile: text.optional(), file: text.optional() }).default({});
const artifact = z.object({ type: text, environment: text.optional(), properties: artifactProperties });
const manifestFile = z.object({ artifacts: z.record(text, artifact) });
const resource = z.object({
  Type: text,
  Properties: records.default({}),
  Metadata: records.default({}),
  DependsOn: z.union([text, z.array(text)]).default([]),
  Condition: text.optional(),
});
const templateFile = z.object({
  Resources: z.record(text, resource),
  Outputs: z.record(text, z.object({ Value: z.json() })).default({}),
  Conditions: records.default({}),
});
const destinations = z.record(text, z.object({ bucketName: text, objectKey: text }));
const assetsFile = z.object({ files: z.record(text, z.object({ source: z.object({ path: text }), destinations })) });

const PSEUDO: Record<string, string> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};
const REMOVED = Symbol('AWS::NoValue');
type Value = Json | typeof REMOVED;

/** Reads a cloud assembly (`cdk.out`), which must hold one stack. @throws where there is none, or more than one stack */
export function readTemplate(assemblyDir: string): Template {
  if (!existsSync(join(assemblyDir, 'manifest.json')))
    throw new Error(`There is no cloud assembly in ${assemblyDir}: no manifest.json`);
  const textOf = (file = ''): string => readFileSync(join(assemblyDir, file), 'utf8');
  const artifacts = Object.entries(manifestFile.parse(JSON.parse(textOf('manifest.json'))).artifacts);
  const stacks = artifacts.filter(([, { type }]) => type === 'aws:cloudformation:stack');
  const [stackName, stack] = stacks[0] ?? [''];
  if (!stack || stacks.length > 1) throw new Error(`${assemblyDir}: ${stacks.length} stacks; exactly one is run`);
  const { madeFor, asHere } = placeOf(stack.environment);
  const read = (file?: string): unknown => JSON.parse(asHere(textOf(file)));
  const { Resources, Outputs, Conditions } = templateFile.parse(read(stack.properties.templateFile));
  const manifests = artifacts.filter(([, { type }]) => type === 'cdk:asset-manifest');
  return {
    stackName,
    madeFor,
    resources: inOrder(Resources),
    outputs: Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, Value])),
    conditions: Conditions,
    assets: manifests.flatMap(([, { properties }]) => assetsOf(assetsFile.parse(read(properties.file)), assemblyDir)),
  };
}

/** @param environment `aws://123456789012/eu-west-1`; either part `unknown-…` where the app leaves it open */
function placeOf(environment = '') {
  const [account = '', region = ''] = environment.replace('aws://', '').split('/');
  const named = [
    [account, ACCOUNT],
    [region, REGION],
  ].filter(([there = '', here]) => there && there !== here && !there.startsWith('unknown-'));
  return {
    madeFor: named.length > 0 ? `${account}/${region}` : undefined,
    asHere: (text: string) => named.reduce((all, [there = '', here = '']) => all.replaceAll(there, here), text),
  };
}

function assetsOf({ files }: z.infer<typeof assetsFile>, assemblyDir: string): Asset[] {
  const concrete = (name: string) => name.replace(/\$\{([^}]+)\}/g, (whole, key) => PSEUDO[key] ?? whole);
  return Object.values(files).flatMap(({ source, destinations }) =>
    Object.values(destinations).map(({ bucketName, objectKey }) => ({
      bucket: concrete(bucketName),
      key: objectKey,
      path: join(assemblyDir, source.path),
    })),
  );
}

function inOrder(resources: Record<string, z.infer<typeof resource>>): Resource[] {
  const done = new Map<string, Resource>();
  function visit(logicalId: string, path: string[]): void {
    const found = resources[logicalId];
    if (!found || done.has(logicalId)) return;
    const { Type, Properties, Metadata, DependsOn, Condition } = found;
    if (Condition) throw new Error(`${logicalId}: a Condition is not emulated`);
    if (path.includes(logicalId)) throw new Error(`The template goes in a circle: ${[...path, logicalId].join(' → ')}`);
    for (const other of [...references(Properties), DependsOn].flat()) visit(other, [...path, logicalId]);
    done.set(logicalId, { logicalId, type: Type, properties: Properties, metadata: Metadata });
  }
  for (const logicalId of Object.keys(resources)) visit(logicalId, []);
  return [...done.values()];
}

function references(properties: Json): string[] {
  const found = JSON.stringify(properties).matchAll(/"Ref":"([^"]+)"|"Fn::GetAtt":\["([^"]+)"|\$\{([^.!}]+)/g);
  return [...found].flatMap(([, ref, attribute, sub]) => ref ?? attribute ?? sub ?? []);
}

/**
 * The value with every intrinsic function resolved as CloudFormation does.
 * @throws on an intrinsic that is not emulated, by its name, and on a reference that `lookup` refuses
 */
export function resolve(value: Json, lookup: Lookup, template: Pick<Template, 'stackName' | 'conditions'>): Json {
  const pseudo: Record<string, string> = { ...PSEUDO, 'AWS::StackName': template.stackName };
  const present = (value: Value): Json => (value === REMOVED ? null : value);
  return present(evaluate(value));

  function evaluate(value: Json): Value {
    if (Array.isArray(value)) return value.map(evaluate).filter((item) => item !== REMOVED);
    if (value === null || typeof value !== 'object') return value;
    const [name = '', argument = null] = Object.entries(value)[0] ?? [];
    if (Object.keys(value).length === 1 && /^(Ref$|Fn::)/.test(name)) return intrinsic(name, argument);
    const entries = Object.entries(value).map(([key, item]): [string, Value] => [key, evaluate(item)]);
    return Object.fromEntries(entries.flatMap(([key, item]) => (item === REMOVED ? [] : [[key, item]])));
  }

  function intrinsic(name: string, argument: Json): Value {
    const parts = Array.isArray(argument) ? argument : [argument];
    const part = (index: number) => present(evaluate(parts[index] ?? null));
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? REMOVED : reference(String(argument));
      case 'Fn::GetAtt':
        return reference(parts.join('.'));
      case 'Fn::Sub':
        return substitute(String(parts[0]), records.parse(parts[1] ?? {}));
      case 'Fn::If':
        return evaluate(parts[isTrue(String(parts[0])) ? 1 : 2] ?? null);
      case 'Fn::Equals':
        return JSON.stringify(part(0)) === JSON.stringify(part(1));
      case 'Fn::Join':
        return list(part(1)).join(String(part(0)));
      case 'Fn::Split':
        return String(part(1)).split(String(part(0)));
      case 'Fn::Select':
        return list(part(1))[Number(part(0))] ?? null;
      case 'Fn::GetAZs':
        return [`${REGION}a`, `${REGION}b`, `${REGION}c`];
    }
    throw new Error(`${name} is not emulated: ${JSON.stringify(argument).slice(0, 200)}`);
  }

  function reference(path: string): string {
    const [logicalId = '', ...attribute] = path.split('.');
    return pseudo[path] ?? lookup(logicalId, attribute.join('.') || undefined);
  }

  function substitute(text: string, variables: Record<string, Json>): string {
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      return Object.hasOwn(variables, name) ? String(evaluate(variables[name] ?? null)) : reference(name);
    });
  }

  function isTrue(condition: string): boolean {
    const expression = template.conditions[condition];
    if (expression === undefined) throw new Error(`The template has no condition ${condition}`);
    return evaluate(expression) === true;
  }
}

function list(value: Json): Json[] {
  if (!Array.isArray(value)) throw new Error(`Expected a list, got ${JSON.stringify(value)}`);
  return value;
}
