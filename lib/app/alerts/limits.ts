import { Failure } from '../../core/errors.ts';
import type { AlertRecords } from './alertRecords.ts';

/** New subscriptions that one caller (an API key, or an address on the network where there is none) may ask for in an hour. */
export const CREATED_PER_HOUR = 20;
/** Previews, each of which reads two runs of an exporter. */
export const PREVIEWS_PER_HOUR = 120;
/** Tests and replays of one subscription. */
export const SENT_PER_HOUR = 10;
/** Questions whether messages are wanted that one receiver is sent in an hour, whoever asks for them. */
export const INVITATIONS_PER_HOUR = 3;
/** Subscriptions of one receiver that may be active or paused at once. */
export const ACTIVE_PER_RECEIVER = 50;

/** Refuses whoever did something too often in this hour. */
export async function withinLimit(records: AlertRecords, what: string, who: string, perHour: number, now: Date) {
  if ((await records.countInHour(`${what}#${who}`, now)) <= perHour) return;
  const retryAfterSeconds = 3600 - (Math.floor(now.getTime() / 1000) % 3600);
  throw new Failure('rate.exceeded', { what, perHour, retryAfterSeconds });
}
