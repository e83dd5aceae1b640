import { readFileSync } from 'node:fs';

/** Bytes of memory of this process and everything that it started. */
export interface MemoryPeak {
  /** the most that was resident at one time, as far as looking now and then shows */
  readonly together: number;
  /** the most that the processes alive at one time had each reached: an upper bound, since not all peak together */
  readonly addedUp: number;
}

/** Watches the memory (resident sets, so that what processes share counts for each). Null where the system does not tell: no /proc. */
export function memoryPeak(everyMs = 200): { bytes(): MemoryPeak | null; stop(): void } {
  const peak = { together: 0, addedUp: 0 };
  const look = () => {
    let together = 0;
    let addedUp = 0;
    for (const pid of family(process.pid)) {
      const { resident, highest } = memoryOf(pid);
      together += resident;
      addedUp += highest;
    }
    peak.together = Math.max(peak.together, together);
    peak.addedUp = Math.max(peak.addedUp, addedUp);
  };
  look();
  const timer = setInterval(look, everyMs);
  timer.unref();
  return {
    bytes() {
      look();
      return peak.together > 0 ? { ...peak } : null;
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
    // Node starts processes from its main thread, whose id is the process's
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it has just ended, or there is no /proc
  }
}

function memoryOf(pid: number): { resident: number; highest: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kilobytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
    return { resident: 1024 * kilobytes('VmRSS'), highest: 1024 * kilobytes('VmHWM') };
  } catch {
    return { resident: 0, highest: 0 };
  }
}
