import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, type Caller, withToken } from '../support/callers.ts';
import { useCloud } from '../support/cloud.ts';
import { rootFields } from '../support/everyField.ts';

const run = useCloud();
let user: Caller;
beforeAll(async () => {
  user = withToken(await run.cloud.token('mallory'));
});

/** What a caller can be at fault for: anything else would say that the API itself stumbled. */
const faultsOfCallers = ['InvalidInput', 'NotFound', 'ImageNotFound', 'UnsupportedImage', 'TooManyRequests'];

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.uuid(),
  fc.constantFrom('', ' ', '\0', '__proto__', 'constructor', '\ud800', '#', "'; --", '{{7*7}}', '$(id)', '%00', '..'),
);
/** Of the right form, with anything in it. */
const nextToken = fc
  .record({ requestId: text, submittedAt: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()) })
  .map((made) => Buffer.from(JSON.stringify(made)).toString('base64url'));

const inputs: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
  'Query.getResult': fc.record({ requestId: text }),
  'Query.listRequests': fc.record({ limit: fc.integer(), nextToken: fc.oneof(text, nextToken) }, { requiredKeys: [] }),
  'Mutation.createUpload': fc.record({ input: fc.record({ contentType: text, contentLength: fc.integer() }) }),
  'Mutation.submitRequest': fc.record({
    input: fc.record({ imageKey: text, clientToken: text, reference: text }, { requiredKeys: ['imageKey'] }),
  }),
  'Mutation.cancelRequest': fc.record({ requestId: text }),
  'Mutation.retryRequest': fc.record({ requestId: text }),
  'Mutation.deleteRequest': fc.record({ requestId: text }),
};

const start = { requestId: '', submittedAt: '2026-01-01T00:00:00.000Z' };
/** Found by hand: DynamoDB takes no empty key. */
const examples: Record<string, [Record<string, unknown>][]> = {
  'Query.listRequests': [[{ nextToken: Buffer.from(JSON.stringify(start)).toString('base64url') }]],
};

describe('whatever text an argument is', () => {
  test.each(Object.keys(inputs))('%s answers with a fault of the caller, if with any', async (name) => {
    const document = rootFields.find((field) => field.name === name)?.document ?? '';
    const property = fc.asyncProperty(inputs[name]!, async (variables) => {
      const { status, errors = [] } = await ask(run.cloud, user, document, variables);
      expect(status).toBe(200);
      for (const { errorType } of errors) expect(faultsOfCallers).toContain(errorType);
    });
    await fc.assert(property, { numRuns: 40, seed: 20260101, examples: examples[name] ?? [] });
  });
});
