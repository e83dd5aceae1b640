import * as z from 'zod';
import {
  CADENCES,
  Choice,
  Delivery as DeliveryRecord,
  Found,
  Item,
  KINDS,
  LANGUAGES,
  Subscription as SubscriptionRecord,
} from '../../lib/app/alerts/records.ts';
import { OpportunityFilter } from '../api/parameters.ts';

/** What is sent to the subscriptions, and what they answer: the handler reads bodies by it, the OpenAPI document shows it. */

/** The filters, read apart by the schema of /v1/opportunities itself: as an object, or as a query of that list. */
const filter = z.union([z.string().max(2_000), z.record(z.string(), z.union([z.string(), z.number()]))]).meta({
  description: `What is watched, in the words of /v1/opportunities: an object of ${Object.keys(OpportunityFilter.shape).join(', ')}; or a whole query of that list as text, of which what only orders or cuts the list is left aside.`,
});

const kinds = z.array(z.enum(KINDS)).min(1).max(KINDS.length);
const hour = z.number().int().min(0).max(23).meta({ description: 'Of digests, in the time zone.' });
const weekday = z.number().int().min(1).max(7).meta({ description: 'Of weekly digests: 1 Monday … 7 Sunday.' });
const timeZone = z.string().min(1).max(64).meta({ description: 'IANA name.', example: 'America/Mexico_City' });

const channel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('email'), address: z.email().max(254) }),
  z.strictObject({ type: z.literal('webhook'), url: z.string().max(2_000) }),
  z.strictObject({ type: z.literal('slack'), url: z.string().max(2_000) }),
  z.strictObject({ type: z.literal('eventBridge'), bus: z.string().min(1).max(256) }),
]);

export const CreateBody = z.strictObject({
  filter,
  kinds: kinds.default(['newOpportunity', 'scoreCrossed']),
  cadence: z.enum(CADENCES).default('daily'),
  timeZone: timeZone.default('UTC'),
  hour: hour.default(8),
  weekday: weekday.default(1),
  language: z.enum(LANGUAGES).default('en'),
  channel,
});

export const ChangeBody = z.strictObject({
  filter: filter.optional(),
  kinds: kinds.optional(),
  cadence: z.enum(CADENCES).optional(),
  timeZone: timeZone.optional(),
  hour: hour.optional(),
  weekday: weekday.optional(),
  language: z.enum(LANGUAGES).optional(),
});

export const PreviewBody = z.strictObject({ filter, kinds: kinds.default(['newOpportunity', 'scoreCrossed']) });

const instant = z.iso.datetime();

const shownSubscription = z.object({
  id: z.string(),
  status: SubscriptionRecord.shape.status,
  ...Choice.shape,
  createdAt: instant,
  activatedAt: instant.nullable(),
  expiresAt: instant.nullable().meta({ description: 'When a pending or ended one is forgotten.' }),
  disabledReason: z.string().nullable(),
});
export const Subscription = shownSubscription.meta({ id: 'Subscription' });

const token = z.string().meta({ description: 'Manages the subscription. Shown this once; only its hash is kept.' });
const secret = z.string().meta({ description: 'Signs the webhooks (Standard Webhooks). Shown this once.' });

export const SubscriptionBegun = z
  .object({ subscription: shownSubscription, token, secret: secret.optional(), next: z.string() })
  .meta({ id: 'SubscriptionBegun' });
export const SubscriptionAnswer = z.object({ subscription: shownSubscription }).meta({ id: 'SubscriptionAnswer' });
export const Subscriptions = z.object({ items: z.array(shownSubscription) }).meta({ id: 'Subscriptions' });
export const TokenRotated = z.object({ token }).meta({ id: 'TokenRotated' });
export const SecretRotated = z
  .object({ secret, previousUntil: instant.meta({ description: 'Until then messages carry both signatures.' }) })
  .meta({ id: 'SecretRotated' });

const delivery = DeliveryRecord.omit({ leaseUntil: true });
export const DeliveryAnswer = z.object({ delivery }).meta({ id: 'DeliveryAnswer' });
export const Deliveries = z.object({ items: z.array(delivery) }).meta({ id: 'Deliveries' });

export const SubscriptionExport = z
  .object({
    exportedAt: instant,
    subscriptions: z.array(shownSubscription.extend({ deliveries: z.array(DeliveryRecord), found: z.array(Found) })),
    suppressed: z.boolean().meta({ description: 'Nothing is sent to the address, whatever asks for it.' }),
  })
  .meta({ id: 'SubscriptionExport' });

export const Preview = z
  .object({
    preview: z
      .object({
        from: z.string(),
        run: z.string(),
        items: z.array(Item),
        total: z.number().int(),
        notLookedAt: z.array(z.enum(KINDS)).meta({ description: 'Kinds that only a run itself can tell of.' }),
      })
      .nullable(),
    sentence: z.string(),
  })
  .meta({ id: 'Preview' });
