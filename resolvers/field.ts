import type * as z from 'zod';
import { log } from '../adapters/log.ts';
import { LesionError } from '../core/errors.ts';
import type { ResolverTypes } from './generated/resolvers.ts';
import { ownerOf } from './owner.ts';

type Field = keyof ResolverTypes;

/** What `invokeLambda.js` makes a GraphQL result or error of. */
export type FieldAnswer<Result> =
  | { data: Result }
  | { error: { message: string; type: string; errorInfo: LesionError['info'] } };

/**
 * The Lambda handler of one GraphQL field: checks the arguments, finds the owner, resolves, and gives every error a
 * type of the closed list. What a caller is not meant to see becomes a log line.
 */
export function fieldHandler<F extends Field>(
  argumentsSchema: z.ZodType<ResolverTypes[F]['arguments']>,
  resolve: (args: ResolverTypes[F]['arguments'], owner: string) => Promise<ResolverTypes[F]['result']>,
) {
  return async (event: {
    arguments: unknown;
    identity?: unknown;
  }): Promise<FieldAnswer<ResolverTypes[F]['result']>> => {
    try {
      const owner = ownerOf(event.identity);
      return { data: await resolve(parseArguments(argumentsSchema, event.arguments), owner) };
    } catch (error) {
      const { message, type, info } = forCaller(error);
      return { error: { message, type, errorInfo: info } };
    }
  };
}

function parseArguments<Arguments>(schema: z.ZodType<Arguments>, args: unknown): Arguments {
  const parsed = schema.safeParse(args);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({ argument: path.join('.'), problem: message }));
  const sentences = problems.map(({ argument, problem }) => `${argument}: ${problem}`);
  throw new LesionError('InvalidInput', sentences.join('; '), { info: { problems } });
}

function forCaller(error: unknown): LesionError {
  if (error instanceof LesionError) return error;
  log.error('resolver failed', { error });
  if (isPassing(error)) {
    return new LesionError('ServiceUnavailable', 'A service behind the API does not answer. Try again.', {
      info: { retryAfterSeconds: 2 },
    });
  }
  return new LesionError('InternalError', 'Something went wrong on our side. Try again later.');
}

/** Errors of the AWS SDK, network errors and time-outs: all may be gone a moment later, save for a refusal. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (/AccessDenied|ValidationException/.test(error.name)) return false;
  return '$metadata' in error || 'code' in error || error.name === 'TimeoutError' || error.name === 'AbortError';
}
