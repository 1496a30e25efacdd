import type { Grant } from './grant.ts';
import type { Network } from './productFunction.ts';

/** How the describer's input gets from the inference to the enrichment worker. */
export interface Handover {
  /** Where both workers have to run to reach it; undefined: anywhere. */
  network: Network | undefined;
  /** Variables for who puts it there. */
  put(): Record<string, Grant>;
  /** Variables for who takes it. */
  get(): Record<string, Grant>;
}
