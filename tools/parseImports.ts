import { parseSync, Visitor } from 'oxc-parser';

/** One import of a module, in whatever form it is written. */
export interface Import {
  /** As written: a relative path or a package. */
  specifier: string;
  /** Nothing of it is there when the code runs. */
  typeOnly: boolean;
}

/**
 * What a source imports: `import`, `export … from`, `import()`, `require()`, and `import('…')` in a type. A call with
 * anything but a plain string cannot be followed and is left out.
 *
 * @param file its name, whose ending tells TypeScript from JavaScript
 * @throws Error if the source cannot be parsed
 */
export function importsOf(file: string, source: string): Import[] {
  const { program, errors } = parseSync(file, source);
  if (errors[0]) throw new Error(`${file}: ${errors[0].message}`);
  const found: Import[] = [];
  const add = (specifier: unknown, typeOnly = false) => {
    if (typeof specifier === 'string') found.push({ specifier, typeOnly });
  };
  const literal = (node: { type: string; value?: unknown } | null | undefined) =>
    node?.type === 'Literal' ? node.value : undefined;
  new Visitor({
    ImportDeclaration: (node) => add(node.source.value, node.importKind === 'type'),
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === 'type'),
    ExportNamedDeclaration: (node) => add(node.source?.value, node.exportKind === 'type'),
    ImportExpression: (node) => add(literal(node.source)),
    TSImportType: (node) => add(node.source.value, true),
    CallExpression(node) {
      const { callee, arguments: given } = node;
      if (callee.type === 'Identifier' && callee.name === 'require') add(literal(given[0]));
    },
  }).visit(program);
  return found;
}
