import { randomUUID } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import { parse } from 'acorn';
import { checkResolverCode } from './checkResolverCode.ts';
import { ResolverError } from './errors.ts';
import type { AuthMode } from './options.ts';
import { checkedFilter, type SubscriptionFilter, toSubscriptionFilter } from './subscriptionFilter.ts';

/** What a resolver's code is told beside its context, and what it did beside returning. */
export interface Effects {
  /** How the caller came in. */
  authMode?: AuthMode;
  /** What it says to `console`. */
  say?(level: 'info' | 'error', values: unknown[]): void;
  errors: ResolverError[];
  filter?: SubscriptionFilter;
}

/** https://docs.aws.amazon.com/appsync/latest/devguide/utility-helpers-in-util-js.html */
const AUTH_TYPES: Record<AuthMode, string> = {
  API_KEY: 'API Key Authorization',
  COGNITO: 'User Pool Authorization',
  IAM: 'IAM Authorization',
};
type Handlers = Record<'request' | 'response', (context: unknown) => unknown>;
export type ResolverCode = (effects: Effects) => Handlers;

const GLOBALS = ['Object', 'Array', 'String', 'Number', 'Boolean', 'Math', 'JSON', 'parseInt', 'parseFloat'];
const RUNTIME_OBJECTS = Object.keys(globalsOf('Query.any', { errors: [] }));
const sandbox = createContext({});
const strip = '((g, keep) => Object.getOwnPropertyNames(g).forEach((n) => keep.includes(n) || delete g[n]))';
runInContext(`${strip}(globalThis, ${JSON.stringify(GLOBALS)})`, sandbox);

/** @param name `Type.field`. @throws Error that names the resolver, the line and what AppSync would refuse there. */
export function compileResolver(name: string, code: string): ResolverCode {
  try {
    const body = withoutModules(code);
    const script = `"use strict"; (${RUNTIME_OBJECTS}) => {${body}\nreturn { request, response }; }`;
    const load: (...globals: object[]) => Handlers = runInContext(script, sandbox, { filename: name });
    const resolver = (effects: Effects) => load(...Object.values(globalsOf(name, effects)));
    resolver({ errors: [] });
    return resolver;
  } catch (error) {
    throw new Error(`The resolver ${name} is not valid APPSYNC_JS: ${error}`);
  }
}

/** Checks the code and blanks imports and exports, lines kept: what is left runs as a function's body. */
function withoutModules(code: string): string {
  const program = parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
  checkResolverCode(code, program, { globals: GLOBALS, objects: globalsOf('Query.any', { errors: [] }) });
  return program.body.reduce((text, node) => {
    const exported = node.type === 'ExportNamedDeclaration' ? node.declaration : undefined;
    if (exported === undefined && node.type !== 'ImportDeclaration') return text;
    const end = exported?.start ?? node.end;
    return text.slice(0, node.start) + text.slice(node.start, end).replace(/\S/g, ' ') + text.slice(end);
  }, code);
}

/** A global of the runtime with the members we emulate; any other fails by name, where it would be undefined. */
function only<T extends object>(path: string, members: T): T {
  const get = (target: T, key: string | symbol) => {
    if (key in target) return Reflect.get(target, key);
    throw new Error(`${path}.${String(key)} is not emulated`);
  };
  return new Proxy(members, { get });
}

function globalsOf(name: string, effects: Effects): Record<string, object> {
  type ErrorArguments = ConstructorParameters<typeof ResolverError>;
  const [typeName, fieldName] = name.split('.');
  const fail = (...error: ErrorArguments): never => {
    throw new ResolverError(...error);
  };
  const util = {
    error: fail,
    appendError: (...error: ErrorArguments) => void effects.errors.push(new ResolverError(...error)),
    unauthorized: () => fail(`Not Authorized to access ${fieldName} on type ${typeName}`, 'Unauthorized'),
    authType: () => (effects.authMode ? AUTH_TYPES[effects.authMode] : ''),
    autoId: () => randomUUID(),
    time: only('util.time', { nowISO8601: () => new Date().toISOString() }),
    transform: only('util.transform', { toSubscriptionFilter }),
  };
  const setSubscriptionFilter = (filter: SubscriptionFilter) => {
    if (typeName !== 'Subscription') throw new Error(`setSubscriptionFilter in ${name}, which is no subscription`);
    effects.filter = checkedFilter(filter);
  };
  const console = {
    log: (...values: unknown[]): void => effects.say?.('info', values),
    error: (...values: unknown[]): void => effects.say?.('error', values),
  };
  return {
    util: only('util', util),
    extensions: only('extensions', { setSubscriptionFilter }),
    runtime: only('runtime', {}),
    console: only('console', console),
  };
}
