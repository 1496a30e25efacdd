import type { OpenPush, PushListener } from '../push/pushChannel.ts';

/** A push service in memory: what was opened, in order, and whether it was closed again. */
export function fakePush() {
  const opened: (PushListener & { closed: boolean })[] = [];
  const open: OpenPush = (listener) => {
    const one = { ...listener, closed: false };
    opened.push(one);
    return () => {
      one.closed = true;
    };
  };
  const latest = () => {
    const one = opened.at(-1);
    if (!one) throw new Error('nothing was opened');
    return one;
  };
  return { open, opened, latest };
}
