const [SECOND, MINUTE, HOUR] = [1, 60, 3600];

/** Seconds to wait after each failed attempt at a webhook (Standard Webhooks 1.0.0): three days in all. */
export const WAITS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;
/** Waits are spread over this share of themselves, so that receivers do not get everything at once when they come back. */
const SPREAD = 0.2;
const LONGEST = 24 * HOUR;

/**
 * Seconds until the next attempt, or null when there is none left.
 *
 * @param failed attempts made, all of them failed
 * @param luck uniform in [0, 1)
 * @param asked what the receiver asked for (Retry-After), honoured up to a day
 */
export function waitBefore(failed: number, luck: number, asked: number | null): number | null {
  const wait = WAITS[failed - 1];
  if (wait === undefined) return null;
  return Math.max(wait * (1 + SPREAD * luck), Math.min(asked ?? 0, LONGEST));
}
