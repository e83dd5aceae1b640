import { describe, expect, it } from 'vitest';
import { isTimeZone, nextDelivery } from '../../../lib/app/alerts/digestTime.ts';
import type { Choice } from '../../../lib/app/alerts/records.ts';
import { WAITS, waitBefore } from '../../../lib/core/alerts/retry.ts';

const choice = (cadence: Choice['cadence'], timeZone: string, hour: number, weekday = 1) =>
  ({ cadence, timeZone, hour, weekday }) as Choice;

describe('when a digest goes out', () => {
  it.each([
    ['at once', choice('instant', 'UTC', 8), '2026-03-01T07:12:34.000Z', '2026-03-01T07:12:34.000Z'],
    ['today', choice('daily', 'UTC', 8), '2026-03-01T07:12:34Z', '2026-03-01T08:00:00.000Z'],
    [
      'tomorrow, when the hour strikes now',
      choice('daily', 'UTC', 8),
      '2026-03-01T08:00:00Z',
      '2026-03-02T08:00:00.000Z',
    ],
    ['in Mexico', choice('daily', 'America/Mexico_City', 8), '2026-03-01T07:00:00Z', '2026-03-01T14:00:00.000Z'],
    [
      'in Nepal, a quarter off',
      choice('daily', 'Asia/Kathmandu', 8),
      '2026-03-01T00:00:00Z',
      '2026-03-01T02:15:00.000Z',
    ],
    ['on Monday', choice('weekly', 'UTC', 8, 1), '2026-03-01T09:00:00Z', '2026-03-02T08:00:00.000Z'],
    ['on Sunday in a week', choice('weekly', 'UTC', 8, 7), '2026-03-01T09:00:00Z', '2026-03-08T08:00:00.000Z'],
    ['before summer time', choice('daily', 'Europe/Madrid', 8), '2026-03-28T06:00:00Z', '2026-03-28T07:00:00.000Z'],
    ['in summer time', choice('daily', 'Europe/Madrid', 8), '2026-03-29T05:00:00Z', '2026-03-29T06:00:00.000Z'],
    [
      'in the hour that is skipped',
      choice('daily', 'Europe/Madrid', 2),
      '2026-03-29T00:10:00Z',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'in the hour that comes twice, first',
      choice('daily', 'Europe/Madrid', 2),
      '2026-10-24T23:10:00Z',
      '2026-10-25T00:00:00.000Z',
    ],
    ['at midnight', choice('daily', 'UTC', 0), '2026-03-01T23:59:00Z', '2026-03-02T00:00:00.000Z'],
  ])('%s', (_, chosen, now, expected) => {
    expect(nextDelivery(chosen, new Date(now)).toISOString()).toBe(expected);
  });
  it('time zones are those of IANA', () => {
    expect(['America/Mexico_City', 'UTC', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });
});

describe('when a failed attempt is repeated', () => {
  it('later each time, nine times, with some luck', () => {
    expect(WAITS.map((_, n) => waitBefore(n + 1, 0, null))).toEqual([...WAITS]);
    expect(waitBefore(3, 0.5, null)).toBeCloseTo(1980);
    expect(waitBefore(10, 0, null)).toBe(null);
  });
  it('not before the receiver asks for, within a day', () => {
    expect(waitBefore(1, 0, 120)).toBe(120);
    expect(waitBefore(1, 0, 1e9)).toBe(86_400);
    expect(waitBefore(9, 0, 1)).toBe(86_400);
  });
});
