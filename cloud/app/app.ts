import type * as z from 'zod';

/** What `cdk synth -c` would be given; wins over the context of cdk.json. */
export type Context = Record<string, z.core.util.JSONType>;

/** A CDK app. */
export interface App {
  /** Of its cdk.json and its sources. Not given: the working directory. */
  directory?: string;
  /** How it is run, in that directory. Not given: as cdk.json says. */
  command?: string;
  /** Where assemblies are made, in that directory. Not given: `.local/assemblies`. */
  assemblies?: string;
  /**
   * Whether a path below the directory is nothing that the app reads. Given, the same inputs are synthesized once, and
   * `watch` looks at inputs alone.
   */
  isNoInput?(path: string): boolean;
}
