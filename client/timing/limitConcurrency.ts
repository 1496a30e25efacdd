/** Runs at most `limit` of the tasks given to it at a time, the others in the order they came. */
export function limitConcurrency(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let free = limit;
  const leave = () => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  };
  const enter = () => {
    if (free === 0) return new Promise<void>((resolve) => queue.push(resolve));
    free -= 1;
    return Promise.resolve();
  };
  return async (task) => {
    await enter();
    try {
      return await task();
    } finally {
      leave();
    }
  };
}
