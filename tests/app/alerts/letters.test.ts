import { describe, expect, it } from 'vitest';
import { contentOf } from '../../../lib/app/alerts/content.ts';
import { type Letter, letterHtml, letterText } from '../../../lib/app/alerts/letter.ts';
import { alertLetter, confirmLetter, MAIL_ITEMS, mailOf, testLetter } from '../../../lib/app/alerts/letters.ts';
import { payloadOf, slackBody } from '../../../lib/app/alerts/payloads.ts';
import type { Delivery, Item } from '../../../lib/app/alerts/records.ts';
import { minute, subscriptionOf } from './alerts.fixture.ts';
import { EVERY_ITEM, FELL, foundOf, NEW, ROSE } from './items.fixture.ts';

const filter = { exporter: 'MEX', product: '8703', minScore: 95 };
const english = subscriptionOf({ id: 'a'.repeat(32), filter, channel: { type: 'email', address: 'ana@example.com' } });
const spanish = { ...english, language: 'es' as const };
const content = contentOf([foundOf('run1', EVERY_ITEM, { synthetic: true, total: 30 })]);
const pending = { ...english, status: 'pending' as const, pendingUntil: minute(60) };
const LETTERS: [string, Letter][] = [english, spanish].flatMap((subscription): [string, Letter][] => [
  [`alert ${subscription.language}`, alertLetter(subscription, content)],
  [`test ${subscription.language}`, testLetter(subscription)],
  [`confirm ${subscription.language}`, confirmLetter({ ...pending, language: subscription.language })],
]);

/** What a reader sees of HTML: tags away, entities back, white space as one space. */
const seen = (html: string) =>
  html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(
      /&(lt|gt|quot|#39|amp);/g,
      (_, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[name]!,
    )
    .replace(/\s+/g, ' ');
/** Every string that a letter holds. */
function strings({ heading, paragraphs, table, actions, notes, footer }: Letter): string[] {
  const rows = (table?.rows ?? []).flatMap(({ title, details, second, third, bar }) => [
    title,
    ...details,
    second,
    third,
    bar?.label ?? '',
  ]);
  const links = [...actions, ...footer.filter((line) => typeof line !== 'string')];
  const all = [
    heading,
    ...paragraphs,
    ...(table?.columns ?? []),
    ...rows,
    ...links.map(({ text }) => text),
    ...notes,
    ...footer.filter((line) => typeof line === 'string'),
  ];
  return all.map((each) => each.replace(/\s+/g, ' '));
}

describe('an e-mail', () => {
  it.each(LETTERS)('%s says the same as HTML and as text', (_, letter) => {
    const html = letterHtml(letter);
    const text = letterText(letter).replace(/\s+/g, ' ');
    for (const each of strings(letter)) {
      expect(seen(html)).toContain(each);
      expect(text).toContain(each);
    }
    // and nothing beside it: what remains of either is decoration
    const remains = (whole: string) =>
      strings(letter)
        .toSorted((a, b) => b.length - a.length)
        .filter((each) => each !== '')
        .reduce((left, each) => left.replaceAll(each, ' '), whole);
    expect(remains(seen(html)).replace(/[:\s]/g, '')).toBe('');
    expect(remains(text.replace(/https:\S+/g, '')).replace(/\[[#.]+\]|\d+\. |=+|--|[:\s]/g, '')).toBe('');
    const addresses = (from: string) =>
      [...new Set(from.match(/https:[^\s"&]+(&amp;[^\s"&]+|&[^\s"]+)*/g))].map((each) => each.replaceAll('&amp;', '&'));
    expect(addresses(html).sort()).toEqual(addresses(letterText(letter)).sort());
  });

  it('in English: the words, numbers and order of a reader', () => {
    const text = letterText(alertLetter(english, content));
    expect(text).toContain('Mexico: 30 changes in your markets');
    expect(text).toContain('1. All products');
    expect(text).toContain('New data: exports of USD 5.12 billion a year (2021–2023)');
    expect(text).toContain('2. Motor cars & "vehicles" <1.5 l> (8703) → Germany');
    expect(text).toContain('Score: 97.2 (before: 88.1)');
    expect(text).toContain('Unrealised potential: USD 1.23 million');
    expect(text).toContain('Realised so far: 25% [#####...............]');
    expect(text).toContain('The market buys 42% more of it');
    expect(text).toContain("China now leads the market with 31%, before it was Côte d'Ivoire");
    expect(text).toContain('Score: no opportunity any more (before: 88.1)');
    expect(text).toContain('Cause: another year of data.');
    expect(text).toMatch(/Cause: revised data and a new version of the model \(their parts cannot be\s+told apart\)\./);
    expect(text).toContain(
      'See the other 24:\nhttps://api.example.com/api/v1/opportunities?exporter=MEX&product=8703&minScore=95',
    );
    expect(text).toContain('synthetic demonstration data');
    for (const line of text.split('\n')) expect(/^https:/.test(line) || line.length <= 80).toBe(true);
  });

  it('in Spanish: its numbers too', () => {
    const text = letterText(alertLetter(spanish, content));
    expect(text).toContain('Mexico: 30 cambios en sus mercados');
    expect(text).toContain('Puntuación: 97,2 (antes: 88,1)');
    expect(text).toContain('Potencial sin realizar: 1,23 millones USD');
    expect(text).toMatch(/Realizado hasta ahora: 25\s%/);
    expect(text).toContain('Causa: otro año de datos.');
  });

  it('shows ten and counts the rest', () => {
    const many = Array.from(
      { length: 15 },
      (_, n): Item => ({ ...ROSE, importer: `X${n}`, importerName: `Country ${n}` }),
    );
    const letter = alertLetter(english, contentOf([foundOf('run1', many)]));
    expect(letter.table?.rows).toHaveLength(MAIL_ITEMS);
    expect(letter.actions[0]?.text).toBe('See the other 5');
  });

  it('fetches nothing, runs nothing, and lets no name of a product become markup', () => {
    for (const [, letter] of LETTERS) {
      const html = letterHtml(letter);
      expect(html).not.toMatch(/<(script|img|link|svg|iframe)|url\(|\bon\w+=/i);
      expect(html).not.toContain('<1.5 l>');
    }
  });

  it('can be ended by one POST, unless it is the one that asks whether it is wanted', () => {
    const { headers } = mailOf(english, 'ana@example.com', testLetter(english));
    expect(headers['List-Unsubscribe']).toMatch(
      /^<https:\/\/api\.example\.com\/api\/v1\/subscriptions\/a{32}\/unsubscribe\?token=[\w-]{43}>$/,
    );
    expect(headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
    expect(mailOf(pending, 'ana@example.com', confirmLetter(pending)).headers).toEqual({});
    expect(letterText(confirmLetter(pending))).toMatch(/\/confirm\?token=[\w-]{43}\n/);
    expect(letterText(confirmLetter(pending))).not.toContain('unsubscribe');
  });
});

describe('a message of several runs', () => {
  it('tells the newest of a cell, and counts it once', () => {
    const fell = { ...ROSE, direction: 'down' as const };
    const both = contentOf([foundOf('run1', [ROSE, NEW]), foundOf('run2', [fell], { total: 4 })]);
    expect(both.runs).toEqual(['run2', 'run1']);
    expect(both.items).toEqual([NEW, fell]);
    expect(both.total).toBe(5);
  });
});

describe('other channels', () => {
  const delivery = { id: 'd', createdAt: minute(1), replays: null } as Delivery;

  it('a webhook stays below 20 kB, whatever the names, and says how many there were', () => {
    const long = Array.from(
      { length: 20 },
      (_, n): Item => ({ ...ROSE, importer: `X${n}`, productName: 'é'.repeat(1_000) }),
    );
    const body = JSON.stringify(payloadOf(english, delivery, contentOf([foundOf('run1', long, { total: 70 })])));
    expect(Buffer.byteLength(body)).toBeLessThan(20_000);
    const { type, data } = JSON.parse(body) as { type: string; data: { items: unknown[]; total: number } };
    expect(type).toMatch(/^[\w.]+$/);
    expect(data.items.length).toBeGreaterThan(5);
    expect(data.total).toBe(70);
  });

  it('a chat gets text in which names mean nothing', () => {
    const { text } = JSON.parse(slackBody(english, 'matched', content)) as { text: string };
    expect(text).toContain(
      '• *Motor cars &amp; "vehicles" &lt;1.5 l&gt; (8703) → Germany*: The score reached your threshold',
    );
    expect(text).toContain('|See the other 24>');
    expect(text.split('\n').filter((line) => line.startsWith('•'))).toHaveLength(6);
    expect(JSON.parse(slackBody(english, 'matched', contentOf([foundOf('run1', [FELL])]))).text).toContain('Japan');
  });
});
