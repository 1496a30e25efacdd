// Runs in a function's own process, in place of Lambda's Node runtime: loads the handler named by the
// environment and answers one invocation at a time over the IPC channel. Loads nothing besides.
import { existsSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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

provideSdk(process.argv[2]);

try {
  const handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  if (typeof handler !== 'function')
    throw Object.assign(new Error(`${process.env._HANDLER} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    });
  process.on('message', (invocation) => answer(handler, invocation));
  process.send({ ready: true });
} catch (error) {
  die(error, 1);
}

/** Of `index.handler`, `handler` of `index.mjs`, `index.js` or `index.cjs`, whichever is there first. */
async function loadHandler(root, name) {
  const dot = name.lastIndexOf('.');
  const files = ['.mjs', '.js', '.cjs'].map((ending) => join(root, `${name.slice(0, dot)}${ending}`));
  const file = files.find((path) => existsSync(path)) ?? files[0];
  const module = await import(pathToFileURL(file).href);
  const exported = name.slice(dot + 1);
  return module[exported] ?? module.default?.[exported];
}

/** Lambda's runtime has the AWS SDK. Here the app's own stands in, for what a function does not bring along. */
function provideSdk(appDirectory) {
  const { resolve: find } = createRequire(join(appDirectory, 'runtime.js'));
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!/^@(aws-sdk|smithy)\//.test(specifier)) throw error;
        return { url: pathToFileURL(find(specifier)).href, shortCircuit: true };
      }
    },
  });
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
