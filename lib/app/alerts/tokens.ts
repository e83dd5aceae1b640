import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Bytes that nobody can guess. Injected, so that use cases stay repeatable in tests. */
export type RandomBytes = (count: number) => Uint8Array;

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

/**
 * A management token, `pms_<subscription>_<secret>`. The secret has 256 random bits, so a plain hash is as good as a slow one: there is
 * nothing to guess from.
 */
export const managementToken = (subscription: string, random: RandomBytes) =>
  `pms_${subscription}_${Buffer.from(random(32)).toString('base64url')}`;

export const tokenHash = (token: string) => sha256(`token\n${token}`);

/** The subscription that a token claims to manage, or null when it is none of ours. */
export const tokenSubject = (token: string): string | null => /^pms_([0-9a-f]{32})_[\w-]{43}$/.exec(token)?.[1] ?? null;

/** Compares without telling by its time how much agrees. */
export function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(sha256(a)), Buffer.from(sha256(b))];
  return timingSafeEqual(x, y);
}

/** What links in messages may do. */
export type LinkPurpose = 'confirm' | 'unsubscribe';

/** The token of a link in a message: good for one purpose of one subscription. */
export const linkToken = (linkKey: string, subscription: string, purpose: LinkPurpose) =>
  createHmac('sha256', Buffer.from(linkKey, 'base64url')).update(`${purpose}\n${subscription}`).digest('base64url');

/** The address in the form by which equal ones are found, hashed. Mailbox names of different case are one person in practice. */
export const ownerOf = (kind: string, address: string) => sha256(`owner\n${kind}\n${address.trim().toLowerCase()}`);

export const shortHash = (...parts: string[]) =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
