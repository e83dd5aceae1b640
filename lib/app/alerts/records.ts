import * as z from 'zod';
import { CAUSES } from '../../core/alerts/causes.ts';
import { GRADES } from '../../core/scoring/confidence.ts';
import { FLAGS } from '../../core/scoring/flags.ts';
import { BASES } from '../../core/scoring/scoredCells.ts';

/** The facts of alerts that outlive a process. */

const Instant = z.iso.datetime();

/** What a subscription may be told about. */
export const KINDS = ['newOpportunity', 'scoreCrossed', 'marketChange', 'competitorChange', 'dataPublished'] as const;
export type Kind = (typeof KINDS)[number];
export const CADENCES = ['instant', 'daily', 'weekly'] as const;
export const LANGUAGES = ['en', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

export const Channel = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('email'), address: z.string() }),
  z.strictObject({ type: z.literal('webhook'), url: z.string() }),
  z.strictObject({ type: z.literal('slack'), url: z.string() }),
  z.strictObject({ type: z.literal('eventBridge'), bus: z.string() }),
]);
export type Channel = z.infer<typeof Channel>;

/** The filters of /v1/opportunities as they were understood. Minimums by their names there. */
export const Filter = z.looseObject({
  exporter: z.string(),
  importer: z.string().optional(),
  product: z.string().optional(),
  basis: z.enum(BASES).optional(),
  without: z.array(z.enum(FLAGS)).optional(),
  minConfidence: z.enum(GRADES).optional(),
  minScore: z.number().optional(),
});
export type Filter = z.infer<typeof Filter>;

/** What a subscriber chooses. */
export const Choice = z.object({
  filter: Filter,
  kinds: z.array(z.enum(KINDS)).min(1),
  cadence: z.enum(CADENCES),
  /** IANA name; digests go out at `hour` there, weekly ones on `weekday` (1 Monday … 7 Sunday) */
  timeZone: z.string(),
  hour: z.number().int(),
  weekday: z.number().int(),
  language: z.enum(LANGUAGES),
  channel: Channel,
});
export type Choice = z.infer<typeof Choice>;

export const Subscription = Choice.extend({
  id: z.string(),
  /** pending: consent is missing. disabled: the receiver is gone, or refused for too long. ended: whoever got the messages ended it */
  status: z.enum(['pending', 'active', 'paused', 'disabled', 'ended']),
  /** hash of the address: subscriptions of one address are found by it */
  owner: z.string(),
  /** hash of the management token */
  tokenHash: z.string(),
  /** what the tokens of links in messages are derived from */
  linkKey: z.string(),
  secrets: z
    .object({ current: z.string(), previous: z.object({ secret: z.string(), until: Instant }).nullable() })
    .nullable(),
  /** where the API was reached when it was made: links lead there */
  baseUrl: z.string(),
  createdAt: Instant,
  activatedAt: Instant.nullable(),
  /** a pending or ended one is forgotten after this */
  pendingUntil: Instant.nullable(),
  disabledReason: z.string().nullable(),
});
export type Subscription = z.infer<typeof Subscription>;

const usd = z.number().nullable();

/** One thing that a subscriber is told. */
export const Item = z.object({
  kind: z.enum(KINDS),
  exporter: z.string(),
  exporterName: z.string(),
  /** '' where the item is about no single cell, like the two below */
  product: z.string(),
  productName: z.string(),
  importer: z.string(),
  importerName: z.string(),
  basis: z.enum(BASES).nullable(),
  direction: z.enum(['up', 'down']),
  score: z.number().nullable(),
  previousScore: z.number().nullable(),
  actualUsd: usd,
  potentialUsd: usd,
  previousPotentialUsd: usd,
  unrealisedUsd: usd,
  previousUnrealisedUsd: usd,
  /** what the potential was multiplied by, factor by factor; their product is the whole change */
  factors: z.object({ size: z.number(), ease: z.number(), marginAdjustment: z.number() }).nullable(),
  /** what changed, where that is not the score: imports of the product by the market, the leading competitor */
  marketFactor: z.number().nullable(),
  competitor: z.object({ name: z.string(), share: z.number(), previousName: z.string() }).nullable(),
  years: z.array(z.number().int()).nullable(),
  /** more than one when they cannot be told apart */
  causes: z.array(z.enum(CAUSES)),
});
export type Item = z.infer<typeof Item>;

/** What one run brought for one subscription: waits until a delivery takes it. */
export const Found = z.object({
  run: z.string(),
  publishedAt: Instant,
  /** the run that it was compared with */
  from: z.string(),
  synthetic: z.boolean(),
  /** the best of them */
  items: z.array(Item),
  total: z.number().int(),
  /** the delivery that took it */
  takenBy: z.string().nullable(),
});
export type Found = z.infer<typeof Found>;

export const Delivery = z.object({
  id: z.string(),
  subscription: z.string(),
  kind: z.enum(['confirm', 'matched', 'test']),
  status: z.enum(['due', 'sending', 'sent', 'failed', 'dropped']),
  createdAt: Instant,
  dueAt: Instant,
  attempts: z.number().int(),
  /** while sending: nobody else sends before this */
  leaseUntil: Instant.nullable(),
  /** runs whose findings it carries; chosen at the first attempt, so that every attempt says the same */
  runs: z.array(z.string()).nullable(),
  log: z.array(z.object({ at: Instant, outcome: z.string() })),
  /** of a replay: the delivery whose content it repeats */
  replays: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;
