import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { RandomBytes } from './tokens.ts';

const keyFrom = (secret: string) => createHmac('sha256', secret).update('portolan seal').digest();

/** Text that only whoever knows the secret can read again: AES-256-GCM, `<iv>.<tag>.<text>` in base64url. */
export function sealed(text: string, secret: string, random: RandomBytes): string {
  const iv = random(12);
  const cipher = createCipheriv('aes-256-gcm', keyFrom(secret), iv);
  const hidden = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return [Buffer.from(iv), cipher.getAuthTag(), hidden].map((part) => part.toString('base64url')).join('.');
}

/** What was sealed, or null when the secret is another one. */
export function unsealed(text: string, secret: string): string | null {
  const [iv, tag, hidden] = text.split('.').map((part) => Buffer.from(part, 'base64url'));
  if (!iv || !tag || !hidden) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', keyFrom(secret), iv, { authTagLength: 16 }).setAuthTag(tag);
    return Buffer.concat([decipher.update(hidden), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
