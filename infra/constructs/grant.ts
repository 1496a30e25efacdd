import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** A variable of a function's environment, together with what the function may do to the thing it names. */
export interface Grant {
  value: string;
  statements: PolicyStatement[];
}

/** For each variable that a function reads, and for no other, a grant. `Environment` is the entry file's own type. */
export type Granted<Environment> = { readonly [Name in keyof Environment]: Grant };

/** A variable that gives access to nothing. */
export function setting(value: string | number): Grant {
  return { value: String(value), statements: [] };
}

/** Actions by their full names: what CDK's own grants emit holds wildcards, and actions that nobody uses. */
export function allow(actions: string[], ...resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}
