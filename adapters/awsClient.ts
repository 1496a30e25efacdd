/**
 * Bounds on every call to AWS: three tries with the SDK's jittered back-off, a second to connect and three to answer,
 * which together stay below the shortest function's own time-out.
 */
export const boundedClient = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
};

/** Whether an SDK error is the named one; the SDK's classes are not shared between its packages. */
export function isAwsError(error: unknown, ...names: string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** The HTTP status behind an SDK error; undefined if it is none or no answer came. */
export function httpStatusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
