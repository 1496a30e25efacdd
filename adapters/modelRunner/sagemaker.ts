import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import * as z from 'zod';
import type { ModelManifest } from '../../core/modelManifest.ts';
import { assertFits, type ModelRunner } from './modelRunner.ts';

/** What `workers/inference/sagemaker` answers: a `ModelOutput`, its arrays plain ones. */
const invocationAnswer = z.object({
  logits: z.array(z.array(z.number())),
  activation: z.object({ data: z.array(z.number()), rows: z.number(), columns: z.number() }).nullable(),
  distance: z.number().nullable(),
  modality: z.number().nullable(),
});

/** SageMaker Serverless Inference takes 4 MB in a request. */
const largestRequest = 4 * 2 ** 20;

export interface SageMakerRunnerOptions {
  /**
   * Milliseconds for all tries of a photo together. A cold endpoint may take a minute; the function has two, and the
   * message that was given up finds the endpoint warm.
   */
  timeout?: number;
}

/**
 * The same model behind a SageMaker Serverless Inference endpoint: the decoded uint8 square goes there as it is, and is
 * turned there, so that a photo is one request however many views the model has, and eight views of 512 pixels do not
 * burst the 4 MB that an endpoint takes. A busy
 * or failing endpoint is asked twice more, with the SDK's back-off; after that the message goes back to its queue.
 *
 * @throws Error if the model's input is too large for such an endpoint
 */
export function createSageMakerRunner(
  endpointName: string,
  manifest: ModelManifest,
  { timeout = 50_000 }: SageMakerRunnerOptions = {},
): ModelRunner {
  const { width, height } = manifest.input;
  if (width * height * 3 > largestRequest) {
    throw new Error(
      `${manifest.name} takes ${width} × ${height} pixels, more than the 4 MB a serverless endpoint accepts`,
    );
  }
  const client = new SageMakerRuntimeClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2000, requestTimeout: timeout, throwOnRequestTimeout: true },
  });
  return {
    async run(rgb) {
      const answer = await invoke(client, endpointName, rgb, AbortSignal.timeout(timeout));
      const { logits, activation, distance, modality } = answer;
      const output = {
        logits: logits.map((view) => Float32Array.from(view)),
        activation: activation && { ...activation, data: Float32Array.from(activation.data) },
        distance,
        modality,
      };
      return assertFits(output, manifest, endpointName);
    },
  };
}

async function invoke(client: SageMakerRuntimeClient, endpointName: string, rgb: Uint8Array, abortSignal: AbortSignal) {
  const { Body } = await client.send(
    new InvokeEndpointCommand({
      EndpointName: endpointName,
      ContentType: 'application/octet-stream',
      Accept: 'application/json',
      Body: rgb,
    }),
    { abortSignal },
  );
  return invocationAnswer.parse(JSON.parse(new TextDecoder().decode(Body)));
}
