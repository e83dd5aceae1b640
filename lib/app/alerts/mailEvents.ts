import * as z from 'zod';
import type { Clock } from '../../ports/clock.ts';
import type { AlertRecords } from './alertRecords.ts';
import type { Subscription } from './records.ts';
import { ownerOf } from './tokens.ts';

const Recipients = z.array(z.object({ emailAddress: z.string() }));

/** What SES says became of an e-mail, as far as it is read here. */
export const MailEvent = z.object({
  'detail-type': z.string(),
  detail: z.object({
    bounce: z.object({ bounceType: z.string(), bouncedRecipients: Recipients }).optional(),
    complaint: z.object({ complainedRecipients: Recipients }).optional(),
  }),
});
export type MailEvent = z.infer<typeof MailEvent>;

/**
 * Writes to no address again that does not exist or complained, whatever asks for it later. Only the hash of the address is kept. An
 * address that is full or away for a while stays: SES has tried for long enough, and the next alert tries again.
 */
export function mailEvents(deps: { records: AlertRecords; clock: Clock }) {
  const { records, clock } = deps;
  return async ({ detail: { bounce, complaint } }: MailEvent): Promise<{ suppressed: number; disabled: number }> => {
    const bounced = bounce?.bounceType === 'Permanent' ? bounce.bouncedRecipients : [];
    const told = [
      ...bounced.map(({ emailAddress }) => ({ emailAddress, reason: 'e-mails to the address come back' })),
      ...(complaint?.complainedRecipients ?? []).map(({ emailAddress }) => ({
        emailAddress,
        reason: 'an e-mail was reported as unwanted',
      })),
    ];
    let disabled = 0;
    for (const { emailAddress, reason } of told) {
      const owner = ownerOf('email', bareAddress(emailAddress));
      await records.suppress(owner, reason, clock());
      for (const subscription of await records.ofOwner(owner)) {
        if (await disable(records, subscription, reason)) disabled++;
      }
    }
    return { suppressed: told.length, disabled };
  };
}

/** `Somebody <a@b.example>` → `a@b.example` */
const bareAddress = (text: string) => /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;

/** Ends a subscription by e-mail; false when there is nothing to end. */
async function disable(records: AlertRecords, { id }: Subscription, reason: string): Promise<boolean> {
  for (;;) {
    const known = await records.subscription(id);
    if (!known || /^(disabled|ended)$/.test(known.value.status) || known.value.channel.type !== 'email') return false;
    // one that was never confirmed is forgotten when it would have been
    const next: Subscription = { ...known.value, status: 'disabled', disabledReason: reason };
    if (await records.putSubscription(next, known.version, known.value)) return true;
  }
}
