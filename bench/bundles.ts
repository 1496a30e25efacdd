import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { ADMIN_ACCESS_KEY, REGION, SECRET_ACCESS_KEY } from '../cloud/engine.ts';
import { readTemplate } from '../cloud/template/template.ts';
import { synthesizeProduct } from '../local/product.ts';
import { type Effort, type Figure, median, medianFigure } from './figure.ts';
import { emptyNode, runNode } from './processes.ts';

interface Bundle {
  name: string;
  directory: string;
  environment: Record<string, string>;
}

interface Group {
  title: string;
  kilobytes: number;
  milliseconds: number;
  includes(name: string): boolean;
}

const GROUPS: Group[] = [
  {
    title: 'resolvers and small workers',
    kilobytes: 700,
    milliseconds: 120,
    includes: (name) => !['inference', 'enrichment'].includes(name),
  },
  { title: 'enrichment', kilobytes: 900, milliseconds: 180, includes: (name) => name === 'enrichment' },
];

const functionProperties = z.object({
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }).optional(),
});

/** Bundles as they are deployed: their size, and what it costs a fresh process to import them. */
export async function measureBundles(effort: Effort): Promise<Figure[]> {
  const bundles = await synthesizedBundles();
  const asset = bundles.find(({ name }) => name === 'inference');
  const imports = await measureImports(bundles, effort === 'quick' ? 2 : 7);
  const groups = GROUPS.map((group) => {
    const members = bundles.filter(({ name }) => group.includes(name));
    return { title: group.title, figures: members.map((bundle) => bundleFigures(bundle, group, imports)) };
  });
  return [
    ...groups.flatMap(({ title, figures }) => [
      worst(title, figures, ({ size }) => size),
      worst(title, figures, ({ wall }) => wall),
      worst(title, figures, ({ cpu }) => cpu),
    ]),
    ...(asset ? assetFigures(asset.directory) : []),
    ...groups.flatMap(({ figures }) => figures).flatMap(({ size, wall, cpu }) => [size, wall, cpu].map(asDetail)),
  ];
}

/** `inference` loads its model as it is imported: its start is measured by the part `cold`. */
async function synthesizedBundles(): Promise<Bundle[]> {
  const { resources, assets } = readTemplate(await synthesizeProduct());
  const functions = resources.filter(({ type }) => type === 'AWS::Lambda::Function');
  return functions.map(({ logicalId, properties }) => {
    const { Code, Environment } = functionProperties.parse(properties);
    const directory = assets.find(({ key }) => key === Code.S3Key)?.path;
    if (!directory) throw new Error(`${logicalId}: the assembly has no ${Code.S3Key}`);
    const variables = Object.entries(Environment?.Variables ?? {});
    const environment = Object.fromEntries(variables.map(([name, value]) => [name, placeholder(value)]));
    return { name: logicalId.replace(/Function[0-9A-F]{8}$/, ''), directory, environment };
  });
}

/** An import calls nobody, so any address does. */
function placeholder(value: unknown): string {
  return typeof value === 'string' ? value : 'http://127.0.0.1:9/';
}

/** Milliseconds of clock and of processor, by function; of the clock for `node -e 0`. */
interface Imports {
  wall: Map<string, number[]>;
  cpu: Map<string, number[]>;
  empty: number[];
}

/** In rounds over all of them, so that a busy moment of the machine meets none of them alone. */
async function measureImports(bundles: Bundle[], rounds: number): Promise<Imports> {
  const code = bundles.filter(({ name }) => GROUPS.some((group) => group.includes(name)));
  const samples = () => new Map(code.map(({ name }): [string, number[]] => [name, []]));
  const imports = { wall: samples(), cpu: samples(), empty: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const bundle of code) {
      imports.empty.push(await emptyNode());
      const { wall, cpu } = await importOnce(bundle);
      imports.wall.get(bundle.name)?.push(wall);
      imports.cpu.get(bundle.name)?.push(cpu);
    }
  }
  return imports;
}

const times = z.object({ wall: z.number(), cpu: z.number() });

/** Timed within the process, so that Node's own start is not in it. */
async function importOnce({ directory, environment }: Bundle) {
  const program = `
    const [start, used] = [performance.now(), process.cpuUsage()];
    await import(${JSON.stringify(join(directory, 'index.mjs'))});
    const [wall, { user, system }] = [performance.now() - start, process.cpuUsage(used)];
    console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 }));
    process.exit();`;
  const credentials = { AWS_ACCESS_KEY_ID: ADMIN_ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_ACCESS_KEY };
  const options = { environment: { ...environment, ...credentials, AWS_REGION: REGION } };
  const { stdout } = await runNode(['--input-type=module', '-e', program], options);
  return times.parse(JSON.parse(stdout));
}

function bundleFigures({ name, directory }: Bundle, group: Group, { wall, cpu, empty }: Imports) {
  const { kilobytes, milliseconds } = group;
  const reference = { what: 'node -e 0', value: median(empty) };
  const hold = { text: `≤ ${milliseconds} ms`, limit: milliseconds };
  const size: Figure = {
    figure: `bundle: ${name}`,
    unit: 'KB',
    measured: statSync(join(directory, 'index.mjs')).size / 1000,
    hold: { text: `≤ ${kilobytes} KB`, limit: kilobytes },
  };
  return {
    size,
    wall: medianFigure(`import: ${name}`, 'ms', wall.get(name) ?? [], { reference, hold }),
    cpu: medianFigure(`import, CPU time: ${name}`, 'ms', cpu.get(name) ?? []),
  };
}

type BundleFigures = ReturnType<typeof bundleFigures>;

function worst(title: string, group: BundleFigures[], which: (figures: BundleFigures) => Figure): Figure {
  const figure = group.map(which).toSorted((a, b) => b.measured - a.measured)[0];
  if (!figure) throw new Error(`The template has none of these functions: ${title}`);
  return { ...figure, figure: `${figure.figure}${group.length > 1 ? `, the worst of ${title}` : ''}` };
}

function asDetail(figure: Figure): Figure {
  return { ...figure, detail: true };
}

/** Lambda's own limits are the references; a megabyte has 10⁶ bytes here, which is the stricter reading. */
function assetFigures(directory: string): Figure[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const sizes = paths.map((path) => {
    const content = readFileSync(path);
    const entryName = path.slice(directory.length + 1);
    return { plain: content.length, zipped: zipEntryBytes(entryName, deflateRawSync(content).length) };
  });
  const megabytes = (kind: 'plain' | 'zipped') => sizes.reduce((sum, size) => sum + size[kind], 0) / 1e6;
  const limit = (value: number) => ({ what: "Lambda's limit", value });
  const hold = (most: number) => ({ text: `≤ ${most} MB`, limit: most });
  const zipped = `inference asset, zipped (computed: deflate of each of its ${sizes.length} files)`;
  return [
    { figure: zipped, unit: 'MB', measured: megabytes('zipped'), reference: limit(50), hold: hold(40) },
    {
      figure: 'inference asset, unzipped',
      unit: 'MB',
      measured: megabytes('plain'),
      reference: limit(250),
      hold: hold(120),
    },
  ];
}

/** Local header of 30 bytes, central directory entry of 46, the name in both: APPNOTE.TXT 4.3.7 and 4.3.12. */
function zipEntryBytes(name: string, deflated: number): number {
  return deflated + 30 + 46 + 2 * Buffer.byteLength(name);
}
