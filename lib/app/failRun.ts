import type { Catalog } from '../ports/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import { executionName } from './startRun.ts';

/** Records why a run failed and gives its lease back. What readers see does not change: the pointer is not touched. */
export function failRun({ catalog, clock }: { catalog: Catalog; clock: Clock }) {
  return async ({ run, attempt, reason }: { run: string; attempt: number; reason: string }): Promise<void> => {
    const record = await catalog.getRun(run);
    const pointer = await catalog.pointer();
    if (record && record.attempt === attempt && pointer?.run !== run) {
      await catalog.putRun({ ...record, status: 'failed', finishedAt: clock().toISOString(), reason });
    }
    await catalog.release(executionName(run, attempt));
  };
}
