import type { AwsAnswer, AwsCall } from '../engine.ts';
import { S3Error } from './s3Error.ts';

/** A rule of CloudFormation's CorsConfiguration; `MaxAge` in seconds. */
export interface CorsRule {
  AllowedMethods: string[];
  AllowedOrigins: string[];
  AllowedHeaders?: string[];
  ExposedHeaders?: string[];
  MaxAge?: number;
}

/** The answer to a browser's OPTIONS. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html */
export function preflight(rules: CorsRule[], { headers }: AwsCall): AwsAnswer {
  const { origin = 'nobody', 'access-control-request-method': method = 'nothing' } = headers;
  const asked = (headers['access-control-request-headers'] ?? '').toLowerCase().split(/[, ]+/).filter(Boolean);
  const allowed = allowedBy(rules, origin, method, asked);
  if (allowed)
    return { status: 200, headers: { ...allowed, 'access-control-allow-headers': asked.join(', ') }, body: '' };
  const message = `No CORS rule of the bucket allows ${method} from ${origin} with headers [${asked.join(', ')}]`;
  throw new S3Error(403, 'AccessForbidden', message);
}

/** What a browser must see to hand an answer, error or not, to the page that asked. */
export function corsHeaders(rules: CorsRule[], { method, headers }: AwsCall): Record<string, string> {
  return (headers.origin && allowedBy(rules, headers.origin, method, [])) || {};
}

function allowedBy(rules: CorsRule[], origin: string, method: string, headers: string[]) {
  const rule = rules.find(
    ({ AllowedMethods, AllowedOrigins, AllowedHeaders = [] }) =>
      AllowedMethods.includes(method) &&
      AllowedOrigins.some((pattern) => matches(pattern, origin)) &&
      headers.every((name) => AllowedHeaders.some((pattern) => matches(pattern.toLowerCase(), name))),
  );
  if (!rule) return undefined;
  const anyone = rule.AllowedOrigins.includes('*');
  return {
    'access-control-allow-origin': anyone ? '*' : origin,
    'access-control-allow-methods': rule.AllowedMethods.join(', '),
    ...(!anyone && { 'access-control-allow-credentials': 'true' }),
    ...(rule.ExposedHeaders && { 'access-control-expose-headers': rule.ExposedHeaders.join(', ') }),
    ...(rule.MaxAge && { 'access-control-max-age': String(rule.MaxAge) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

/** S3 allows one `*` in a pattern. */
function matches(pattern: string, value: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return pattern === value;
  return value.length >= start.length + end.length && value.startsWith(start) && value.endsWith(end);
}
