import type { Briefing } from '../../core/description/briefing.ts';

export type FallbackReason = 'no_key' | 'unavailable' | 'refused' | 'unusable' | 'gave_up' | 'inconclusive';

/** Why there is no text of the LLM's; the template stands in. */
export class NoDescription extends Error {
  override readonly name = 'NoDescription';
  readonly reason: FallbackReason;

  constructor(reason: FallbackReason, cause?: unknown) {
    super(`No description: ${reason}`, { cause });
    this.reason = reason;
  }
}

export interface Describer {
  /**
   * Plain language for one result, not yet checked.
   * @throws NoDescription, whatever goes wrong
   */
  describe(briefing: Briefing): Promise<{ text: string; model: string }>;
}
