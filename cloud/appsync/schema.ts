import type { ConstDirectiveNode, GraphQLField, GraphQLSchema } from 'graphql';
import { assertScalarType, buildSchema, getDirectiveValues, getNamedType, isObjectType, Kind } from 'graphql';
import type { AuthMode } from './options.ts';

/** What AppSync adds to a schema, as far as it is emulated. Any other directive or AWS scalar is refused as unknown. */
const AWS_DEFINITIONS = `
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools on OBJECT | FIELD_DEFINITION
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
scalar AWSDateTime
scalar AWSJSON
scalar AWSURL`;

const MODES: Record<string, AuthMode> = { aws_api_key: 'API_KEY', aws_iam: 'IAM', aws_cognito_user_pools: 'COGNITO' };

export interface AppSyncSchema {
  schema: GraphQLSchema;
  /** Who may have `Type.field`: by its own directives, else its type's, else the default mode. */
  modes: Map<string, AuthMode[]>;
  /** The mutations that each subscription field hears of. */
  subscriptions: Map<string, string[]>;
}

/** Throws where AppSync would refuse the schema, and where it uses what is not emulated. */
export function buildAppSyncSchema(sdl: string, defaultMode: AuthMode, additional: AuthMode[]): AppSyncSchema {
  const schema = buildSchema(`${sdl}\n${AWS_DEFINITIONS}`);
  for (const name of Object.keys(SCALARS)) defineScalar(schema, name);
  const declared = (where: string, directives: readonly ConstDirectiveNode[] = []) => {
    const modes = directives.map(({ name }) => MODES[name.value]).filter((mode) => mode !== undefined);
    const unknown = modes.find((mode) => mode !== defaultMode && !additional.includes(mode));
    if (unknown) throw new Error(`${where} asks for ${unknown}, which is no authorization mode of the API`);
    return modes.length > 0 ? modes : undefined;
  };
  const modes = new Map<string, AuthMode[]>();
  for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
    const ofType = declared(type.name, type.astNode?.directives) ?? [defaultMode];
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      modes.set(name, declared(name, field.astNode?.directives) ?? ofType);
    }
  }
  const subscriptions = Object.values(schema.getSubscriptionType()?.getFields() ?? {});
  const heard = subscriptions.map((field) => [field.name, subscribedMutations(schema, field)] as const);
  return { schema, modes, subscriptions: new Map(heard) };
}

function subscribedMutations(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>): string[] {
  const directive = schema.getDirective('aws_subscribe');
  const given = directive && field.astNode && getDirectiveValues(directive, field.astNode)?.mutations;
  const names = Array.isArray(given) ? given.map(String) : [];
  for (const name of names) {
    const mutation = schema.getMutationType()?.getFields()[name];
    if (mutation && getNamedType(mutation.type) === getNamedType(field.type)) continue;
    throw new Error(`Subscription.${field.name}: there is no mutation ${name} that returns ${field.type}`);
  }
  return names;
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d(:\d\d)?)$/;
// Date takes February 30th for March 1st.
const isOnCalendar = (minute: string) => new Date(`${minute}Z`).toISOString().startsWith(minute);
const dateTime = (text: string) => (DATE_TIME.test(text) && isOnCalendar(text.slice(0, 16)) ? text : undefined);
const url = (text: string) => (URL.canParse(text) ? text : undefined);

/** From the text that goes over the wire to what a resolver gets. Throws or undefined: invalid. */
const SCALARS: Record<string, (text: string) => unknown> = { AWSDateTime: dateTime, AWSURL: url, AWSJSON: JSON.parse };

/** https://docs.aws.amazon.com/appsync/latest/devguide/scalars.html */
function defineScalar(schema: GraphQLSchema, name: string): void {
  const type = assertScalarType(schema.getType(name));
  type.parseValue = (given) => {
    const value = typeof given === 'string' ? SCALARS[name]?.(given) : undefined;
    if (value === undefined) throw new TypeError(`${JSON.stringify(given)} is not a valid ${name}`);
    return value;
  };
  type.parseLiteral = (node) => type.parseValue(node.kind === Kind.STRING ? node.value : undefined);
  type.serialize = name === 'AWSJSON' ? (value) => JSON.stringify(value) : type.parseValue;
}
