import type { Cause } from '../../core/alerts/causes.ts';
import type { Item, Language } from './records.ts';

/** The words of messages. One table per language, the same shape in both. */
export interface Words {
  readonly subject: (exporter: string, total: number) => string;
  readonly intro: (exporter: string, total: number) => string;
  readonly what: string;
  readonly score: string;
  readonly before: string;
  readonly unrealised: string;
  readonly realised: (share: string) => string;
  readonly noLonger: string;
  readonly news: {
    readonly newOpportunity: string;
    readonly scoreUp: string;
    readonly scoreDown: string;
    readonly marketUp: (percent: string) => string;
    readonly marketDown: (percent: string) => string;
    readonly competitor: (name: string, share: string, previous: string) => string;
    readonly published: (usd: string, years: string) => string;
  };
  readonly everything: string;
  readonly factors: (all: string, size: string, ease: string, margins: string) => string;
  readonly causes: Readonly<Record<Cause, string>>;
  readonly causedBy: (causes: string, several: boolean) => string;
  readonly more: (count: number) => string;
  readonly all: string;
  readonly synthetic: string;
  readonly why: string;
  readonly unsubscribe: string;
  readonly confirmSubject: string;
  readonly confirmHeading: string;
  readonly confirmIntro: (exporter: string) => string;
  readonly confirmAction: string;
  readonly confirmIgnore: (until: string) => string;
  readonly testSubject: string;
  readonly testIntro: string;
}

const EN: Words = {
  subject: (exporter, total) => `${exporter}: ${total} ${total === 1 ? 'change' : 'changes'} in your markets`,
  intro: (exporter, total) =>
    total === 1
      ? `New data changed one thing that you watch for exports of ${exporter}.`
      : `New data changed ${total} things that you watch for exports of ${exporter}.`,
  what: 'Product and market',
  score: 'Score',
  before: 'before',
  unrealised: 'Unrealised potential',
  realised: (share) => `Realised so far: ${share}`,
  noLonger: 'no opportunity any more',
  news: {
    newOpportunity: 'New opportunity',
    scoreUp: 'The score reached your threshold',
    scoreDown: 'The score fell below your threshold',
    marketUp: (percent) => `The market buys ${percent} more of it`,
    marketDown: (percent) => `The market buys ${percent} less of it`,
    competitor: (name, share, previous) => `${name} now leads the market with ${share}, before it was ${previous}`,
    published: (usd, years) => `New data: exports of ${usd} a year (${years})`,
  },
  everything: 'All products',
  factors: (all, size, ease, margins) =>
    `The potential changed ×${all}: size ×${size}, ease of trading ×${ease}, margins ×${margins}`,
  causes: {
    marketMove: 'another year of data',
    dataRevision: 'revised data',
    modelVersion: 'a new version of the model',
  },
  causedBy: (causes, several) => `Cause: ${causes}${several ? ' (their parts cannot be told apart)' : ''}.`,
  more: (count) => `See the other ${count}`,
  all: 'See all opportunities',
  synthetic: 'These are synthetic demonstration data, not real trade.',
  why: 'You get this because you asked for it and confirmed your address.',
  unsubscribe: 'Unsubscribe with one click',
  confirmSubject: 'Please confirm your alerts',
  confirmHeading: 'Confirm your alerts',
  confirmIntro: (exporter) =>
    `Somebody, probably you, asked for alerts about export opportunities of ${exporter} at this address.`,
  confirmAction: 'Confirm',
  confirmIgnore: (until) =>
    `If it was not you, do nothing: nothing will be sent, and the request is forgotten after ${until}.`,
  testSubject: 'Test of your alerts',
  testIntro: 'This is a test: alerts will arrive here.',
};

const ES: Words = {
  subject: (exporter, total) => `${exporter}: ${total} ${total === 1 ? 'cambio' : 'cambios'} en sus mercados`,
  intro: (exporter, total) =>
    total === 1
      ? `Los datos nuevos cambiaron algo que usted sigue de las exportaciones de ${exporter}.`
      : `Los datos nuevos cambiaron ${total} cosas que usted sigue de las exportaciones de ${exporter}.`,
  what: 'Producto y mercado',
  score: 'Puntuación',
  before: 'antes',
  unrealised: 'Potencial sin realizar',
  realised: (share) => `Realizado hasta ahora: ${share}`,
  noLonger: 'ya no es una oportunidad',
  news: {
    newOpportunity: 'Nueva oportunidad',
    scoreUp: 'La puntuación alcanzó su umbral',
    scoreDown: 'La puntuación bajó de su umbral',
    marketUp: (percent) => `El mercado compra un ${percent} más`,
    marketDown: (percent) => `El mercado compra un ${percent} menos`,
    competitor: (name, share, previous) => `${name} lidera ahora el mercado con un ${share}; antes era ${previous}`,
    published: (usd, years) => `Datos nuevos: exportaciones de ${usd} al año (${years})`,
  },
  everything: 'Todos los productos',
  factors: (all, size, ease, margins) =>
    `El potencial cambió ×${all}: tamaño ×${size}, facilidad de comercio ×${ease}, márgenes ×${margins}`,
  causes: {
    marketMove: 'otro año de datos',
    dataRevision: 'datos revisados',
    modelVersion: 'una nueva versión del modelo',
  },
  causedBy: (causes, several) => `Causa: ${causes}${several ? ' (sus partes no se pueden separar)' : ''}.`,
  more: (count) => `Ver los otros ${count}`,
  all: 'Ver todas las oportunidades',
  synthetic: 'Son datos sintéticos de demostración, no comercio real.',
  why: 'Recibe este mensaje porque lo pidió y confirmó su dirección.',
  unsubscribe: 'Darse de baja con un clic',
  confirmSubject: 'Confirme sus alertas, por favor',
  confirmHeading: 'Confirme sus alertas',
  confirmIntro: (exporter) =>
    `Alguien, probablemente usted, pidió en esta dirección alertas sobre oportunidades de exportación de ${exporter}.`,
  confirmAction: 'Confirmar',
  confirmIgnore: (until) =>
    `Si no fue usted, no haga nada: no se enviará nada y la solicitud se olvida después del ${until}.`,
  testSubject: 'Prueba de sus alertas',
  testIntro: 'Esto es una prueba: las alertas llegarán aquí.',
};

export const WORDS: Readonly<Record<Language, Words>> = { en: EN, es: ES };

/** USD in words: `USD 1.2 million`, `1,2 millones USD`. */
export function amount(usd: number, language: Language): string {
  const style = { notation: 'compact', compactDisplay: 'long', maximumSignificantDigits: 3 } as const;
  const number = new Intl.NumberFormat(language, style).format(usd);
  return language === 'es' ? `${number} USD` : `USD ${number}`;
}

/** A share in whole percent: `40%`, `40 %`. */
export const percent = (share: number, language: Language) =>
  new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(share);

export const decimal = (value: number, language: Language) =>
  new Intl.NumberFormat(language, { maximumSignificantDigits: 3 }).format(value);

/** A moment as a date that people read, in UTC. */
export const dateText = (instant: string, language: Language) =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(instant));

/** `97 (before: 88)`; the score before is left out where there was none. */
export function scoreText({ score, previousScore }: Item, language: Language): string {
  const { before, noLonger } = WORDS[language];
  // downwards: a score of 94.96 must not read as the threshold of 95
  const tenth = (value: number) => decimal(Math.floor(value * 10) / 10, language);
  const now = score === null ? noLonger : tenth(score);
  return previousScore === null ? now : `${now} (${before}: ${tenth(previousScore)})`;
}

/** What an item is about and what is new about it. */
export function inWords(item: Item, language: Language): { title: string; news: string } {
  const words = WORDS[language];
  const product = item.product === '' ? words.everything : `${item.productName} (${item.product})`;
  const title = item.importer === '' ? product : `${product} → ${item.importerName}`;
  return { title, news: newsOf(item, words, language) };
}

function newsOf(item: Item, { news }: Words, language: Language): string {
  switch (item.kind) {
    case 'newOpportunity':
      return news.newOpportunity;
    case 'scoreCrossed':
      return item.direction === 'up' ? news.scoreUp : news.scoreDown;
    case 'marketChange': {
      const change = percent(Math.abs((item.marketFactor ?? 1) - 1), language);
      return item.direction === 'up' ? news.marketUp(change) : news.marketDown(change);
    }
    case 'competitorChange': {
      const { name = '', share = 0, previousName = '' } = item.competitor ?? {};
      return news.competitor(name, percent(share, language), previousName);
    }
    case 'dataPublished':
      return news.published(amount(item.actualUsd ?? 0, language), yearsText(item.years ?? []));
  }
}

const yearsText = (years: readonly number[]) => {
  const [first, last] = [Math.min(...years), Math.max(...years)];
  return first === last ? String(first) : `${first}–${last}`;
};

/** What made the items change, a sentence for each set of causes that occurs. */
export function listOfCauses(items: readonly Item[], language: Language): string[] {
  const { causes: names, causedBy } = WORDS[language];
  const sets = new Map(items.filter(({ causes }) => causes.length > 0).map(({ causes }) => [causes.join(), causes]));
  return [...sets.values()].map((causes) => {
    const list = new Intl.ListFormat(language, { type: 'conjunction' }).format(causes.map((cause) => names[cause]));
    return causedBy(list, causes.length > 1);
  });
}
