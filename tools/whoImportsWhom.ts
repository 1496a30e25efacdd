/** A top folder: what it holds, and whose code its own may import besides itself. */
export interface Room {
  holds: string;
  /** Rooms of which it may import code. */
  imports: readonly string[];
  /** Rooms of which it may import types only. */
  types?: readonly string[];
  /** Packages that it may import; any, where this is not given. */
  packages?: readonly string[];
}

/**
 * Every room of the house. `npm run check` refuses an import that is not listed here, and a folder that is not listed
 * either. The table in docs/architecture.md and the picture beside it are drawn from this list.
 */
export const rooms = {
  core: {
    holds: 'the request, its lifecycle and transitions, assessment, descriptions: pure',
    imports: [],
    // The core computes, and that is all it does.
    packages: ['zod', 'zod/mini', 'zod/v4/locales/en.js'],
  },
  adapters: { holds: 'one file or folder for each thing outside', imports: ['core'] },
  classifier: { holds: 'from the bytes of a photo to an assessed result', imports: ['adapters', 'core'] },
  resolvers: { holds: 'one file for each GraphQL field, named after it', imports: ['adapters', 'core'] },
  workers: {
    holds: 'one folder for each function that works in the background',
    imports: ['adapters', 'classifier', 'core'],
  },
  models: {
    holds: 'the reference model; how a model is read, checked and evaluated',
    imports: ['adapters', 'classifier', 'core'],
  },
  infra: {
    holds: 'the CDK app, and how functions are bundled',
    imports: ['core', 'models'],
    types: ['resolvers', 'workers'],
  },
  tools: { holds: 'what developers run: the checks, and the parts of code generation', imports: ['core'] },
  samples: { holds: 'photos drawn by a program', imports: [] },
  client: { holds: 'the client package', imports: [] },
  cli: { holds: 'the command line on that client', imports: ['client'] },
  cloud: { holds: 'the embedded cloud: runs a synthesized template, knows nothing of this product', imports: [] },
  examples: { holds: 'apps that use the packages, as anybody would', imports: [] },
  local: {
    holds: 'this product on that cloud: start, demo, playground, OpenAI stand-in',
    imports: ['cli', 'client', 'cloud'],
  },
  bench: {
    holds: 'a benchmark behind every claim of speed',
    imports: ['adapters', 'classifier', 'cli', 'client', 'cloud', 'core', 'infra', 'local', 'models', 'workers'],
  },
  test: { holds: 'tests of the whole system, and what they share', imports: [] },
} as const satisfies Record<string, Room>;

export type RoomName = keyof typeof rooms;
