import type { Content } from './content.ts';
import { confirmLink, opportunitiesLink } from './links.ts';
import type { Delivery, Subscription } from './records.ts';
import { amount, inWords, listOfCauses, scoreText, WORDS } from './words.ts';

/** Standard Webhooks asks for less than 20 kB. */
const MOST_BYTES = 20_000;
/** A chat shows the best and counts the rest. */
const SLACK_ITEMS = 10;

/** What is posted to a webhook or put on a bus. */
export interface Payload {
  readonly type: 'opportunity.matched' | 'subscription.test' | 'subscription.confirm' | 'subscription.challenge';
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * The body of a webhook, the same at every attempt: everything in it was chosen at the first. Items are left out, the last first, until it
 * is below 20 kB; `total` counts them all.
 *
 * @source Standard Webhooks 1.0.0
 */
export function payloadOf(subscription: Subscription, delivery: Delivery, content: Content | null): Payload {
  if (delivery.kind === 'confirm')
    return {
      type: 'subscription.confirm',
      timestamp: delivery.createdAt,
      data: {
        subscription: subscription.id,
        confirm: confirmLink(subscription),
        until: subscription.pendingUntil,
      },
    };
  if (!content)
    return {
      type: 'subscription.test',
      timestamp: delivery.createdAt,
      data: { subscription: subscription.id, delivery: delivery.id },
    };
  const made = (count: number): Payload => ({
    type: 'opportunity.matched',
    timestamp: content.publishedAt,
    data: {
      subscription: subscription.id,
      delivery: delivery.replays ?? delivery.id,
      run: content.runs[0],
      runs: content.runs,
      publishedAt: content.publishedAt,
      synthetic: content.synthetic,
      total: content.total,
      items: content.items.slice(0, count),
      all: opportunitiesLink(subscription),
    },
  });
  let count = content.items.length;
  while (count > 0 && Buffer.byteLength(JSON.stringify(made(count))) >= MOST_BYTES) count--;
  return made(count);
}

/** The body of a Slack-compatible webhook. */
export function slackBody(subscription: Subscription, kind: Delivery['kind'], content: Content | null): string {
  const words = WORDS[subscription.language];
  if (kind === 'confirm') {
    const link = `<${confirmLink(subscription)}|${escaped(words.confirmAction)}>`;
    return JSON.stringify({ text: `${escaped(words.confirmIntro(subscription.filter.exporter))}\n${link}` });
  }
  if (!content) return JSON.stringify({ text: words.testIntro });
  const lines = content.items.slice(0, SLACK_ITEMS).map((item) => {
    const { title, news } = inWords(item, subscription.language);
    const facts = [
      item.score === null && item.previousScore === null
        ? ''
        : `${words.score} ${scoreText(item, subscription.language)}`,
      item.unrealisedUsd === null ? '' : `${words.unrealised} ${amount(item.unrealisedUsd, subscription.language)}`,
    ].filter((fact) => fact !== '');
    return `• *${escaped(title)}*: ${escaped([news, ...facts].join(' · '))}`;
  });
  const rest = content.total - lines.length;
  const text = [
    `*${escaped(words.subject(content.items[0]?.exporterName ?? subscription.filter.exporter, content.total))}*`,
    ...(content.synthetic ? [`_${escaped(words.synthetic)}_`] : []),
    ...lines,
    ...listOfCauses(content.items, subscription.language).map(escaped),
    `<${opportunitiesLink(subscription)}|${escaped(rest > 0 ? words.more(rest) : words.all)}>`,
  ].join('\n');
  return JSON.stringify({ text });
}

/** Asks a webhook to say the challenge back, by which it shows that it expects messages of ours. */
export const challengePayload = (subscription: string, challenge: string, at: Date): Payload => ({
  type: 'subscription.challenge',
  timestamp: at.toISOString(),
  data: { subscription, challenge },
});

/** The three characters that Slack's text gives a meaning. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
