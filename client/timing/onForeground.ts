/** Calls back when a browser's page becomes visible or is online again; nothing happens elsewhere. @returns ends it */
export function onForeground(act: () => void): () => void {
  if (typeof document === 'undefined' || typeof addEventListener !== 'function') return () => {};
  const onVisible = () => {
    if (document.visibilityState === 'visible') act();
  };
  document.addEventListener('visibilitychange', onVisible);
  addEventListener('online', act);
  return () => {
    document.removeEventListener('visibilitychange', onVisible);
    removeEventListener('online', act);
  };
}
