import { randomBytes } from 'node:crypto';
import { ACCOUNT } from '../template/names.ts';
import type { ObjectFacts } from './buckets.ts';
import type { CreationReason } from './request.ts';

let lastSequence = 0n;

/** Orders the events of one key: a later write has the greater of two hexadecimal numbers of equal length. */
export function nextSequencer(): string {
  const now = BigInt(Date.now()) << 16n;
  lastSequence = now > lastSequence ? now : lastSequence + 1n;
  return lastSequence.toString(16).toUpperCase().padStart(18, '0');
}

/** The `detail` of an Object Created event. */
export function createdDetail(object: ObjectFacts, reason: CreationReason) {
  return {
    version: '0',
    'event-version': '1.0',
    bucket: { name: object.bucket },
    object: { key: object.key, size: object.bytes, etag: object.etag, sequencer: nextSequencer() },
    'request-id': randomBytes(8).toString('hex').toUpperCase(),
    requester: ACCOUNT,
    'source-ip-address': '127.0.0.1',
    reason,
  };
}
