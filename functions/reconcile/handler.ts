import * as z from 'zod';
import { reconcile } from '../../lib/app/reconcile.ts';
import type { Clock } from '../../lib/ports/clock.ts';
import type { Measure } from '../measure.ts';
import { task } from '../task.ts';

const DAY_MS = 24 * 3600 * 1000;

/** The scheduled event of EventBridge. */
export const ScheduledEvent = z.object({ source: z.string(), 'detail-type': z.string() });

export const reconcileHandler = (deps: Parameters<typeof reconcile>[0] & { clock: Clock; measure: Measure }) => {
  const work = reconcile(deps);
  return task(ScheduledEvent, async () => {
    const { resent, newest } = await work();
    // without data there is no age, and no alarm about it
    const age = newest === null ? {} : { DataAgeDays: (deps.clock().getTime() - Date.parse(newest)) / DAY_MS };
    deps.measure({ Resent: resent.length, ...age });
    return { resent };
  });
};
