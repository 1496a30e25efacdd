import { buildApp } from 'fauxqs';
import { ACCOUNT, type AwsAnswer, type AwsCall, type AwsEngine, arn } from '../engine.ts';

export interface Sqs {
  engine: AwsEngine;
  /**
   * Makes the queue, or changes the one of that name. `attributes` as AWS::SQS::Queue has them; throws naming one that is
   * not emulated. The dead-letter queue must be there before the queue that names it.
   */
  createQueue(queue: { name: string; attributes?: Record<string, unknown> }): Promise<{ url: string; arn: string }>;
  stop(): Promise<void>;
}

const OPERATION =
  /^AmazonSQS\.((?:Send|Delete)Message(?:Batch)?|ChangeMessageVisibility(?:Batch)?|ReceiveMessage|(?:Get|Set)QueueAttributes|PurgeQueue)$/;
const ATTRIBUTE =
  /^(VisibilityTimeout|MessageRetentionPeriod|ReceiveMessageWaitTimeSeconds|DelaySeconds|RedrivePolicy|SqsManagedSseEnabled)$/;

/**
 * fauxqs in this process, without a port of its own. Messages are in memory: a restart loses them, of which
 * `firstScheduleInput` of startCloud can tell the app.
 * @param gatewayUrl the address queue URLs begin with, asked for when a queue is made
 */
export async function startSqs(gatewayUrl: () => string): Promise<Sqs> {
  const app = buildApp({ logger: false });
  const queues = new Set<string>();

  async function send(target: string, payload: Buffer | object): Promise<AwsAnswer> {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
    const reply = await app.inject({ method: 'POST', url: '/', headers, payload });
    const queryError = reply.headers['x-amzn-query-error'];
    return { status: reply.statusCode, headers: answerHeaders(queryError?.toString()), body: reply.body };
  }

  async function handle(call: AwsCall): Promise<AwsAnswer> {
    const target = String(call.headers['x-amz-target']);
    // fauxqs would drop them without a word.
    const withSystemAttributes = call.body.includes('"MessageSystemAttributes"');
    if (OPERATION.test(target) && !withSystemAttributes) {
      const answer = await send(target, call.body);
      if (call.gone?.aborted) await putBack(call, answer);
      return answer;
    }
    const refused = withSystemAttributes ? 'MessageSystemAttributes' : target;
    return errorAnswer(400, 'UnsupportedOperation', `The embedded SQS does not emulate ${refused}`);
  }

  /** A poll goes on after its caller has hung up; what it takes then would stay invisible with nobody to work on it. */
  async function putBack(call: AwsCall, answer: AwsAnswer): Promise<void> {
    if (answer.status !== 200) return;
    const { QueueUrl }: { QueueUrl: string } = JSON.parse(call.body.toString());
    const { Messages = [] }: { Messages?: { ReceiptHandle: string }[] } = JSON.parse(answer.body.toString() || '{}');
    for (const { ReceiptHandle } of Messages)
      await send('AmazonSQS.ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
  }

  return {
    engine: { service: 'sqs', requiredGrants, errorAnswer, handle },
    async createQueue({ name, attributes = {} }) {
      const unknown = Object.keys(attributes).find((attribute) => !ATTRIBUTE.test(attribute));
      if (unknown) throw new Error(`queue ${name}: ${unknown} is not emulated`);
      const asText = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
      const Attributes = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, asText(value)]));
      const deadLetterArn = /"deadLetterTargetArn":"([^"]*)"/.exec(Attributes.RedrivePolicy ?? '')?.[1];
      if (deadLetterArn && !queues.has(deadLetterArn))
        throw new Error(`queue ${name}: there is no ${deadLetterArn} yet`);
      const url = `${gatewayUrl()}/${ACCOUNT}/${name}`;
      const answer = queues.has(arn('sqs', name))
        ? await send('AmazonSQS.SetQueueAttributes', { QueueUrl: url, Attributes })
        : await send('AmazonSQS.CreateQueue', { QueueName: name, Attributes });
      if (answer.status !== 200) throw new Error(`queue ${name}: ${answer.body}`);
      queues.add(arn('sqs', name));
      return { url, arn: arn('sqs', name) };
    },
    stop: () => app.close(),
  };
}

/** A batch needs the grant of the single operation. */
function requiredGrants(call: AwsCall) {
  const operation = OPERATION.exec(String(call.headers['x-amz-target']))?.[1]?.replace(/Batch$/, '');
  const { QueueUrl }: { QueueUrl?: string } = operation ? JSON.parse(call.body.toString()) : {};
  return operation ? [{ action: `sqs:${operation}`, resource: arn('sqs', String(QueueUrl?.split('/').at(-1))) }] : [];
}

function errorAnswer(status: number, code: string, message: string): AwsAnswer {
  const body = JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message });
  return { status, headers: answerHeaders(`${code};Sender`), body };
}

function answerHeaders(queryError: string | undefined): Record<string, string> {
  return { 'content-type': 'application/x-amz-json-1.0', ...(queryError && { 'x-amzn-query-error': queryError }) };
}
