/**
 * `npm run trials`: makes the changes that people will most often make, each in a copy of the repository, and lists what
 * the compiler then says. A place that needs a hand and is not red, or a red one that nobody expected, fails the run.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Trial {
  what: string;
  /** By file: what is replaced by what. */
  edits: Record<string, [from: string, to: string]>;
  /** Where the compiler must be red: files that need a hand, tests aside. */
  red: string[];
}

const trials: Trial[] = [
  {
    what: 'a status, in the schema alone',
    edits: { 'schema.graphql': ['  COMPLETED\n', '  PAUSED\n  COMPLETED\n'] },
    red: ['core/lifecycle.ts', 'core/request.ts'],
  },
  {
    what: 'a status that is open, with its row and its shape',
    edits: {
      'schema.graphql': ['  COMPLETED\n', '  PAUSED\n  COMPLETED\n'],
      'core/lifecycle.ts': [
        '  COMPLETED: {',
        "  PAUSED: { open: true, queue: null, photo: 'kept', next: { CANCELLED: cancelled, DELETED: deleted } },\n  COMPLETED: {",
      ],
      'core/request.ts': [
        '  COMPLETED: Completed;',
        "  PAUSED: Submitted & Due & { status: 'PAUSED' };\n  COMPLETED: Completed;",
      ],
    },
    red: ['core/transitions.ts', 'workers/deadLetter/giveUp.ts', 'workers/sweeper/sweep.ts'],
  },
  {
    what: 'a language',
    edits: { 'schema.graphql': ['  fr\n}', '  fr\n  it\n}'] },
    red: ['core/description/check.ts', 'core/description/phrases.ts'],
  },
  {
    what: 'a notice',
    edits: { 'schema.graphql': ['  AMBIGUOUS\n', '  AMBIGUOUS\n  HAIRY\n'] },
    red: ['core/description/phrases.ts'],
  },
  {
    what: 'a field of Request',
    edits: { 'schema.graphql': ['  disclaimer: String!\n', '  disclaimer: String!\n  bodySite: String\n'] },
    red: ['core/requestView.ts'],
  },
  {
    what: 'a field of SubmitRequestInput',
    edits: { 'schema.graphql': ['  reference: String\n}', '  reference: String\n  bodySite: String\n}'] },
    red: [
      'client/upload/submission.ts',
      'core/transitions.ts',
      'resolvers/Mutation.submitRequest.ts',
      'resolvers/submission.ts',
    ],
  },
  {
    what: 'a mutation',
    edits: {
      'schema.graphql': [
        '  cancelRequest(requestId: ID!): Request!',
        '  pauseRequest(requestId: ID!): Request! @aws_cognito_user_pools\n  cancelRequest(requestId: ID!): Request!',
      ],
    },
    red: ['client/transport/api.ts', 'infra/bundling/bundles.ts'],
  },
  {
    what: 'a lesion class without the words that name it',
    edits: {
      'core/lesionClasses.ts': [
        "  { code: 'mel',",
        "  { code: 'scc', label: 'Squamous cell carcinoma', icd10: 'C44', malignant: true },\n  { code: 'mel',",
      ],
    },
    red: ['core/lesionClasses.ts'],
  },
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const copy = mkdtempSync(join(tmpdir(), 'trials-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
for (const file of files) copyFile(file);
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

const failed = trials.filter((trial) => !holds(trial));
console.log(failed.length === 0 ? 'Every change is red where it needs a hand.' : `${failed.length} trials failed.`);
process.exit(failed.length === 0 ? 0 : 1);

function copyFile(file: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  cpSync(join(root, file), join(copy, file));
}

function holds({ what, edits, red }: Trial): boolean {
  for (const [file, [from, to]] of Object.entries(edits)) edit(file, from, to);
  run('graphql-codegen', []);
  const errors = run('tsc', ['--noEmit']).matchAll(/^(\S+?)\((\d+),/gm);
  const places = Map.groupBy([...errors], ([, file = '']) => file);
  const missed = red.filter((file) => !places.has(file));
  const unexpected = [...places.keys()].filter((file) => !red.includes(file) && !isTest(file));
  console.log(`${missed.length + unexpected.length === 0 ? '✓' : '✗'} ${what}`);
  for (const [file, found] of places) console.log(`    ${file}: ${found.map(([, , line]) => line).join(', ')}`);
  for (const file of missed) console.log(`    NOT RED: ${file}`);
  for (const file of unexpected) console.log(`    not expected: ${file}`);
  for (const file of files) if (file in edits || file.includes('generated/')) copyFile(file);
  return missed.length + unexpected.length === 0;
}

function isTest(file: string): boolean {
  return /\.test\.tsx?$|\/testing\/|^(test|bench)\//.test(file);
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(join(copy, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} holds no ${JSON.stringify(from)}: the trial is stale`);
  writeFileSync(join(copy, file), text.replace(from, to));
}

function run(command: string, args: string[]): string {
  const { stdout, stderr, error } = spawnSync(command, args, { cwd: copy, encoding: 'utf8' });
  if (error) throw error;
  return `${stdout}${stderr}`;
}
