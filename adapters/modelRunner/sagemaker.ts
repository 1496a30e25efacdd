import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import * as z from 'zod';
import type { ModelManifest } from '../../core/modelManifest.ts';
import { assertFinite, type ModelRunner } from './modelRunner.ts';

/** What `workers/inference/sagemaker` answers: the model's outputs, flat, with the grid of the activation maps. */
export const invocationAnswer = z.object({
  logits: z.array(z.number()),
  activation: z.object({ data: z.array(z.number()), rows: z.number(), columns: z.number() }).nullable(),
  distance: z.number().nullable(),
});

/**
 * The same model behind a SageMaker Serverless Inference endpoint: the decoded uint8 tensor goes there as it is (at
 * most 4 MB). A cold endpoint needs up to a minute, which is SageMaker's own limit for one invocation.
 */
export function createSageMakerRunner(endpointName: string, manifest: ModelManifest): ModelRunner {
  const client = new SageMakerRuntimeClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  });
  return {
    async run(rgb) {
      const { Body } = await client.send(
        new InvokeEndpointCommand({
          EndpointName: endpointName,
          ContentType: 'application/octet-stream',
          Accept: 'application/json',
          Body: rgb,
        }),
      );
      const answer = invocationAnswer.parse(JSON.parse(new TextDecoder().decode(Body)));
      if (answer.logits.length !== manifest.classes.length) throw new Error('The endpoint serves another model');
      const { logits, activation, distance } = answer;
      return assertFinite({
        logits: Float32Array.from(logits),
        activation: activation && { ...activation, data: Float32Array.from(activation.data) },
        distance,
      });
    },
  };
}
