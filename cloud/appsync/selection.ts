import { type FieldNode, type FragmentDefinitionNode, Kind, print, type SelectionSetNode } from 'graphql';

type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;
type Sets = readonly SelectionSetNode[];

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const responseKey = ({ alias, name }: FieldNode) => alias?.value ?? name.value;
export const selectionSets = (nodes: readonly FieldNode[]): Sets => nodes.flatMap((node) => node.selectionSet ?? []);

function fieldsOf(sets: Sets, fragments: Fragments): FieldNode[] {
  const nodes = sets.flatMap(({ selections }) => selections);
  return nodes.flatMap((node) => {
    if (node.kind === Kind.FIELD) return node;
    const set = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments[node.name.value]?.selectionSet;
    return fieldsOf(set ? [set] : [], fragments);
  });
}

/** The selected part of `value`, under the fields' own names: filters and other clients' selections know no alias. */
export function selected(sets: Sets, value: unknown, fragments: Fragments): unknown {
  if (Array.isArray(value)) return value.map((item) => selected(sets, item, fragments));
  if (!isRecord(value) || sets.length === 0) return value;
  const fields = Object.entries(Object.groupBy(fieldsOf(sets, fragments), responseKey));
  const present = fields.filter(([key]) => key in value);
  return Object.fromEntries(
    present.map(([key, nodes = []]) => [nodes[0]?.name.value, selected(selectionSets(nodes), value[key], fragments)]),
  );
}

/** Of a resolver's `ctx.info`. */
export function selectionInfo(nodes: readonly FieldNode[], fragments: Fragments) {
  const sets = selectionSets(nodes);
  return { selectionSetList: paths(sets, fragments), selectionSetGraphQL: sets.map(print).join('\n') };
}

function paths(sets: Sets, fragments: Fragments, prefix = ''): string[] {
  return fieldsOf(sets, fragments).flatMap((field) => {
    const path = prefix + responseKey(field);
    return [path, ...paths(selectionSets([field]), fragments, `${path}/`)];
  });
}
