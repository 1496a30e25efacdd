// Runs in a function's own process, in place of Lambda's Node runtime: loads the handler named by the
// environment and answers one invocation at a time over the IPC channel. Loads nothing besides.
import { join } from 'node:path';
import { format } from 'node:util';

const PAYLOAD_LIMIT = 6_291_556;
const { AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB } = process.env;
let requestId = '';

for (const level of ['trace', 'debug', 'info', 'log', 'warn', 'error'])
  console[level] = (...values) => {
    const message = values.length === 1 && isPlain(values[0]) ? values[0] : format(...values);
    // A pipe is written synchronously, so that the last lines before a crash are kept.
    process.stdout.write(`\u001e${JSON.stringify({ time: new Date(), requestId, level, message })}\n`);
  };

// Ctrl-C in a terminal reaches every process; it is the parent that ends this one.
process.on('SIGINT', () => {});
// The parent is gone, by whatever way: so is this process.
process.on('disconnect', () => process.exit());
process.on('uncaughtException', (error) => die(error, 129));
process.on('unhandledRejection', (reason) =>
  die(Object.assign(new Error(String(reason), { cause: reason }), { name: 'Runtime.UnhandledPromiseRejection' }), 128),
);

try {
  const [file = '', exported = ''] = process.env._HANDLER.split('.');
  const { [exported]: handler } = await import(join(process.env.LAMBDA_TASK_ROOT, `${file}.mjs`));
  if (typeof handler !== 'function')
    throw Object.assign(new Error(`${process.env._HANDLER} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    });
  process.on('message', (invocation) => answer(handler, invocation));
  process.send({ ready: true });
} catch (error) {
  die(error, 1);
}

async function answer(handler, { id, event, deadline, arn }) {
  requestId = id;
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    awsRequestId: id,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: String(process.pid),
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    process.send({ payload: marshal(await handler(JSON.parse(event), context)) });
  } catch (error) {
    process.send({ error: describe(error) });
  }
}

function marshal(result) {
  const payload = JSON.stringify(result ?? null);
  if (Buffer.byteLength(payload) <= PAYLOAD_LIMIT) return payload;
  const message = `Response payload size exceeded maximum allowed payload size (${PAYLOAD_LIMIT} bytes).`;
  throw Object.assign(new Error(message), { name: 'Function.ResponseSizeTooLarge' });
}

function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') };
}

function die(error, status) {
  process.send({ fatal: describe(error) }, () => process.exit(status));
}

function isPlain(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value))
  );
}
