import { AwsClient } from 'aws4fetch';
import * as z from 'zod';
import type { Request } from '../core/generated/schema.ts';

export type Publisher = ReturnType<typeof createPublisher>;

export interface SigningCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ errorType: z.string().nullish(), message: z.string().nullish() })).optional(),
});

const timeoutMilliseconds = 5000;

/** Sends `publishRequestUpdate`, signed with SigV4 as AppSync's IAM mode wants it. */
export function createPublisher(graphqlUrl: string, document: string, region: string, credentials: SigningCredentials) {
  const aws = new AwsClient({ ...credentials, service: 'appsync', region, retries: 0 });

  /** @throws Error if AppSync did not take it; HTTP 200 with errors is a failure too */
  async function publish(request: Request): Promise<void> {
    const response = await aws.fetch(graphqlUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: document, variables: { request: JSON.stringify(request) } }),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    const body = await response.text();
    if (!response.ok) throw new Error(`AppSync answered ${response.status}`);
    const { data, errors } = answerSchema.parse(JSON.parse(body));
    if (errors?.length || !data) throw new Error(`AppSync refused the push: ${errors?.[0]?.errorType ?? 'no data'}`);
  }

  return { publish };
}
