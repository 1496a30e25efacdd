import * as z from 'zod';

/** Properties without effect on one machine. With `z.strictObject`, any other stops the start by its name. */
export function ignore<const Name extends string>(...names: Name[]): Record<Name, z.ZodOptional<z.ZodUnknown>> {
  const ignored = names.map((name) => [name, z.unknown().optional()]);
  return Object.fromEntries(ignored);
}
