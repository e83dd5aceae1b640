import type { Clock } from '../../ports/clock.ts';
import type { Queue } from '../../ports/queue.ts';
import { inParallel } from '../inParallel.ts';
import { type AlertRecords, minuteOf } from './alertRecords.ts';

const MINUTE_MS = 60_000;
/** Minutes that are looked at again: whoever enters a delivery for a minute may be this late with it. */
const LATE_MINUTES = 10;
const SENT_AT_ONCE = 16;

/** What is asked of the function that delivers. */
export interface DeliveryOrder {
  readonly subscription: string;
  readonly delivery: string;
}

/**
 * Moves what is due to the queue: every minute since the last one looked at, and some before it. The first subscription says where looking
 * begins. An entry goes after it was sent, so a death between the two sends it twice, which whoever delivers sees; and the mark moves last.
 */
export function dueDeliveries(deps: { records: AlertRecords; queue: Queue; clock: Clock }) {
  const { records, queue, clock } = deps;
  return async (): Promise<{ minutes: number; moved: number }> => {
    const now = Math.floor(clock().getTime() / MINUTE_MS);
    const cursor = await records.dueCursor();
    const from = cursor ? Math.floor(Date.parse(`${cursor.value}Z`) / MINUTE_MS) : now - LATE_MINUTES;
    let moved = 0;
    for (let minute = from; minute <= now; minute++) {
      const name = minuteOf(new Date(minute * MINUTE_MS));
      await inParallel(await records.dueIn(name), SENT_AT_ONCE, async ({ sort, value }) => {
        const order: DeliveryOrder = value;
        await queue.send(JSON.stringify(order));
        await records.leaveDue(name, sort);
        moved++;
      });
    }
    const next = Math.max(from, now - LATE_MINUTES);
    await records.moveDueCursor(minuteOf(new Date(next * MINUTE_MS)), cursor?.version ?? 0);
    return { minutes: now - from + 1, moved };
  };
}
