import { setTimeout as sleep } from 'node:timers/promises';
import type { Home, HomeEvent } from '../../infra/local/home.ts';
import { send } from './apiClient.ts';
import type { Receiver } from './receiver.ts';
import type { Service } from './service.ts';
import type { Terminal } from './terminal.ts';

const ADDRESS = 'you@example.com';
const LONGEST_WAIT_MS = 90_000;
const LOOK_MS = 500;
/** What SQS would hand over. */
const WAKE = { Records: [{ messageId: 'demonstration', body: '{}' }] };
const CLOCK = { source: 'portolan.start', 'detail-type': 'Scheduled Event' };

/** What a subscription is begun with, beside its channel. */
const wishOf = (exporter: string) => ({
  filter: { exporter, basis: 'newMarket', minScore: 99 },
  kinds: ['newOpportunity', 'scoreCrossed'],
  cadence: 'instant',
});

/**
 * Shows what an alert is: two subscriptions to an exporter's opportunities, begun and confirmed over HTTP as a business would, by e-mail and by webhook; then a drop that
 * changes them.
 *
 * @param exporter  ISO alpha-3 code
 * @param dropLater  drops another year of the world and waits until its scores are published
 * @returns whether both alerts arrived
 */
export async function alertDemo(
  home: Home,
  { apiUrl }: Pick<Service, 'apiUrl'>,
  receiver: Receiver,
  exporter: string,
  dropLater: () => Promise<unknown>,
  screen: Terminal,
): Promise<boolean> {
  const mails: { readonly position: number; readonly receiver: string }[] = [];
  const heard = home.onEvent((event: HomeEvent) => {
    if (event.type === 'mail.arrived' && event.receiver === ADDRESS) mails.push(event);
  });
  /** The clock wakes the sender every minute; whoever looks at a screen need not wait so long. */
  const until = async (holds: () => boolean) => {
    const end = Date.now() + LONGEST_WAIT_MS;
    while (!holds() && Date.now() < end) {
      await home.invoke('due', CLOCK);
      await sleep(LOOK_MS);
    }
    return holds();
  };

  try {
    const hook = `http://${receiver.host}/alerts`;
    screen.print(`\n${screen.paint('bold', 'Alerts')}: ${ADDRESS} and ${hook} subscribe to ${exporter}`);
    const wish = wishOf(exporter);

    // by webhook: the secret is shown once, and the receiver says a challenge back
    const byHook = await send<Begun>(`${apiUrl}/v1/subscriptions`, {
      ...wish,
      channel: { type: 'webhook', url: hook },
    });
    receiver.trust(byHook.secret ?? '');
    await send(`${apiUrl}/v1/subscriptions/${byHook.subscription.id}/confirm`, undefined, byHook.token);
    screen.print('  the receiver answered the challenge: its subscription is active');

    // by e-mail: a link leads to a page, and the button on it confirms
    await send(`${apiUrl}/v1/subscriptions`, { ...wish, channel: { type: 'email', address: ADDRESS } });
    if (!(await until(() => mails.length > 0))) return failed('the e-mail that asks for consent did not arrive');
    const asking = await (await fetch(`${home.inboxUrl}/${mails[0]?.position}/text`)).text();
    const link = /https?:\/\/\S+\/confirm\?token=[\w.-]+/.exec(asking)?.[0] ?? '';
    if (!(await fetch(link, { method: 'POST' })).ok) return failed('the button of the page did not confirm');
    screen.print(
      '  the e-mail asked for consent, the button of its page was pressed: active too; another year of data arrives',
    );

    // what is remembered before the drop; the schedule would do the same within five minutes
    await home.invoke('match', WAKE);
    const asked = mails.length;
    await dropLater();
    if (!(await until(() => mails.length > asked && receiver.received > 0))) return failed('the alert did not arrive');
    screen.print(`  read the e-mail at ${home.inboxUrl}`);
    return true;
  } finally {
    heard();
  }

  function failed(why: string): false {
    screen.complain(screen.paint('red', why));
    return false;
  }
}

interface Begun {
  readonly subscription: { readonly id: string };
  readonly token: string;
  readonly secret?: string;
}
