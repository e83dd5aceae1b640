import type { Followed } from '../../lib/app/alerts/consent.ts';
import type { Language } from '../../lib/app/alerts/records.ts';
import type { LinkPurpose } from '../../lib/app/alerts/tokens.ts';
import type { Page } from './page.ts';

interface PageWords {
  readonly ask: (exporter: string) => readonly string[];
  readonly heading: string;
  readonly button: string;
  readonly done: string;
  readonly after: readonly string[];
}

/** The words of the pages: the same shape in both languages. */
const WORDS: Readonly<
  Record<Language, Readonly<Record<LinkPurpose, PageWords>> & Readonly<Record<'void' | 'tooMany', readonly string[]>>>
> = {
  en: {
    confirm: {
      heading: 'Confirm your alerts',
      ask: (exporter) => [
        `Somebody, probably you, asked for alerts about export opportunities of ${exporter}.`,
        'Press the button if you want them. If it was not you, close this page: nothing will be sent.',
      ],
      button: 'Yes, send me these alerts',
      done: 'Your alerts are confirmed',
      after: [
        'You will hear when new data changes what you watch, and only then.',
        'Every message has a link that ends it.',
      ],
    },
    unsubscribe: {
      heading: 'End these alerts?',
      ask: (exporter) => [`You get alerts about export opportunities of ${exporter}.`],
      button: 'Unsubscribe',
      done: 'You are unsubscribed',
      after: ['Nothing more will be sent by this subscription.', 'What is kept of it is erased after 30 days.'],
    },
    void: ['This link leads nowhere', 'It may have expired, or what it was about may have been erased.'],
    tooMany: [
      'There are too many alerts here',
      'End some of the alerts that are already sent here, then open this page again.',
    ],
  },
  es: {
    confirm: {
      heading: 'Confirme sus alertas',
      ask: (exporter) => [
        `Alguien, probablemente usted, pidió alertas sobre oportunidades de exportación de ${exporter}.`,
        'Pulse el botón si las quiere. Si no fue usted, cierre esta página: no se enviará nada.',
      ],
      button: 'Sí, quiero estas alertas',
      done: 'Sus alertas están confirmadas',
      after: [
        'Recibirá un mensaje cuando los datos nuevos cambien lo que usted sigue, y solo entonces.',
        'Cada mensaje lleva un enlace para darse de baja.',
      ],
    },
    unsubscribe: {
      heading: '¿Terminar estas alertas?',
      ask: (exporter) => [`Usted recibe alertas sobre oportunidades de exportación de ${exporter}.`],
      button: 'Darse de baja',
      done: 'Se ha dado de baja',
      after: ['Esta suscripción no enviará nada más.', 'Lo que se guarda de ella se borra después de 30 días.'],
    },
    void: [
      'Este enlace no lleva a ninguna parte',
      'Puede que haya caducado o que aquello de lo que trataba se haya borrado.',
    ],
    tooMany: [
      'Aquí hay demasiadas alertas',
      'Dese de baja de algunas de las que ya se envían aquí y abra esta página otra vez.',
    ],
  },
};

/** The page for what came of a link; `language` is used where no subscription says one. */
export function pageOf(purpose: LinkPurpose, followed: Followed | null, language: Language): Page {
  const plain = (words: readonly string[], of: Language): Page => {
    const [heading = '', ...paragraphs] = words;
    return { language: of, heading, paragraphs, button: null };
  };
  if (followed === null) return plain(WORDS[language].void, language);
  const { subscription, outcome } = followed;
  const words = WORDS[subscription.language];
  if (outcome === 'tooMany') return plain(words.tooMany, subscription.language);
  const { heading, ask, button, done, after } = words[purpose];
  if (outcome === 'done') return plain([done, ...after], subscription.language);
  return { language: subscription.language, heading, paragraphs: ask(subscription.filter.exporter), button };
}
