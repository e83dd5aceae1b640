import type { Catalog } from '../ports/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executor } from '../ports/executor.ts';
import { planRun } from './planRun.ts';
import type { Pointer } from './records.ts';
import type { Settings } from './settings.ts';

export type StartOutcome =
  | { outcome: 'noFlows' }
  | { outcome: 'current'; run: string }
  | { outcome: 'busy'; run: string; owner: string }
  | { outcome: 'givenUp'; run: string; reason: string }
  | { outcome: 'started'; run: string; slot: number; attempt: number };

/** A run that failed this often is left alone until its data, settings or code change. */
export const ATTEMPTS = 3;
/** Longer than an execution may last (its template says one hour): only a lost release is ever waited for. */
const LEASE_MS = 65 * 60 * 1000;

/**
 * Brings the published scores up to what is stored: starts the run that planRun asks for unless it is current or a run is under way.
 * It looks at the state, not at the message that woke it, so that any message may come twice, late or never; the end of every execution
 * wakes it again, hence "busy" needs no memory.
 */
export function startRun(deps: {
  catalog: Catalog;
  executor: Executor;
  clock: Clock;
  settings: Settings;
  codeVersion: string;
}): () => Promise<StartOutcome> {
  const { catalog, executor, clock, settings, codeVersion } = deps;
  return async () => {
    const [datasets, drops, pointer] = await Promise.all([catalog.datasets(), catalog.drops(), catalog.pointer()]);
    const planned = planRun({ datasets, drops }, settings, codeVersion);
    if (!planned) return { outcome: 'noFlows' };
    const { run, manifest } = planned;
    if (pointer?.run === run) return { outcome: 'current', run };

    // one run at a time; a lease whose execution has ended (or never began) is taken over
    const lease = await catalog.lease();
    if (lease) {
      if (await executor.isRunning(lease.owner)) return { outcome: 'busy', run, owner: lease.owner };
      await catalog.release(lease.owner);
    }

    const before = await catalog.getRun(run);
    if (before?.status === 'failed' && before.attempt >= ATTEMPTS) {
      return { outcome: 'givenUp', run, reason: before.reason ?? 'no reason was recorded' };
    }
    const attempt = (before?.attempt ?? 0) + 1;
    const owner = executionName(run, attempt);
    const now = clock();
    const expiresAt = new Date(now.getTime() + LEASE_MS).toISOString();
    if (!(await catalog.acquire({ owner, expiresAt }, now.toISOString()))) return { outcome: 'busy', run, owner };

    const slot = freeSlot(pointer);
    await catalog.putRun({ run, status: 'running', slot, attempt, startedAt: now.toISOString(), manifest });
    await executor.start(owner, { run, slot, attempt });
    return { outcome: 'started', run, slot, attempt };
  };
}

/** The name of an execution, which is also the owner of its lease. */
export const executionName = (run: string, attempt: number) => `${run}-${attempt}`;

/** The lowest of the three slots that is neither current nor previous. */
export function freeSlot(pointer: Pointer | null): number {
  const taken = [pointer?.slot, pointer?.previous?.slot];
  return [0, 1, 2].find((slot) => !taken.includes(slot)) ?? 0;
}
