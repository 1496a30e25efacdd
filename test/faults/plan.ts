import type { RequestStatus } from '../../client/request.ts';

export interface PlanOptions {
  requests: number;
  owners: number;
  /** The same again gives the same plan. */
  seed: number;
}

const services = ['dynamodb', 'sqs', 's3', 'secretsmanager', 'appsync'] as const;
const killable = [
  'inference',
  'enrichment',
  'publisher',
  'deadLetter',
  'sweeper',
  'submitRequest',
  'getResult',
  'cancelRequest',
  'retryRequest',
  'deleteRequest',
] as const;
const troubles = ['throttles', 'fails', 'is slow', 'hangs up', 'loses answers'] as const;

/** What a service does to a share (0 to 1) of the calls that functions and clients make; slow: by so much. */
export interface Trouble {
  service: (typeof services)[number];
  trouble: (typeof troubles)[number];
  share: number;
  slowMilliseconds: number;
  seed: number;
}

/** Those with `milliseconds` last so long. */
export type Fault =
  /** Once, or again and again as long as it lasts. */
  | { kind: 'kill'; functionName: (typeof killable)[number]; milliseconds: number }
  | { kind: 'kill -9 of everything' }
  | { kind: 'restart' }
  | { kind: 'redis down'; milliseconds: number }
  | ({ kind: 'service'; milliseconds: number } & Trouble)
  | { kind: 'llm'; llm: LlmFault; milliseconds: number }
  | { kind: 'messages twice' }
  | { kind: 'messages out of order' }
  | { kind: 'foreign messages' }
  | { kind: 'tries used up' }
  | { kind: 'sockets cut' };

export type LlmFault =
  | { kind: 'status'; status: number; retryAfter?: number }
  | { kind: 'slow'; ms: number }
  | { kind: 'lying'; text: string }
  | { kind: 'invalid-json' | 'refusal' | 'wrong-schema' | 'empty' | 'hangup' };

export interface PlannedFault {
  /** It strikes when so many requests have been begun, and the next one is begun only when it has. */
  after: number;
  fault: Fault;
}

export interface PlannedRequest {
  owner: number;
  photo: 'good' | 'bad';
  describe: boolean;
  /** How often at once it is submitted under one token. */
  submits: number;
  /** What its owner does when it has come as far as `at`, or further. */
  then: 'wait' | 'cancel' | 'remove';
  at: RequestStatus;
}

export interface Plan {
  requests: PlannedRequest[];
  faults: PlannedFault[];
}

type Random = () => number;

/** A pure function of its options: what is done, what breaks, and in which order. */
export function planOf({ requests, owners, seed }: PlanOptions): Plan {
  const random = randomOf(seed);
  return {
    requests: Array.from({ length: requests }, () => plannedRequest(random, owners)),
    faults: plannedFaults(randomOf(seed + 1), requests),
  };
}

function plannedRequest(random: Random, owners: number): PlannedRequest {
  const describe = random() < 0.5;
  const then = pick<PlannedRequest['then']>(random, [
    ...Array(6).fill('wait'),
    ...Array(3).fill('cancel'),
    'remove',
    'remove',
  ]);
  return {
    owner: Math.floor(random() * owners),
    photo: random() < 0.08 ? 'bad' : 'good',
    describe,
    submits: random() < 0.15 ? 3 : 1,
    then,
    at: pick(random, ['PENDING', 'PENDING', 'PROCESSING', describe ? 'AWAITING_DESCRIPTION' : 'PENDING', 'COMPLETED']),
  };
}

/** One for every eight requests, evenly spread; halfway everything is killed. Dealt from a deck, so that all kinds come. */
function plannedFaults(random: Random, requests: number): PlannedFault[] {
  const count = Math.max(4, Math.round(requests / 8));
  const faults: PlannedFault[] = [];
  let deck: Fault[] = [];
  for (let index = 0; index < count; index++) {
    if (deck.length === 0) deck = shuffled(random, freshDeck(random));
    const fault: Fault = index === Math.floor(count / 2) ? { kind: 'kill -9 of everything' } : deck.pop()!;
    faults.push({ after: Math.floor(((index + 0.5) / count) * requests), fault });
  }
  return faults;
}

function freshDeck(random: Random): Fault[] {
  const milliseconds = () => 500 + Math.floor(random() * 2_000);
  const kill = (functionName = pick(random, killable), milliseconds = 0): Fault => ({
    kind: 'kill',
    functionName,
    milliseconds,
  });
  const service = (name: Trouble['service']): Fault => ({
    kind: 'service',
    milliseconds: milliseconds(),
    service: name,
    trouble: pick(random, troubles),
    share: 0.3 + random() * 0.6,
    slowMilliseconds: 500 + Math.floor(random() * 4_000),
    seed: Math.floor(random() * 2 ** 31),
  });
  const llm = (): Fault => ({ kind: 'llm', milliseconds: milliseconds(), llm: llmFault(random) });
  return [
    // The publisher until the stream gives its records up.
    ...[kill(), kill(), kill('inference'), kill('publisher', 6_000)],
    ...[service('dynamodb'), service('dynamodb'), service('sqs'), service('s3'), service('appsync')],
    service(pick(random, services)),
    ...[llm(), llm(), { kind: 'redis down' as const, milliseconds: milliseconds() }],
    ...(['messages twice', 'messages out of order', 'foreign messages'] as const).map((kind) => ({ kind })),
    ...(['tries used up', 'tries used up', 'sockets cut', 'restart'] as const).map((kind) => ({ kind })),
  ];
}

function llmFault(random: Random): LlmFault {
  return pick<LlmFault>(random, [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 429, retryAfter: 1 },
    { kind: 'slow', ms: 3_000 },
    { kind: 'lying', text: 'You have a melanoma.' },
    { kind: 'invalid-json' },
    { kind: 'refusal' },
    { kind: 'wrong-schema' },
    { kind: 'empty' },
    { kind: 'hangup' },
  ]);
}

/** In a word or two, for the count of it. */
export function nameOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `kill ${fault.functionName}${fault.milliseconds > 0 ? ' again and again' : ''}`;
    case 'service':
      return `${fault.service} ${fault.trouble}`;
    case 'llm':
      return `llm ${fault.llm.kind === 'status' ? fault.llm.status : fault.llm.kind}`;
    default:
      return fault.kind;
  }
}

/** Numbers from 0 to 1, by Tommy Ettinger's mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

function shuffled<T>(random: Random, values: T[]): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}
