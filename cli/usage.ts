import { parseArgs } from 'node:util';
import { localeValues } from '../client/generated/enums.ts';
import type { KeyOptions } from '../client/lesionClient.ts';
import { LesionError } from '../client/lesionError.ts';
import type { Locale } from '../client/request.ts';

/** Every option, with what --help says of it. */
const optionTable = {
  url: { type: 'string', help: 'GraphQL URL; else SKIN_LESION_API_URL, else the API on this machine' },
  user: { type: 'string', help: 'sign in under this name at a local API' },
  token: { type: 'string', help: "the user's JWT; else SKIN_LESION_API_TOKEN" },
  'api-key': { type: 'string', help: 'an API key, where the API has one; else SKIN_LESION_API_KEY' },
  describe: { type: 'boolean', help: 'ask for a description in plain language' },
  locale: { type: 'string', help: `its language: ${localeValues.join(', ')}` },
  reference: { type: 'string', help: 'your own name for the photo: at most 64 of A-Z a-z 0-9 . _ -' },
  'push-only': { type: 'boolean', help: 'take what is pushed, read nothing' },
  limit: { type: 'string', help: 'at most this many; 20 if not given' },
  json: { type: 'boolean', help: 'one JSON object a line' },
  help: { type: 'boolean', short: 'h', help: 'this' },
} as const;

type OptionName = keyof typeof optionTable;

const who = ['url', 'user', 'token', 'api-key', 'json', 'help'] as const;
/** What a photo can be submitted with, and by which option: all that the client takes. */
const submissionTable = { describe: 'describe', locale: 'locale', reference: 'reference' } as const satisfies Record<
  keyof SubmissionChoice,
  OptionName
>;
const submission = Object.values(submissionTable);

/** Every command: what it takes, what it does, and the options it knows. */
const commandTable = {
  classify: {
    takes: 'PHOTO…',
    does: 'submit photos, show each change as it is pushed, then the results',
    options: [...submission, 'push-only', ...who],
  },
  submit: { takes: 'PHOTO…', does: 'submit photos, print their request ids', options: [...submission, ...who] },
  watch: { takes: 'ID', does: 'show each change of a request until it has ended', options: ['push-only', ...who] },
  result: { takes: 'ID', does: 'show a request as it is now', options: who },
  list: { takes: '', does: 'your requests, newest first', options: ['limit', ...who] },
  cancel: { takes: 'ID', does: 'stop a request that has not ended', options: who },
  retry: { takes: 'ID', does: 'run a FAILED request again', options: who },
  delete: { takes: 'ID', does: 'erase a request: photo, result and all', options: who },
  model: { takes: '', does: 'what the model is, and what was measured of it', options: who },
} as const satisfies Record<string, { takes: string; does: string; options: readonly OptionName[] }>;

export type CommandName = keyof typeof commandTable;

/** What a photo is submitted with, as far as one can say on a command line. */
export type SubmissionChoice = {
  [Name in Exclude<keyof KeyOptions, 'signal' | 'clientToken'>]: KeyOptions[Name] | undefined;
};

export interface Invocation extends SubmissionChoice {
  command: CommandName;
  /** Photos or ids. */
  operands: string[];
  url: string | undefined;
  user: string | undefined;
  token: string | undefined;
  apiKey: string | undefined;
  pushOnly: boolean;
  limit: number | undefined;
  json: boolean;
}

/**
 * Reads a command line.
 *
 * @param args without node and the script
 * @returns what to do, or the text that help was asked for
 * @throws LesionError InvalidInput with the command's usage
 */
export function parseCommandLine(args: string[]): Invocation | string {
  const [command, ...rest] = args;
  if (command === undefined || ['help', '--help', '-h'].includes(command)) return overview();
  if (!isCommand(command)) throw new LesionError('InvalidInput', `There is no command ${command}.\n\n${overview()}`);
  const { values, positionals } = parse(command, rest);
  if (values.help) return usage(command);
  checkOperands(command, positionals);
  const text = (name: OptionName) => (typeof values[name] === 'string' ? values[name] : undefined);
  return {
    command,
    operands: positionals,
    url: text('url'),
    user: text('user'),
    token: text('token'),
    apiKey: text('api-key'),
    describe: values.describe === true,
    locale: localeOf(text('locale')),
    reference: text('reference'),
    pushOnly: values['push-only'] === true,
    limit: limitOf(text('limit')),
    json: values.json === true,
  };
}

function parse(command: CommandName, args: string[]) {
  const options = Object.fromEntries(commandTable[command].options.map((name) => [name, optionTable[name]]));
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (cause) {
    throw refusal(command, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function checkOperands(command: CommandName, { length }: string[]): void {
  const { takes } = commandTable[command];
  const enough = { 'PHOTO…': length > 0, ID: length === 1, '': length === 0 }[takes];
  if (!enough) throw refusal(command, takes ? `${command} takes ${takes}.` : `${command} takes options only.`);
}

function localeOf(text: string | undefined): Locale | undefined {
  const locale = localeValues.find((one) => one === text);
  if (text === undefined || locale) return locale;
  throw new LesionError('InvalidInput', `--locale is ${text}; it can be ${localeValues.join(', ')}.`);
}

function limitOf(text: string | undefined): number | undefined {
  const limit = Number(text);
  if (text === undefined) return undefined;
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit;
  throw new LesionError('InvalidInput', `--limit is ${text}; it can be 1 to 100.`);
}

function refusal(command: CommandName, message: string, cause?: unknown): LesionError {
  return new LesionError('InvalidInput', `${message}\n\n${usage(command)}`, { cause });
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(commandTable, name);
}

function overview(): string {
  const lines = Object.entries(commandTable).map(
    ([name, { takes, does }]) => `  ${`${name} ${takes}`.padEnd(18)} ${does}`,
  );
  return ['npm run cli -- COMMAND [options]', '', ...lines, '', 'COMMAND --help tells its options.'].join('\n');
}

function usage(command: CommandName): string {
  const { takes, does, options } = commandTable[command];
  const lines = options.map((name) => {
    const { type, help } = optionTable[name];
    return `  --${name}${type === 'string' ? ' …' : ''}`.padEnd(16) + help;
  });
  return [`npm run cli -- ${command} ${takes}`.trim(), does, '', ...lines].join('\n');
}

/** The part of an invocation that its photos are submitted with. */
export function choiceOf({ describe, locale, reference }: Partial<SubmissionChoice>): SubmissionChoice {
  return { describe, locale, reference };
}
