/** Identity policies as IAM evaluates them: an explicit deny wins, then any allow, else refused. */

export interface PolicyDocument {
  Version?: string;
  Statement: PolicyStatement | PolicyStatement[];
}

export interface PolicyStatement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface Decision {
  allowed: boolean;
  explicitDeny: boolean;
  /** No role has this access key. */
  unknownKey: boolean;
}

export interface Use {
  accessKeyId: string;
  action: string;
  resource: string;
}

export interface Iam {
  /** `context`: the request's condition keys, such as `aws:SecureTransport`; a condition on a key not in it is not met. */
  authorize(accessKeyId: string, action: string, resource: string, context?: Record<string, string>): Decision;
  /** What was allowed: each action under each grant once, with the first resource it was used on. */
  used(): Use[];
  /** What was refused, each once. */
  refused(): Use[];
  /** Each action × resource of each Allow statement, and whether it was what allowed a call (the first that matched). */
  grants(): (Use & { used: boolean })[];
}

interface Grant extends Use {
  allow: boolean;
  used: boolean;
  matches(action: string, resource: string, context: Record<string, string>): boolean;
}

const STATEMENT_KEYS = ['Sid', 'Effect', 'Action', 'Resource', 'Condition'];

const OPERATORS: Record<string, (value: string) => RegExp> = {
  StringEquals: (value) => new RegExp(`^${escapeRegExp(value)}$`),
  StringLike: (value) => wildcard(value),
  ArnEquals: arnPattern,
  ArnLike: arnPattern,
  Bool: (value) => wildcard(value, 'i'),
};

/**
 * @param policies each caller's policy documents by access key, intrinsics resolved
 * @throws Error naming what of a policy is not emulated: NotAction, an operator, a policy variable, …
 */
export function startIam(policies: Map<string, PolicyDocument[]>): Iam {
  const grants = [...policies].flatMap(([accessKeyId, documents]) => grantsIn(accessKeyId, documents));
  const grantsOf = Map.groupBy(grants, (grant) => grant.accessKeyId);
  const used = new Map<string, Use>();
  const refused = new Map<string, Use>();

  return {
    authorize(accessKeyId, action, resource, context = {}) {
      const matching = (grantsOf.get(accessKeyId) ?? []).filter((grant) => grant.matches(action, resource, context));
      const explicitDeny = matching.some((grant) => !grant.allow);
      const by = explicitDeny ? undefined : matching[0];
      if (by) by.used = true;
      const key = `${accessKeyId} ${action} ${by?.resource ?? resource}`;
      const record = by ? used : refused;
      if (!record.has(key)) record.set(key, { accessKeyId, action, resource });
      return { allowed: by !== undefined, explicitDeny, unknownKey: !policies.has(accessKeyId) };
    },
    used: () => [...used.values()],
    refused: () => [...refused.values()],
    grants: () =>
      grants
        .filter((grant) => grant.allow)
        .map(({ accessKeyId, action, resource, used }) => ({ accessKeyId, action, resource, used })),
  };
}

function grantsIn(accessKeyId: string, documents: PolicyDocument[]): Grant[] {
  const statements = documents.flatMap((document) => list(document.Statement));
  return statements.flatMap((statement) => {
    const problem = notEmulated(statement);
    if (problem) throw new Error(`policy of ${accessKeyId}: ${problem} is not emulated: ${JSON.stringify(statement)}`);
    const holds = conditionOf(statement);
    return list(statement.Action).flatMap((action) =>
      list(statement.Resource).map((resource): Grant => {
        const actions = wildcard(action, 'i');
        const resources = resource === '*' ? /^/ : arnPattern(resource);
        const matches: Grant['matches'] = (a, r, context) => actions.test(a) && resources.test(r) && holds(context);
        return { accessKeyId, action, resource, allow: statement.Effect === 'Allow', used: false, matches };
      }),
    );
  });
}

function notEmulated(statement: PolicyStatement): string | undefined {
  if (list(statement.Resource).some((resource) => typeof resource === 'object')) return 'an unresolved resource';
  if (JSON.stringify(statement).includes('${')) return 'a policy variable';
  const key = Object.keys(statement).find((key) => !STATEMENT_KEYS.includes(key));
  return key ?? Object.keys(statement.Condition ?? {}).find((operator) => !(operator in OPERATORS));
}

/** Every operator and every key must hold; of one key's values any. */
function conditionOf(statement: PolicyStatement): (context: Record<string, string>) => boolean {
  const tests = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({
      key,
      patterns: list(values).map(String).map(OPERATORS[operator]!),
    })),
  );
  return (context) =>
    tests.every(({ key, patterns }) => patterns.some((it) => key in context && it.test(context[key]!)));
}

/** A wildcard stays within its colon-separated part of the ARN; only the sixth and last part may hold colons. */
function arnPattern(pattern: string): RegExp {
  const parts = pattern.split(':');
  const head = parts.slice(0, 5).map((part) => `${source(part, '[^:]')}:`);
  return new RegExp(`^${head.join('')}${source(parts.slice(5).join(':'), '.')}$`, 's');
}

function wildcard(pattern: string, flags = ''): RegExp {
  return new RegExp(`^${source(pattern, '.')}$`, `s${flags}`);
}

function source(pattern: string, character: string): string {
  return escapeRegExp(pattern).replaceAll('\\*', `${character}*`).replaceAll('\\?', character);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function list<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}
