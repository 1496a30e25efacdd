import * as z from 'zod';
import { LEFT_OUT_MARK, reasonToLeaveOut } from './leftOut.ts';
import { type Answers, type ResourceType, type ResourceTypes, stableId } from './resourceTypes.ts';
import { type Json, type Lookup, type Resource, resolve, type Template } from './template.ts';

/** The template, with all that keeps data up. */
export interface Stack {
  /** The resources of a type, their properties with references resolved. */
  of<Schema extends z.ZodType<object>>(
    type: string,
    schema: Schema,
  ): (z.infer<Schema> & Named & Pick<Resource, 'metadata'>)[];
  /** What `Ref` gives, of each resource of a type. */
  ids(type: string): string[];
  /** What a resource answers to `Ref` (no attribute) and `Fn::GetAtt`. */
  get: Lookup;
  /** The file or directory of an asset. */
  asset(bucket: string, key: string): string;
  /** What `Ref` gives, by logical id. */
  physicalIds: Record<string, string>;
  /** The resources of a type by both of their names, logical and physical. */
  names(type: string): string[];
  /** Reasons by type. */
  leftOut: Map<string, string>;
  outputs(): Record<string, string>;
}

export interface Named {
  logicalId: string;
  /** Physical name. */
  name: string;
}

/**
 * Brings up what keeps data, in the template's order.
 * @throws on a type, a property or an intrinsic that is not emulated, with its name and the logical id
 */
export async function deploy(template: Template, emulated: ResourceTypes): Promise<Stack> {
  const answers = new Map<string, Answers>();
  const names = new Map<string, string>();
  const leftOut = new Map<string, string>();
  const types = new Map(template.resources.map(({ logicalId, type }) => [logicalId, type]));

  function lookup(logicalId: string, attribute = 'ref'): string {
    const value = answers.get(logicalId)?.[attribute];
    if (value !== undefined) return value;
    const type = types.get(logicalId) ?? 'which is not in the template';
    if (reasonToLeaveOut(type)) return `${LEFT_OUT_MARK}${logicalId}.${attribute}`;
    throw new Error(`${attribute} of ${logicalId} (${type}) is not emulated`);
  }
  const resolved = (value: Json) => resolve(value, lookup, template);

  async function bringUp({ logicalId, type, properties }: Resource, emulation: ResourceType): Promise<void> {
    try {
      const given = emulation.nameProperty && properties[emulation.nameProperty];
      const name = given ? z.string().parse(resolved(given)) : nameOf(logicalId, types, emulation);
      const twin = [...names].find(([id, other]) => other === name && types.get(id) === type)?.[0];
      if (twin) throw new Error(`${name} is the name of ${twin} already`);
      names.set(logicalId, name);
      answers.set(logicalId, await emulation.bringUp({ logicalId, name, properties: () => resolved(properties) }));
    } catch (cause) {
      throw about(logicalId, type, cause);
    }
  }

  for (const resource of template.resources) {
    const { logicalId, type } = resource;
    const reason = reasonToLeaveOut(type);
    const emulation = emulated[type];
    if (reason) leftOut.set(type, reason);
    else if (!emulation) throw new Error(`${logicalId}: ${type} is not emulated`);
    else await bringUp(resource, emulation);
  }
  return {
    of<Schema extends z.ZodType<object>>(type: string, schema: Schema) {
      const alike = template.resources.filter((resource) => resource.type === type);
      return alike.map(({ logicalId, properties, metadata }) => {
        const parsed = schema.safeParse(resolved(properties));
        if (!parsed.success) throw about(logicalId, type, parsed.error);
        return { ...parsed.data, logicalId, name: names.get(logicalId) ?? logicalId, metadata };
      });
    },
    ids: (type) => [...types].flatMap(([logicalId, other]) => (other === type ? lookup(logicalId) : [])),
    get: lookup,
    asset(bucket, key) {
      const asset = template.assets.find((asset) => asset.bucket === bucket && asset.key === key);
      if (!asset) throw new Error(`The assembly holds no asset for s3://${bucket}/${key}`);
      return asset.path;
    },
    names: (type) =>
      [...types].flatMap(([logicalId, other]) =>
        other === type ? [logicalId, names.get(logicalId) ?? logicalId] : [],
      ),
    physicalIds: Object.fromEntries([...answers].map(([logicalId, { ref }]) => [logicalId, ref])),
    leftOut,
    outputs() {
      const all = Object.entries(z.record(z.string(), z.coerce.string()).parse(resolved(template.outputs)));
      return Object.fromEntries(all.filter(([, value]) => !value.includes(LEFT_OUT_MARK)));
    },
  };
}

/** An error that says which resource it is about. */
function about(logicalId: string, type: string, cause: unknown): Error {
  const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
  return new Error(`${logicalId} (${type}): ${reason}`, { cause });
}

const SHORTEST_NAME = 3;

/** The logical id without the hash CDK ends it in, where that is enough to tell it from others of its type. */
function nameOf(logicalId: string, types: Map<string, string>, { nameOf }: ResourceType): string {
  if (nameOf) return nameOf(logicalId);
  const short = (id: string) => id.replace(/(Function)?[0-9A-F]{8}$/, '');
  const alike = [...types].filter(([id, type]) => short(id) === short(logicalId) && type === types.get(logicalId));
  const name = alike.length === 1 ? short(logicalId) : logicalId;
  // Some services take no name as short as a logical id may be.
  return name.length < SHORTEST_NAME ? `${name}-${stableId(logicalId, 6)}` : name;
}
