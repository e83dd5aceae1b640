import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Home, HomeEvent } from '../../infra/local/home.ts';
import { alertRecords } from '../../lib/app/alerts/alertRecords.ts';
import type { Channel, Subscription } from '../../lib/app/alerts/records.ts';
import { secretOf } from '../../lib/app/alerts/signature.ts';
import { managementToken, ownerOf, tokenHash } from '../../lib/app/alerts/tokens.ts';
import type { Receiver } from './receiver.ts';
import type { Service } from './service.ts';
import type { Terminal } from './terminal.ts';

const ADDRESS = 'you@example.com';
const LONGEST_WAIT_MS = 90_000;
const LOOK_MS = 500;
/** What SQS would hand over. */
const WAKE = { Records: [{ messageId: 'demonstration', body: '{}' }] };
const CLOCK = { source: 'portolan.start', 'detail-type': 'Scheduled Event' };

/**
 * Shows what an alert is: two subscriptions to an exporter's opportunities, by e-mail and by webhook, then a drop that changes them.
 *
 * @param exporter  ISO alpha-3 code
 * @param dropLater  drops another year of the world and waits until its scores are published
 * @returns whether both alerts arrived
 */
export async function alertDemo(
  home: Home,
  service: Omit<Service, 'pid' | 'control'>,
  receiver: Receiver,
  exporter: string,
  dropLater: () => Promise<unknown>,
  screen: Terminal,
): Promise<boolean> {
  const [{ DynamoDBClient }, { dynamoRecordStore }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('../../lib/adapters/aws/dynamoRecordStore.ts'),
  ]);
  const { endpoint, region, credentials, tableName, apiUrl } = service;
  const records = alertRecords(dynamoRecordStore(tableName, new DynamoDBClient({ endpoint, region, credentials })));
  const secret = secretOf(randomBytes(32));
  receiver.trust(secret);
  const hook = `http://${receiver.host}/alerts`;
  const channels: Channel[] = [
    { type: 'email', address: ADDRESS },
    { type: 'webhook', url: hook },
  ];
  for (const channel of channels)
    await records.putSubscription(subscriptionTo(exporter, channel, secret, apiUrl), 0, null);
  screen.print(
    `\n${screen.paint('bold', 'Alerts')}: ${ADDRESS} and ${hook} watch ${exporter}; then another year of data arrives`,
  );

  // what is remembered before the drop; the schedule would do the same within five minutes
  await home.invoke('match', WAKE);
  let mails = 0;
  const heard = home.onEvent((event: HomeEvent) => {
    if (event.type === 'mail.arrived') mails++;
  });
  try {
    await dropLater();
    // the clock wakes it every minute; whoever looks at a screen need not wait so long
    const until = Date.now() + LONGEST_WAIT_MS;
    while ((mails === 0 || receiver.received === 0) && Date.now() < until) {
      await home.invoke('due', CLOCK);
      await sleep(LOOK_MS);
    }
  } finally {
    heard();
  }
  const arrived = mails > 0 && receiver.received > 0;
  if (arrived) screen.print(`  read the e-mail at ${home.inboxUrl}`);
  else screen.complain(screen.paint('red', 'the alert did not arrive'));
  return arrived;
}

/** A subscription that has been confirmed. */
function subscriptionTo(exporter: string, channel: Channel, secret: string, baseUrl: string): Subscription {
  const id = randomBytes(16).toString('hex');
  const now = new Date().toISOString();
  return {
    id,
    filter: { exporter, basis: 'newMarket', minScore: 99 },
    kinds: ['newOpportunity', 'scoreCrossed'],
    cadence: 'instant',
    timeZone: 'UTC',
    hour: 8,
    weekday: 1,
    language: 'en',
    channel,
    status: 'active',
    owner: ownerOf(
      channel.type,
      channel.type === 'email' ? channel.address : channel.type === 'eventBridge' ? channel.bus : channel.url,
    ),
    tokenHash: tokenHash(managementToken(id, randomBytes)),
    linkKey: randomBytes(32).toString('base64url'),
    secrets: channel.type === 'webhook' ? { current: secret, previous: null } : null,
    baseUrl,
    createdAt: now,
    activatedAt: now,
    pendingUntil: null,
    disabledReason: null,
  };
}
