/** What a log line may say: ids, codes, counts and times. Never a photo's key, a prediction, an owner or a secret. */
export interface LogFields {
  requestId?: string | undefined;
  code?: string;
  status?: string;
  attempt?: number;
  count?: number;
  milliseconds?: number;
  reason?: string;
  error?: unknown;
}

/** One JSON line; Lambda's JSON logging adds the time, the level and the invocation's id. */
export const log = {
  info: (event: string, fields: LogFields = {}) => console.info(line(event, fields)),
  warn: (event: string, fields: LogFields = {}) => console.warn(line(event, fields)),
  error: (event: string, fields: LogFields = {}) => console.error(line(event, fields)),
};

function line(event: string, { error, ...fields }: LogFields) {
  return error === undefined ? { event, ...fields } : { event, ...fields, error: nameOf(error) };
}

/** Name, code and place only: an error's message may quote what was being written, or what came from outside. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : '';
  const place = placeOf(error);
  return `${error.name}${code}${place ? ` ${place}` : ''}`;
}

/** The topmost frame of the stack. A stack begins with the message, whose lines may look like frames. */
function placeOf({ stack = '', message }: Error): string | undefined {
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  return frames.find((frame) => /^ {4}at .+(:\d+:\d+|<anonymous>)\)?$/.test(frame))?.trim();
}
