import { fileURLToPath } from 'node:url';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { TensorData } from './tensor.ts';

/** One of a model's outputs. */
export interface OutputData {
  data: Float32Array;
  dims: readonly number[];
}

/** What a model calls its inputs and outputs, with their types and shapes; a shape holds names where the size is open. */
export interface SessionInfo {
  inputs: readonly TensorInfo[];
  outputs: readonly TensorInfo[];
}

export interface TensorInfo {
  name: string;
  type: string;
  shape: readonly (number | string)[];
}

/** An ONNX session in a thread of its own. */
export interface SessionThread {
  /** @throws Error if the file is no model */
  load(modelFile: string): Promise<SessionInfo>;
  /** @throws Error if the model fails, or one of these outputs is not float32 */
  run(input: string, tensor: TensorData, outputs: readonly string[]): Promise<Record<string, OutputData>>;
  /** When the thread has ended; what still waits for it fails. */
  ended: Promise<void>;
  /** After what it is at. It is never torn down in the middle: onnxruntime would take the whole process along. */
  stop(): void;
}

type Call = 'stop' | { load: string } | { run: { input: string; tensor: TensorData; outputs: readonly string[] } };
type Answer = { id: number; value: unknown } | { id: number; error: string };
interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * onnxruntime runs a session on the thread that asks, so in the main thread nothing else could happen meanwhile: no
 * fetch, no decode of the next photo. One intra-op thread per session: two photos at once on two cores beat two cores
 * on one photo (docs/decisions/inference-threads.md).
 *
 * This is text because a function is bundled to a single file, and a thread started from that would be the function
 * once more.
 */
const threadCode = `
const { parentPort, workerData } = require('node:worker_threads');
const { InferenceSession, Tensor } = require(workerData);
parentPort.postMessage({ id: 0 });
const options = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
};
let session;

const describe = ({ name, type, shape }) => ({ name, type, shape: [...shape] });

async function load(modelFile) {
  session = await InferenceSession.create(modelFile, options);
  return { inputs: session.inputMetadata.map(describe), outputs: session.outputMetadata.map(describe) };
}

async function run({ input, tensor: { type, data, dims }, outputs }) {
  const results = await session.run({ [input]: new Tensor(type, data, dims) }, outputs);
  return Object.fromEntries(outputs.map((name) => {
    const { data, dims } = results[name];
    if (!(data instanceof Float32Array)) throw new Error('The output "' + name + '" is not float32');
    return [name, { data, dims: [...dims] }];
  }));
}

parentPort.on('message', async ({ id, call }) => {
  if (call === 'stop') return parentPort.close();
  try {
    parentPort.postMessage({ id, value: await ('load' in call ? load(call.load) : run(call.run)) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    parentPort.postMessage({ id, error: message.replace(/\\s+/g, ' ').trim() });
  }
});
`;

let spare: SessionThread | undefined;

/** Starts the first thread ahead of its model: it comes up and loads the runtime while the rest of the function loads. */
export function prepareSessionThread(): void {
  spare ??= bootThread();
}

/** Once it is up, it does not keep the process alive while it has nothing to do. */
export function startSessionThread(): SessionThread {
  const thread = spare ?? bootThread();
  spare = undefined;
  return thread;
}

function bootThread(): SessionThread {
  const onnxruntime = fileURLToPath(import.meta.resolve('onnxruntime-node'));
  const options = { eval: true, workerData: onnxruntime, name: 'onnx session', execArgv: [], trackUnmanagedFds: false };
  const worker = new Worker(threadCode, { ...options, env: SHARE_ENV });
  // Number 0 is its coming up: until then the process must not end.
  const waiting = new Map<number, Waiting>([[0, { resolve() {}, reject() {} }]]);
  worker.on('message', (answer: Answer) => {
    settle(waiting, answer);
    if (waiting.size === 0) worker.unref();
  });
  let end: Error | undefined;
  const ended = whenEnded(worker).then((error) => {
    end = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  let lastId = 0;
  function call<Value>(what: Call): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      if (end) return reject(end);
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, call: what });
    });
  }
  return {
    load: (modelFile) => call<SessionInfo>({ load: modelFile }),
    run: (input, tensor, outputs) => call<Record<string, OutputData>>({ run: { input, tensor, outputs } }),
    ended,
    stop: () => worker.postMessage({ id: 0, call: 'stop' }),
  };
}

function settle(waiting: Map<number, Waiting>, answer: Answer): void {
  const call = waiting.get(answer.id);
  waiting.delete(answer.id);
  if ('error' in answer) call?.reject(new Error(answer.error));
  else call?.resolve(answer.value);
}

function whenEnded(worker: Worker): Promise<Error> {
  let reason = '';
  worker.on('error', (error) => {
    reason = `: ${error instanceof Error ? error.message : error}`;
  });
  return new Promise((resolve) => {
    worker.on('exit', () => resolve(new Error(`The thread of the model ended${reason}`)));
  });
}
