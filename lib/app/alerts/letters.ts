import type { Mail } from '../../ports/mailSender.ts';
import type { Content } from './content.ts';
import { type Letter, type LetterRow, letterHtml, letterText } from './letter.ts';
import { confirmLink, opportunitiesLink, unsubscribeLink } from './links.ts';
import type { Item, Language, Subscription } from './records.ts';
import { amount, dateText, decimal, inWords, listOfCauses, percent, scoreText, WORDS } from './words.ts';

/** An e-mail shows the best and links to the rest. */
export const MAIL_ITEMS = 10;

/** What is told of the runs that a delivery carries. */
export function alertLetter(subscription: Subscription, { items, total, synthetic }: Content): Letter {
  const { language, filter } = subscription;
  const words = WORDS[language];
  const exporter = items[0]?.exporterName ?? filter.exporter;
  const shown = items.slice(0, MAIL_ITEMS);
  const rest = total - shown.length;
  return {
    language,
    subject: words.subject(exporter, total),
    heading: words.subject(exporter, total),
    paragraphs: [...(synthetic ? [words.synthetic] : []), words.intro(exporter, total)],
    table: { columns: [words.what, words.score, words.unrealised], rows: shown.map((item) => rowOf(item, language)) },
    actions: [{ text: rest > 0 ? words.more(rest) : words.all, url: opportunitiesLink(subscription) }],
    notes: listOfCauses(shown, language),
    footer: footerOf(subscription),
  };
}

function rowOf(item: Item, language: Language): LetterRow {
  const words = WORDS[language];
  const { title, news } = inWords(item, language);
  const { potentialUsd, actualUsd, unrealisedUsd, factors } = item;
  const ratio = (value: number) => decimal(value, language);
  const share = potentialUsd !== null && potentialUsd > 0 ? Math.min(1, (actualUsd ?? 0) / potentialUsd) : null;
  return {
    title,
    details: [
      news,
      ...(factors
        ? [
            words.factors(
              ratio(factors.size * factors.ease * factors.marginAdjustment),
              ratio(factors.size),
              ratio(factors.ease),
              ratio(factors.marginAdjustment),
            ),
          ]
        : []),
    ],
    second: item.score === null && item.previousScore === null ? '' : scoreText(item, language),
    third: unrealisedUsd === null ? '' : amount(unrealisedUsd, language),
    bar: share === null ? null : { share, label: words.realised(percent(share, language)) },
  };
}

/** Asks whether the address wants what was ordered in its name. */
export function confirmLetter(subscription: Subscription): Letter {
  const { language, filter, pendingUntil } = subscription;
  const words = WORDS[language];
  return {
    language,
    subject: words.confirmSubject,
    heading: words.confirmHeading,
    paragraphs: [words.confirmIntro(filter.exporter)],
    table: null,
    actions: [{ text: words.confirmAction, url: confirmLink(subscription) }],
    notes: [words.confirmIgnore(dateText(pendingUntil ?? subscription.createdAt, language))],
    footer: [],
  };
}

export function testLetter(subscription: Subscription): Letter {
  const { language } = subscription;
  const words = WORDS[language];
  return {
    language,
    subject: words.testSubject,
    heading: words.testSubject,
    paragraphs: [words.testIntro],
    table: null,
    actions: [{ text: words.all, url: opportunitiesLink(subscription) }],
    notes: [],
    footer: footerOf(subscription),
  };
}

const footerOf = (subscription: Subscription): Letter['footer'] => {
  const { why, unsubscribe } = WORDS[subscription.language];
  return [why, { text: unsubscribe, url: unsubscribeLink(subscription) }];
};

/**
 * A letter as it is handed over. Mail programs show a button that ends a confirmed subscription by one POST.
 *
 * @source RFC 8058
 */
export function mailOf(subscription: Subscription, to: string, letter: Letter): Mail {
  const { subject } = letter;
  return {
    to,
    subject,
    html: letterHtml(letter),
    text: letterText(letter),
    headers:
      subscription.status === 'pending'
        ? {}
        : {
            'List-Unsubscribe': `<${unsubscribeLink(subscription)}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          },
  };
}
