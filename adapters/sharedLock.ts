/** A readers-writer lock: `beside` runs side by side with its like, `alone` with nothing else. First come, first served. */
export function createSharedLock() {
  const besides = new Set<Promise<unknown>>();
  let lastAlone: Promise<unknown> = Promise.resolve();

  async function beside<T>(act: () => Promise<T>): Promise<T> {
    const before = lastAlone;
    const running = before.then(act);
    const settled = running.catch(() => {});
    besides.add(settled);
    settled.then(() => besides.delete(settled));
    return await running;
  }

  async function alone<T>(act: () => Promise<T>): Promise<T> {
    const before = Promise.all([lastAlone, ...besides]);
    const running = before.then(act);
    lastAlone = running.catch(() => {});
    return await running;
  }

  return { beside, alone };
}
