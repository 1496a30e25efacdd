/**
 * The named environment variables, all of which must be set. Called by a Lambda's entry file alone.
 * @throws Error naming every one that is missing
 */
export function environment<const Name extends string>(names: readonly Name[]): Record<Name, string> {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`Environment variables are not set: ${missing.join(', ')}`);
  const entries = names.map((name) => [name, process.env[name]] as const);
  return Object.fromEntries(entries) as Record<Name, string>;
}
