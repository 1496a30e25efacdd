import type { Program } from 'acorn';
import { isRecord } from './selection.ts';

type Node = Record<string, unknown>;

/** What the runtime has not: https://docs.aws.amazon.com/appsync/latest/devguide/supported-features.html */
const REFUSED_SYNTAX = new Set(
  `AwaitExpression YieldExpression ClassDeclaration ClassExpression ThisExpression TryStatement ThrowStatement
  WhileStatement DoWhileStatement ForStatement ContinueStatement LabeledStatement UpdateExpression ImportExpression
  ImportDefaultSpecifier ImportNamespaceSpecifier ExportDefaultDeclaration ExportAllDeclaration`.split(/\s+/),
);
const CONSTANTS = ['undefined', 'NaN', 'Infinity'];

/** What code may use: names of the language, and the runtime's own objects with the members that are emulated. */
export interface RuntimeNames {
  globals: readonly string[];
  objects: Record<string, object>;
}

/**
 * Looks at all of the code, that which never runs included.
 * @throws Error with the line of what AppSync would refuse, and of what is not emulated
 */
export function checkResolverCode(code: string, program: Program, names: RuntimeNames): void {
  const imported = new Set<unknown>();
  const own = declaredIn(program);
  const objects = withAliases(program, own, names.objects);
  for (const node of nodesIn(program)) {
    const problem = problemOf(node) ?? memberProblem(node, objects);
    if (problem) throw new Error(`line ${lineOf(code, node)}: ${problem}`);
    if (node.type === 'ImportSpecifier' && isRecord(node.local)) imported.add(node.local.name);
  }
  const declared = new Set([...own, ...names.globals, ...CONSTANTS, ...Object.keys(names.objects)]);
  for (const { name, node } of referencesIn(program)) {
    if (declared.has(name)) continue;
    const problem = imported.has(name) ? `${name} of @aws-appsync/utils is not emulated` : `${name} is not defined`;
    throw new Error(`line ${lineOf(code, node)}: ${problem}`);
  }
}

function lineOf(code: string, { start }: Node): number {
  return code.slice(0, Number(start)).split('\n').length;
}

function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (!isRecord(value)) return [];
  return [...(typeof value.type === 'string' ? [value] : []), ...Object.values(value).flatMap(nodesIn)];
}

function problemOf(node: Node): string | undefined {
  const { type, operator, local, source } = node;
  const other = node.imported ?? node.exported;
  if (REFUSED_SYNTAX.has(String(type))) return String(type);
  if (node.async === true || node.generator === true) return 'async function or generator';
  if (operator === '~' || (type === 'BinaryExpression' && operator === 'in')) return `operator ${operator}`;
  if (type === 'Literal' && node.regex) return 'RegExp';
  if (isRecord(local) && isRecord(other) && local.name !== other.name) return 'renaming import or export';
  return isRecord(source) && source.value !== '@aws-appsync/utils' ? `import of ${source.value}` : undefined;
}

/** A member of `util` or the like that is not emulated, read by its name or taken out of it. */
function memberProblem(node: Node, objects: RuntimeNames['objects']): string | undefined {
  if (node.type === 'MemberExpression') return missing(pathOf(node), objects);
  if (node.type !== 'VariableDeclarator' || !isRecord(node.id) || node.id.type !== 'ObjectPattern') return;
  const path = pathOf(node.init);
  if (!path) return;
  const properties = Array.isArray(node.id.properties) ? node.id.properties.filter(isRecord) : [];
  return properties.map(({ key }) => missing([...path, isRecord(key) ? String(key.name) : '?'], objects)).find(Boolean);
}

/**
 * The runtime's objects by every name that they have in the code, such as `time` after `const { time } = util`. A name
 * that the code gives to something else too is left to the runtime, which refuses what is not emulated when it is used.
 */
function withAliases(program: Program, own: readonly string[], objects: RuntimeNames['objects']) {
  const found = Object.fromEntries(Object.entries(objects).filter(([name]) => !own.includes(name)));
  const isOnce = (name: string) => own.indexOf(name) === own.lastIndexOf(name);
  for (const { type, id, init } of nodesIn(program)) {
    const object = type === 'VariableDeclarator' ? objectAt(pathOf(init), found) : undefined;
    if (!object || !isRecord(id)) continue;
    const properties = Array.isArray(id.properties) ? id.properties.filter(isRecord) : [];
    const pairs = properties.map(({ key, value }) => [value, isRecord(key) && objectAt([String(key.name)], object)]);
    for (const [pattern, value] of [[id.type === 'Identifier' ? id : undefined, object], ...pairs]) {
      const [name = ''] = namesOf(pattern);
      if (isRecord(value) && isOnce(name)) found[name] = value;
    }
  }
  return found;
}

function objectAt(path: readonly string[] | undefined, from: object): object | undefined {
  return path?.reduce<unknown>((at, name) => (isRecord(at) && name in at ? at[name] : undefined), from) ?? undefined;
}

/** `['util', 'time', 'nowISO8601']`; undefined where it does not begin with a name. */
function pathOf(node: unknown): string[] | undefined {
  if (!isRecord(node)) return;
  if (node.type === 'Identifier') return [String(node.name)];
  if (node.type !== 'MemberExpression' || !isRecord(node.property)) return;
  const path = pathOf(node.object);
  const { property, computed } = node;
  const name = computed ? (property.type === 'Literal' ? property.value : '[…]') : property.name;
  return path && [...path, String(name)];
}

function missing([root = '', ...members]: string[] = [], objects: RuntimeNames['objects']): string | undefined {
  let at: unknown = Object.hasOwn(objects, root) ? objects[root] : undefined;
  for (const [index, name] of members.entries()) {
    if (!isRecord(at)) return;
    if (!(name in at)) return `${[root, ...members.slice(0, index + 1)].join('.')} is not emulated`;
    at = at[name];
  }
  return;
}

/** Every name that the code itself brings in, wherever. An import brings in what is emulated, and that is known. */
function declaredIn(program: unknown): string[] {
  return nodesIn(program).flatMap((node) => {
    if (node.type === 'VariableDeclarator') return namesOf(node.id);
    if (!/Function/.test(String(node.type))) return [];
    return [node.id, ...(Array.isArray(node.params) ? node.params : [])].flatMap(namesOf);
  });
}

/** Names that a pattern binds. */
function namesOf(pattern: unknown): string[] {
  if (!isRecord(pattern)) return [];
  if (pattern.type === 'Identifier') return [String(pattern.name)];
  if (pattern.type === 'Property') return namesOf(pattern.value);
  const { properties, elements, left, argument } = pattern;
  return [properties, elements, left, argument].flat().flatMap(namesOf);
}

/** Every place that uses a name as a value. */
function referencesIn(value: unknown): { name: string; node: Node }[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isRecord(value)) return [];
  const { type, computed } = value;
  if (type === 'Identifier') return [{ name: String(value.name), node: value }];
  if (type === 'ImportDeclaration') return [];
  if (type === 'ExportSpecifier') return referencesIn(value.local);
  if (type === 'MemberExpression') return referencesIn([value.object, computed ? value.property : undefined]);
  if (type === 'Property') return referencesIn([value.value, computed ? value.key : undefined]);
  return Object.values(value).flatMap(referencesIn);
}
