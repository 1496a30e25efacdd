// Runs before every command of package.json, on whatever Node the machine has (20 or later): installs what the lock
// file names if that has not been done since it changed, Node 24 included. Says so on stderr; stdout is the command's.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const lockFile = 'package-lock.json';
// npm writes this one last, when all is in place.
const installed = 'node_modules/.package-lock.json';

function isInstalled() {
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockFile).mtimeMs;
}

function install() {
  console.error('Installing dependencies (once, about a minute) …');
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  const options = { stdio: ['ignore', 2, 2] };
  const { status } = spawnSync(command, [...first, 'ci', '--loglevel=error'], options);
  if (status !== 0) {
    console.error('npm ci failed; see above. Nothing else was done.');
    process.exit(1);
  }
}

function assertNode24() {
  const { stdout } = spawnSync('node', ['--version'], { encoding: 'utf8' });
  const major = Number(/^v(\d+)/.exec(stdout ?? '')?.[1]);
  if (major >= 24) return;
  console.error(`Node 24 or later is needed and npm has none for ${process.platform} ${process.arch}: install it.`);
  process.exit(1);
}

if (!isInstalled()) install();
assertNode24();
