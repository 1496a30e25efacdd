import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createFunction, type LambdaFunction } from './function.ts';
import type { FunctionOptions } from './sandbox.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'lambda-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function functionOf(source: string, options: Partial<FunctionOptions> = {}): LambdaFunction & { log(): string } {
  const home = directory();
  writeFileSync(join(home, 'index.mjs'), source);
  const lambda = createFunction({
    name: 'tiny',
    handler: 'index.handler',
    codeDirectory: home,
    appDirectory: home,
    memoryMb: 128,
    timeoutSeconds: 5,
    environment: {},
    concurrency: 1,
    directory: join(home, 'tmp'),
    logDirectory: home,
    ...options,
  });
  cleanups.push(() => lambda.stop());
  return { ...lambda, log: () => readFileSync(join(home, 'tiny.log'), 'utf8') };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('an invocation', () => {
  test('gets the event and the context, and its result comes back', async () => {
    const lambda = functionOf(`export const handler = async (event, context) => ({
      event, name: context.functionName, arn: context.invokedFunctionArn, memory: context.memoryLimitInMB,
      left: context.getRemainingTimeInMillis(), id: context.awsRequestId })`);
    expect(await lambda.invoke({ a: [1, null, 'ü'] })).toEqual({
      payload: {
        event: { a: [1, null, 'ü'] },
        name: 'tiny',
        arn: 'arn:aws:lambda:us-east-1:000000000000:function:tiny',
        memory: '128',
        left: expect.toSatisfy((ms: number) => ms > 4000 && ms <= 5000),
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
  });

  test('runs code from a folder of any name', async () => {
    const codeDirectory = join(directory(), 'a space, 100%25 #1?');
    mkdirSync(codeDirectory);
    writeFileSync(join(codeDirectory, 'index.mjs'), 'export const handler = async () => 1');
    expect(await functionOf('', { codeDirectory }).invoke({})).toEqual({ payload: 1 });
  });

  test.each([
    ['index.js', 'exports.handler = async () => require("node:path").basename(__filename)'],
    ['index.cjs', 'module.exports = { handler: async () => require("node:path").basename(__filename) }'],
    ['src/index.js', 'exports.handler = async () => "index.js"'],
  ])('runs CommonJS: %s', async (file, source) => {
    const codeDirectory = directory();
    mkdirSync(dirname(join(codeDirectory, file)), { recursive: true });
    writeFileSync(join(codeDirectory, file), source);
    const handler = file.replace(/\.c?js$/, '.handler');
    expect(await functionOf('', { codeDirectory, handler }).invoke({})).toEqual({ payload: basename(file) });
  });

  test('answers null for a handler that returns nothing', async () => {
    expect(await functionOf('export const handler = async () => {}').invoke({})).toEqual({ payload: null });
  });

  test('of a handler that throws answers type, message and trace, and the process goes on', async () => {
    const lambda = functionOf(`let calls = 0
      export const handler = async (fail) => { calls++; if (fail) throw new TypeError('no such item'); return calls }`);
    expect(await lambda.invoke(true)).toEqual({
      error: {
        errorType: 'TypeError',
        errorMessage: 'no such item',
        trace: expect.arrayContaining(['TypeError: no such item']),
      },
    });
    expect(await lambda.invoke(false)).toEqual({ payload: 2 });
  });

  test('past the time-out is killed and told as Lambda tells it', async () => {
    const lambda = functionOf('export const handler = (hang) => { while (hang); return "up" }', {
      timeoutSeconds: 0.25,
    });
    expect(await lambda.invoke(true)).toEqual({
      error: {
        errorType: 'Sandbox.Timedout',
        errorMessage: expect.stringMatching(/^\d{4}-.*Z [0-9a-f-]{36} Task timed out after 0\.25 seconds$/),
      },
    });
    expect(await lambda.invoke(false)).toEqual({ payload: 'up' });
  });

  test.each([
    ['process.kill(process.pid, "SIGKILL")', 'signal: killed'],
    ['process.exit(3)', 'exit status 3'],
  ])('that ends its process by %s is a Runtime.ExitError, and the next one starts anew', async (suicide, how) => {
    const lambda = functionOf(
      `export const handler = (die) => { if (die) { ${suicide}; return new Promise(() => {}) } return 'up' }`,
    );
    expect(await lambda.invoke(true)).toEqual({
      error: {
        errorType: 'Runtime.ExitError',
        errorMessage: expect.stringMatching(`^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: ${how}$`),
      },
    });
    expect(await lambda.invoke(false)).toEqual({ payload: 'up' });
  });

  test('with an unhandled rejection fails, and the process is replaced', async () => {
    const lambda = functionOf(`export const handler = (die) => die
      ? (Promise.reject(new Error('lost')), new Promise(() => {})) : 'up'`);
    expect(await lambda.invoke(true)).toMatchObject({ error: { errorType: 'Runtime.UnhandledPromiseRejection' } });
    expect(await lambda.invoke(false)).toEqual({ payload: 'up' });
  });

  test('of a module that cannot be loaded tells why', async () => {
    expect(await functionOf('import "no-such-module"').invoke({})).toMatchObject({
      error: { errorMessage: expect.stringContaining('no-such-module') },
    });
    expect(await functionOf('export const other = 1').invoke({})).toMatchObject({
      error: { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
    });
  });

  test('is refused above 6 MB, both ways', async () => {
    const lambda = functionOf('export const handler = (size) => "x".repeat(size)');
    expect(await lambda.invoke('x'.repeat(6 * 1024 * 1024))).toMatchObject({
      error: { errorType: 'RequestEntityTooLargeException' },
    });
    expect(await lambda.invoke(6_291_556)).toMatchObject({ error: { errorType: 'Function.ResponseSizeTooLarge' } });
    expect(await lambda.invoke(6_000_000)).toMatchObject({ payload: expect.stringMatching(/^x+$/) });
  });
});

describe('the process of a function', () => {
  test('has its own environment and nothing of ours', async () => {
    vi.stubEnv('OURS', 'secret');
    cleanups.push(() => vi.unstubAllEnvs());
    const lambda = functionOf('export const handler = async () => ({ ...process.env, cwd: process.cwd() })', {
      environment: { AWS_REGION: 'us-east-1', REQUEST_TABLE_NAME: 'RequestTable' },
    });
    const { payload } = succeeded(await lambda.invoke({}));
    expect(payload).toMatchObject({
      AWS_REGION: 'us-east-1',
      REQUEST_TABLE_NAME: 'RequestTable',
      AWS_LAMBDA_FUNCTION_NAME: 'tiny',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      TZ: 'UTC',
    });
    expect(payload).not.toHaveProperty('OURS');
    expect(payload).toHaveProperty('cwd', Object(payload).TMPDIR);
  });

  test('has the memory of the template as its heap limit', async () => {
    const lambda = functionOf(
      `import { getHeapStatistics } from 'node:v8'
      export const handler = async () => getHeapStatistics().heap_size_limit / 2 ** 20`,
      { memoryMb: 1000 },
    );
    const { payload } = succeeded(await lambda.invoke({}));
    expect(payload).toSatisfy((megabytes: number) => megabytes >= 1000 && megabytes < 1300);
  });

  test('is kept for the next invocation; another one starts only while all are busy, up to the limit', async () => {
    const lambda = functionOf(
      `export const handler = (ms) => new Promise((done) => setTimeout(() => done(process.pid), ms))`,
      { concurrency: 2 },
    );
    const first = succeeded(await lambda.invoke(0));
    expect(await lambda.invoke(0)).toEqual(first);
    const burst = await Promise.all([1, 2, 3, 4].map(() => lambda.invoke(50)));
    expect(new Set(burst.map((result) => succeeded(result).payload)).size).toBe(2);
    expect(lambda.pids()).toHaveLength(2);
  });

  test('can be killed while it works; what waits is served by a new one', async () => {
    const lambda = functionOf('export const handler = (hang) => hang ? new Promise(() => {}) : process.pid');
    const before = succeeded(await lambda.invoke(false)).payload;
    const hanging = lambda.invoke(true);
    const next = lambda.invoke(false);
    await lambda.kill();
    expect(await hanging).toMatchObject({ error: { errorMessage: expect.stringContaining('signal: killed') } });
    expect(succeeded(await next).payload).not.toBe(before);
  });

  test('ends with its parent, even one killed by SIGKILL', async () => {
    const home = directory();
    const mark = join(home, 'ended');
    writeFileSync(
      join(home, 'index.mjs'),
      `import { writeFileSync } from 'node:fs'
       process.on('exit', () => writeFileSync(${JSON.stringify(mark)}, ''))
       export const handler = () => process.pid`,
    );
    writeFileSync(
      join(home, 'parent.ts'),
      `import { createFunction } from ${JSON.stringify(new URL('./function.ts', import.meta.url).href)}
       const home = ${JSON.stringify(home)}
       const { invoke } = createFunction({ name: 'tiny', handler: 'index.handler', codeDirectory: home, memoryMb: 128, timeoutSeconds: 5,
         environment: {}, concurrency: 1, appDirectory: home, directory: home, logDirectory: home })
       console.log((await invoke({})).payload); setInterval(() => {}, 1000)`,
    );
    const parent = spawn(process.execPath, [join(home, 'parent.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: parent.stdout }).once('line', resolve),
    );
    expect(isRunning(Number(line))).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(existsSync(mark)).toBe(true));
  });

  test('stops with the function, also in the middle of an invocation', async () => {
    const lambda = functionOf('export const handler = (hang) => hang ? new Promise(() => {}) : process.pid');
    const pid = Number(succeeded(await lambda.invoke(false)).payload);
    const hanging = lambda.invoke(true);
    const waiting = lambda.invoke(true);
    await lambda.stop();
    expect(isRunning(pid)).toBe(false);
    expect(await hanging).toMatchObject({ error: { errorType: 'Runtime.ExitError' } });
    expect(await waiting).toMatchObject({ error: { errorType: 'Sandbox.Stopped' } });
  });
});

test('every line of output is a JSON line with function, request id and level', async () => {
  const lambda = functionOf(`export const handler = async (event, { awsRequestId }) => {
    console.warn('blurred', 7); console.log({ status: 'PENDING' }); process.stdout.write('raw\\n'); return awsRequestId }`);
  const requestId = succeeded(await lambda.invoke({})).payload;
  await lambda.stop();
  const lines = lambda
    .log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const common = { time: expect.stringMatching(/Z$/), function: 'tiny', requestId };
  expect(lines).toEqual(
    expect.arrayContaining([
      { ...common, level: 'warn', message: 'blurred 7' },
      { ...common, level: 'log', message: { status: 'PENDING' } },
      { ...common, level: 'info', message: 'raw' },
      { ...common, level: 'report', message: { ms: expect.any(Number) } },
    ]),
  );
});

/** The result, which must not be an error. */
function succeeded(result: Awaited<ReturnType<LambdaFunction['invoke']>>): { payload: unknown } {
  if ('error' in result) throw new Error(JSON.stringify(result.error));
  return result;
}
