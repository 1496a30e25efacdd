// `node tools/run.mjs COMMAND ARGUMENT…`: every command of package.json goes through here, on whatever Node the
// machine has (20 or later). Installs what the lock file names if that has not been done since it changed, Node 24
// included, and then runs COMMAND on that Node. What it says goes to stderr; stdout is the command's.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

const lockFile = 'package-lock.json';
// npm writes this one last, when all is in place.
const installed = 'node_modules/.package-lock.json';
// Named, and not by node_modules/.bin/node: npm links that for one platform and takes it away again for the others.
const platform = process.platform === 'win32' ? 'win' : process.platform;
const bins = [`node_modules/node-${platform}-${process.arch}/bin`, 'node_modules/.bin'].map((path) => resolve(path));
const environment = { ...process.env, PATH: [...bins, process.env.PATH].join(delimiter) };

function isInstalled() {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs;
}

function install() {
  console.error('Installing dependencies (once, about a minute) …');
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const { status } = spawnSync(command, [...first, 'ci', '--loglevel=error'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) giveUp('npm ci failed; see above. Nothing else was done.');
}

/** npm runs no scripts here (.npmrc), so what `npm pack -w …` packs is built with the installation. */
function build() {
  const { status } = spawnSync('node', ['tools/build.ts'], { stdio: ['ignore', 2, 2], env: environment });
  if (status !== 0) giveUp('The packages could not be built; see above.');
}

function giveUp(message) {
  console.error(message);
  process.exit(1);
}

function assertNode24() {
  const { stdout } = spawnSync('node', ['--version'], { encoding: 'utf8', env: environment });
  if (Number(/^v(\d+)/.exec(stdout ?? '')?.[1]) >= 24) return;
  giveUp(`Node 24 or later is needed and npm has none for ${process.platform} ${process.arch}: install it.`);
}

function run(command, args) {
  const child = spawn(command, args, { stdio: 'inherit', env: environment });
  // Ctrl-C reaches the child by itself, being sent to the whole group; what is sent to us alone must be passed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  if (process.env.npm_lifecycle_event) onOrphaned(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`${command}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

/** npm passes a SIGTERM on to the shell it started us by; that dies of it, and tells nobody. */
function onOrphaned(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 500);
  timer.unref();
}

const isNew = !isInstalled();
if (isNew) install();
assertNode24();
if (isNew) build();
const [command, ...args] = process.argv.slice(2);
run(command, args);
