import { createClient } from '../client/createClient.ts';
import type { LesionClient } from '../client/lesionClient.ts';
import type { Request } from '../client/request.ts';
import { connect } from './connect.ts';
import { runDemo } from './demo.ts';
import { type Output, writeJson, writeLines } from './output.ts';
import { paintFor } from './paint.ts';
import { readPhotoFile } from './photoFile.ts';
import { resultLines, updateLine } from './render.ts';
import { listLine, modelLines } from './renderList.ts';
import { type CommandName, choiceOf, type Invocation } from './usage.ts';

interface Call extends Invocation {
  client: LesionClient;
  out: Output;
  signal: AbortSignal;
}

/** @returns exit code: 0 where it did what was asked, and no request that it waited for ended badly */
export async function run(invocation: Invocation, out: Output, signal: AbortSignal): Promise<number> {
  const config = await connect(invocation);
  if (invocation.command === 'classify') return runDemo(config, invocation.operands, { ...invocation, out, signal });
  const client = createClient(config);
  try {
    return await commands[invocation.command]({ ...invocation, client, out, signal });
  } finally {
    client.close();
  }
}

const commands: Record<Exclude<CommandName, 'classify'>, (call: Call) => Promise<number>> = {
  async submit(call) {
    for (const path of call.operands) {
      const { bytes, contentType } = await readPhotoFile(path);
      const request = await call.client.submit(bytes, { ...choiceOf(call), contentType, signal: call.signal });
      if (call.json) writeJson(call.out, request);
      else writeLines(call.out, [`${request.requestId}  ${request.status}  ${path}`]);
    }
    return 0;
  },

  async watch({ client, operands, out, json, pushOnly, signal }) {
    const paint = paintFor(out);
    let latest: Request | undefined;
    for await (const update of client.watch(operandOf(operands), { signal, reads: !pushOnly })) {
      latest = update.request;
      if (json) writeJson(out, update);
      else writeLines(out, [updateLine(update, sinceSubmission(latest), paint)]);
    }
    if (latest && !json) writeLines(out, ['', ...resultLines(latest, paint)]);
    return latest?.status === 'COMPLETED' ? 0 : 1;
  },

  async result(call) {
    const request = await call.client.result(operandOf(call.operands), call);
    if (request) return show(call, request);
    writeLines(call.out, [call.json ? 'null' : `There is no request ${operandOf(call.operands)} of yours.`]);
    return 1;
  },

  async list({ client, out, json, limit, signal }) {
    const { items } = await client.list({ ...(limit && { limit }), signal });
    if (json) for (const request of items) writeJson(out, request);
    else if (items.length === 0) writeLines(out, ['You have no requests.']);
    else
      writeLines(
        out,
        items.map((request) => listLine(request, paintFor(out))),
      );
    return 0;
  },

  cancel: async (call) => show(call, await call.client.cancel(operandOf(call.operands))),
  retry: async (call) => show(call, await call.client.retry(operandOf(call.operands))),
  delete: async (call) => show(call, await call.client.remove(operandOf(call.operands))),

  async model({ client, out, json, signal }) {
    const model = await client.model({ signal });
    if (json) writeJson(out, model);
    else writeLines(out, modelLines(model, paintFor(out)));
    return 0;
  },
};

function show({ out, json }: Call, request: Request): number {
  if (json) writeJson(out, request);
  else writeLines(out, resultLines(request, paintFor(out)));
  return 0;
}

function operandOf([operand = '']: string[]): string {
  return operand;
}

/** Milliseconds by the server's clock: since when we ask says nothing of a request that others submitted. */
function sinceSubmission({ submittedAt, updatedAt }: Request): number {
  return submittedAt && updatedAt ? Date.parse(updatedAt) - Date.parse(submittedAt) : 0;
}
