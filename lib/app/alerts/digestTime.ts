import type { Choice } from './records.ts';

const MINUTE_MS = 60_000;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The local date and time of a moment. */
function localTime(at: Date, timeZone: string) {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? '';
  return { weekday: WEEKDAYS.indexOf(part('weekday')) + 1, hour: Number(part('hour')), minute: Number(part('minute')) };
}

/**
 * When what was found now may be told: at once, or at the next full hour chosen, in the subscriber's own time. Found by walking, so that a
 * day of 23 or 25 hours needs no rule: where the hour does not exist, the next that does is taken.
 */
export function nextDelivery({ cadence, timeZone, hour, weekday }: Choice, now: Date): Date {
  if (cadence === 'instant') return now;
  // whole quarters of an hour: every offset from UTC is a multiple of one
  const step = 15 * MINUTE_MS;
  let at = new Date(Math.floor(now.getTime() / step) * step + step);
  let before = localTime(new Date(at.getTime() - step), timeZone);
  // two weeks hold every weekday and hour at least once
  for (let n = 0; n < 14 * 96; n++) {
    const local = localTime(at, timeZone);
    const dayFits = cadence === 'daily' || local.weekday === weekday;
    const skipped = before.weekday === local.weekday && before.hour < hour && local.hour > hour;
    if (dayFits && ((local.hour === hour && local.minute === 0) || skipped)) return at;
    before = local;
    at = new Date(at.getTime() + step);
  }
  throw new RangeError(`nextDelivery: no ${hour} o'clock in ${timeZone}`);
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
