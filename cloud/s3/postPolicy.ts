import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { accessDenied, S3Error } from './s3Error.ts';

const policyDocument = z.strictObject({
  expiration: z.iso.datetime(),
  conditions: z.array(
    z.union([
      z.tuple([z.literal('content-length-range'), z.coerce.number(), z.coerce.number()]),
      z.tuple([z.enum(['eq', 'starts-with']), z.string().startsWith('$'), z.string()]),
      z.record(z.string(), z.string()),
    ]),
  ),
});

type Condition = z.infer<typeof policyDocument>['conditions'][number];

/**
 * Who signed the form's policy. Throws AccessDenied (no policy), InvalidAccessKeyId, SignatureDoesNotMatch.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
 */
export function signerOf(fields: Map<string, string>, secretOf: (accessKeyId: string) => string | undefined): string {
  const policy = fields.get('policy');
  if (policy === undefined) throw accessDenied('A POST without a policy is anonymous');
  const [accessKeyId = '', ...scope] = (fields.get('x-amz-credential') ?? '').split('/');
  const secret = secretOf(accessKeyId);
  if (secret === undefined) throw new S3Error(403, 'InvalidAccessKeyId', `There is no access key ${accessKeyId}`);
  const signingKey = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const expected = hmac(signingKey, policy);
  const given = Buffer.from(fields.get('x-amz-signature') ?? '', 'hex');
  const sound =
    fields.get('x-amz-algorithm') === 'AWS4-HMAC-SHA256' && /^\d{8},[^,]+,s3,aws4_request$/.test(`${scope}`);
  if (sound && given.length === expected.length && timingSafeEqual(given, expected)) return accessKeyId;
  throw new S3Error(403, 'SignatureDoesNotMatch', 'The signature of the policy is not the one calculated for it');
}

/**
 * Holds a form to its policy: expiry, every condition, no field that none names, the file's size (bytes).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export function checkPolicy(fields: Map<string, string>, size: number, now: number): void {
  const { expiration, conditions } = parsePolicy(fields.get('policy') ?? '');
  if (Date.parse(expiration) <= now) throw accessDenied('Invalid according to Policy: Policy expired.');
  const named = conditions.flatMap((condition) => checkCondition(condition, fields, size));
  const allowed = new Set(['policy', 'x-amz-signature', ...named]);
  const extra = [...fields.keys()].filter((name) => !allowed.has(name));
  if (extra.length > 0) throw accessDenied(`Invalid according to Policy: Extra input fields: ${extra.join(', ')}`);
}

function parsePolicy(base64: string): z.infer<typeof policyDocument> {
  try {
    return policyDocument.parse(JSON.parse(Buffer.from(base64, 'base64').toString()));
  } catch (cause) {
    throw new S3Error(400, 'InvalidPolicyDocument', `Invalid Policy: ${cause}`);
  }
}

/** Answers the names of the fields that the condition is about. */
function checkCondition(condition: Condition, fields: Map<string, string>, size: number): string[] {
  if (!Array.isArray(condition)) {
    const exact = Object.entries(condition);
    return exact.flatMap(([name, value]) => checkCondition(['eq', `$${name}`, value], fields, size));
  }
  if (condition[0] === 'content-length-range') {
    const [, min, max] = condition;
    if (size >= min && size <= max) return [];
    const sizes = { ProposedSize: size, MinSizeAllowed: min, MaxSizeAllowed: max };
    const code = size > max ? 'EntityTooLarge' : 'EntityTooSmall';
    throw new S3Error(400, code, `Your proposed upload is not within ${min} to ${max} bytes`, sizes);
  }
  const [operator, variable, expected] = condition;
  const name = variable.slice(1).toLowerCase();
  const value = fields.get(name) ?? '';
  if (operator === 'eq' ? value === expected : value.startsWith(expected)) return [name];
  throw accessDenied(`Invalid according to Policy: Policy Condition failed: ${JSON.stringify(condition)}`);
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
