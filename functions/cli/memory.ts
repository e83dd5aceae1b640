import { readdirSync, readFileSync } from 'node:fs';

/**
 * The memory that this process and everything it started take: the sum of the peaks (VmHWM) of the processes that live at one time,
 * the highest such sum seen. An upper bound, since not all reach their peak together. Null where the system does not tell (no /proc).
 */
export function memoryPeak(everyMs = 200): { bytes(): number | null; stop(): void } {
  let peak: number | null = null;
  const look = () => {
    const now = family(process.pid).reduce((sum, pid) => sum + peakOf(pid), 0);
    if (now > 0) peak = Math.max(peak ?? 0, now);
  };
  look();
  const timer = setInterval(look, everyMs);
  timer.unref();
  return {
    bytes() {
      look();
      return peak;
    },
    stop: () => clearInterval(timer),
  };
}

/** A process and all that descend from it. */
function family(pid: number): number[] {
  return [pid, ...childrenOf(pid).flatMap(family)];
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return []; // it has just ended, or there is no /proc
  }
}

function peakOf(pid: number): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
