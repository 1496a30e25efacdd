import { readFileSync } from 'node:fs';

/** Watches the peak of the resident memory of processes, by Linux's own count (VmHWM), until stopped. */
export function peakMemory(pids: () => number[]) {
  const peaks = new Map<number, number>();
  const look = () => {
    for (const pid of pids()) {
      const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(statusOf(pid))?.[1];
      if (kilobytes) peaks.set(pid, Math.max(peaks.get(pid) ?? 0, Number(kilobytes)));
    }
  };
  const timer = setInterval(look, 100);
  return {
    /** Of the process that had the most. */
    megabytes: () => Math.max(0, ...peaks.values()) / 1024,
    processes: () => peaks.size,
    look,
    stop() {
      look();
      clearInterval(timer);
    },
  };
}

/** Empty once the process is gone. */
function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
