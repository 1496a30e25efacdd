import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test, vi } from 'vitest';

const root = join(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'parcels-'));
const processes: ChildProcess[] = [];
afterAll(async () => {
  for (const child of processes.reverse()) await end(child);
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function link(name: string): void {
  const path = join(home, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) symlinkSync(join(root, 'node_modules', name), path);
}

/** @returns what it has said so far, a line each */
function start(command: string, args: string[], environment: Record<string, string> = {}): string[] {
  const lines: string[] = [];
  const child = spawn(command, args, { cwd: home, env: { ...process.env, ...environment } });
  processes.push(child);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  return lines;
}

async function said(lines: string[], pattern: RegExp): Promise<string> {
  return await vi.waitFor(() => {
    const found = lines.map((line) => pattern.exec(line)).find(Boolean);
    if (!found) throw new Error(`${pattern} is not among:\n${lines.join('\n')}`);
    return found[1] ?? found[0];
  }, 60_000);
}

test('installed from its tarball in an empty folder, it runs an app that is none of ours, for aws-amplify', async ({
  skip,
}) => {
  // What was built with the installation may be older than the sources.
  execFileSync(process.execPath, ['tools/build.ts', 'cloud'], { cwd: root });
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '-w', 'embedded-cloud', '--json', '--pack-destination', home], {
      cwd: root,
    }).toString(),
  );
  cpSync(join(root, 'examples/parcels'), home, {
    recursive: true,
    filter: (path) => !/embedded-cloud$|node_modules$/.test(path),
  });
  const { dependencies, ...manifest } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const tarball = { 'embedded-cloud': `file:${packed.filename}` };
  writeFileSync(join(home, 'package.json'), JSON.stringify({ ...manifest, dependencies: tarball }));
  const install = [
    'install',
    '--ignore-scripts',
    '--prefer-offline',
    '--fetch-timeout=20000',
    '--no-audit',
    '--no-fund',
  ];
  // Synchronous, so that no time-out of the test's own could end it.
  const { status, stderr } = spawnSync('npm', install, { cwd: home, encoding: 'utf8', timeout: 120_000 });
  if (status === null) skip('npm has installed nothing within two minutes: no registry, or a very slow one.');
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ENOTCACHED/.test(stderr)) skip(`npm reaches no registry here: ${stderr}`);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  // What the app itself needs is installed already; NodejsFunction bundles with the app's own esbuild.
  const needed = [...Object.keys(dependencies), 'esbuild'].filter((name) => name !== 'embedded-cloud');
  for (const name of needed) link(name);

  const cloud = start(join(home, 'node_modules/.bin/embedded-cloud'), ['--https', '--port', '0']);
  const config = await said(cloud, /Config +(https:\S+)/);
  const certificate = join(home, '.embedded-cloud/certificate/localhost.cert.pem');
  const client = start(process.execPath, ['watch.mjs', config], { NODE_EXTRA_CA_CERTS: certificate });
  await said(client, /bob's parcel is at the van/);
  await said(client, /carol's parcel is at the van/);
  expect(client.toSorted()).toEqual([
    "apiKey heard: carol's parcel is at the desk",
    "apiKey heard: carol's parcel is at the van",
    "userPool heard: bob's parcel is at the desk",
    "userPool heard: bob's parcel is at the van",
  ]);
}, 300_000);
