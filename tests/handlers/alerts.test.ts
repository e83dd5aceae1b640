import { describe, expect, it } from 'vitest';
import { deliverHandler } from '../../functions/deliver/handler.ts';
import { dueHandler } from '../../functions/due/handler.ts';
import { feedbackHandler } from '../../functions/feedback/handler.ts';
import { localReceivers } from '../../functions/localReceivers.ts';
import { matchHandler } from '../../functions/match/handler.ts';
import { memoryAlertBuses } from '../../lib/adapters/memory/memoryAlertBuses.ts';
import { memoryMailSender } from '../../lib/adapters/memory/memoryMailSender.ts';
import { memoryQueue } from '../../lib/adapters/memory/memoryQueue.ts';
import { ownerOf } from '../../lib/app/alerts/tokens.ts';
import type { WebhookSender } from '../../lib/ports/webhookSender.ts';
import { alertWorld, subscriptionOf } from '../app/alerts/alerts.fixture.ts';
import { SMALL, scoredWorld } from '../app/scoredWorld.fixture.ts';

const context = {} as never;
const messages = (...bodies: unknown[]) => ({
  Records: bodies.map((body, n) => ({ messageId: String(n), body: JSON.stringify(body) })),
});
const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event' };
const email = { type: 'email', address: 'ana@example.com' } as const;
const noWebhooks: WebhookSender = {
  refusal: () => null,
  post: async () => {
    throw new Error('no webhook was expected');
  },
};

/** The functions of alerts on one world in memory. */
function functions() {
  const at = alertWorld();
  const clock = () => at.clock.now;
  const queue = memoryQueue();
  const mail = memoryMailSender();
  const { records, catalog, pages, artifacts } = at;
  return {
    at,
    queue,
    mail,
    match: matchHandler({ records, catalog, pages, artifacts, clock }),
    due: dueHandler({ records, queue, clock }),
    deliver: deliverHandler({
      records,
      webhooks: noWebhooks,
      mail,
      buses: memoryAlertBuses(),
      clock,
      luck: () => 0,
    }),
    feedback: feedbackHandler({ records, clock }),
  };
}

describe('the functions of alerts', () => {
  it('from a published run to an e-mail, and from its complaint to silence', async () => {
    const { at, match, due, deliver, feedback, queue, mail } = functions();
    const owner = ownerOf('email', email.address);
    await at.subscribe(subscriptionOf({ id: 'ana', filter: { exporter: 'MEX', minScore: 60 }, channel: email, owner }));
    await at.publish(scoredWorld(SMALL));
    await match(messages({ 'detail-type': 'Scheduled Event' }), context);
    await at.publish(scoredWorld({ ...SMALL, seed: 8 }));
    const matched = await match(
      messages({ 'detail-type': 'scores.published', detail: { run: 'an older one' } }),
      context,
    );
    expect(matched).toMatchObject({ batchItemFailures: [], run: 'run2', subscriptions: 1 });
    expect(await due(scheduled, context)).toMatchObject({ moved: 1 });
    const [order = ''] = queue.sent;
    expect(await deliver(messages(JSON.parse(order)), context)).toEqual({ outcome: 'sent' });
    expect(await deliver(messages(JSON.parse(order)), context)).toEqual({ outcome: 'nothing to do', reason: 'sent' });
    expect(mail.sent).toMatchObject([{ to: 'ana@example.com' }]);

    const complaint = {
      'detail-type': 'Email Complaint Received',
      detail: { complaint: { complainedRecipients: [{ emailAddress: 'ana@example.com' }] } },
    };
    expect(await feedback(messages(complaint), context)).toEqual({ suppressed: 1, disabled: 1 });
    await at.publish(scoredWorld({ ...SMALL, seed: 9 }));
    expect(await match(messages({}), context)).toMatchObject({ subscriptions: 0 });
  });

  it.each([
    ['deliver', messages({ subscription: 'a' })],
    ['deliver', messages({ subscription: 'a', delivery: 'b' }, { subscription: 'a', delivery: 'c' })],
    ['feedback', messages({ detail: {} })],
    ['due', { Records: [] }],
    ['match', { Records: [] }],
  ] as const)('%s refuses what it is not meant to get', async (name, event) => {
    await expect(functions()[name](event as never, context)).rejects.toThrow();
  });
});

describe('receivers on this machine', () => {
  const LOCAL_RECEIVERS = '127.0.0.1:8644,127.0.0.1:9000';

  it('may be posted to where all of AWS is on this machine', () => {
    expect(localReceivers({ LOCAL_RECEIVERS, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })).toEqual([
      '127.0.0.1:8644',
      '127.0.0.1:9000',
    ]);
    expect(localReceivers({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' })).toEqual([]);
  });

  it.each([
    undefined,
    '',
    'not a URL',
    'https://dynamodb.eu-central-1.amazonaws.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
  ])('may not where the SDK talks to %s, whatever the variable says', (AWS_ENDPOINT_URL) =>
    expect(localReceivers({ LOCAL_RECEIVERS, AWS_ENDPOINT_URL })).toEqual([]),
  );
});
