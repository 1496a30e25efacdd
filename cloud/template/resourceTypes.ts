import { createHash } from 'node:crypto';
import type { Json } from './template.ts';

/** What a resource answers to `Ref` and `Fn::GetAtt`. */
export interface Answers {
  ref: string;
  [attribute: string]: string | undefined;
}

/** A resource that is to be brought up. */
export interface Given {
  logicalId: string;
  /** The physical name: the template's own, or one made of the logical id. */
  name: string;
  /** Intrinsics resolved. */
  properties(): Json;
}

/** How the resources of one CloudFormation type are run. */
export interface ResourceType {
  /** The property by which a template names the resource itself. */
  nameProperty?: string;
  /** A name where the template gives none; else the logical id without CDK's hash. */
  nameOf?(logicalId: string): string;
  bringUp(resource: Given): Answers | Promise<Answers>;
}

/** Types by name, such as `AWS::SQS::Queue`. */
export type ResourceTypes = Record<string, ResourceType>;

/** A type of which nothing is referred to but the logical id. */
export const own: ResourceType = { bringUp: ({ logicalId }) => ({ ref: logicalId }) };

/** The same at every start, in place of an id that AWS draws. */
export function stableId(logicalId: string, length: number): string {
  return createHash('sha256').update(logicalId).digest('hex').slice(0, length);
}
