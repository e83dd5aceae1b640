import { createHmac } from 'node:crypto';

/** A secret as its owner sees it: `whsec_` and base64. */
export const SECRET_PREFIX = 'whsec_';
/** How long the secret before still signs too, after a new one was made. */
export const ROTATION_MS = 24 * 3600 * 1000;

/** The signing secrets of a webhook, the newest first. */
export interface Secrets {
  readonly current: string;
  readonly previous: { readonly secret: string; readonly until: string } | null;
}

/**
 * The headers by which a receiver knows a message for ours.
 *
 *     webhook-signature = v1,base64 HMAC-SHA256(secret, "id.timestamp.body")      one per secret that is valid, separated by spaces
 *
 * @param id the same for every attempt at the message
 * @param at the time of this attempt
 * @source Standard Webhooks 1.0.0
 */
export function signedHeaders(id: string, at: Date, body: string, secrets: Secrets): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000);
  const { current, previous } = secrets;
  const valid = [current, ...(previous && at.toISOString() < previous.until ? [previous.secret] : [])];
  const signatures = valid.map((secret) => {
    const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}

/** A secret of 32 bytes. */
export const secretOf = (bytes: Uint8Array) => `${SECRET_PREFIX}${Buffer.from(bytes).toString('base64')}`;
