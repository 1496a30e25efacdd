/** A timer that does not keep a Node process alive. (In browsers a timer is a number.) */
export function unref(timer: ReturnType<typeof setTimeout>): void {
  if (typeof timer === 'object') timer.unref();
}
