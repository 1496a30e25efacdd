import { hasEnded, type Update } from '../request.ts';

/** So many versions are kept: nobody waits for older ones. */
const KEPT = 32;

/** The versions of one request that were seen, each once, ascending, the newest ones kept. */
export interface VersionLog {
  /** Takes an update that is newer than all before; says whether it was. */
  add(update: Update): boolean;
  /** The oldest kept update that is newer than `version`. */
  after(version: number): Update | undefined;
  /** Forgets, and from now on refuses, what is older than `version`. */
  startFrom(version: number): void;
  /** Whether the newest update ended the request. */
  ended(): boolean;
}

export function createVersionLog(): VersionLog {
  let updates: Update[] = [];
  let oldest = 0;

  return {
    add(update) {
      const { version } = update.request;
      if (version < oldest || version <= (updates.at(-1)?.request.version ?? 0)) return false;
      updates = [...updates, update].slice(-KEPT);
      return true;
    },
    after: (version) => updates.find(({ request }) => request.version > version),
    startFrom(version) {
      oldest = version;
      updates = updates.filter(({ request }) => request.version >= version);
    },
    ended() {
      const newest = updates.at(-1);
      return newest !== undefined && hasEnded(newest.request);
    },
  };
}
