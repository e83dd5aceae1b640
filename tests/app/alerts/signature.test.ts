import { Webhook } from 'standardwebhooks';
import { expect, it } from 'vitest';
import { secretOf, signedHeaders } from '../../../lib/app/alerts/signature.ts';

const [first, second] = [1, 2].map((byte) => secretOf(new Uint8Array(32).fill(byte))) as [string, string];
const body = JSON.stringify({ type: 'opportunity.matched', data: { name: 'Café' } });

it('the published library of Standard Webhooks accepts what we sign', () => {
  const headers = signedHeaders('msg_1', new Date(), body, { current: first, previous: null });
  expect(new Webhook(first).verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => new Webhook(second).verify(body, headers)).toThrow();
  expect(() => new Webhook(first).verify(body.replace('Café', 'Cafe'), headers)).toThrow();
  expect(() => new Webhook(first).verify(body, { ...headers, 'webhook-id': 'msg_2' })).toThrow();
});

it('while a secret is being replaced both verify, and afterwards only the new one', () => {
  const now = new Date();
  const until = (milliseconds: number) => new Date(now.getTime() + milliseconds).toISOString();
  const during = signedHeaders('m', now, body, { current: second, previous: { secret: first, until: until(1) } });
  for (const secret of [first, second]) expect(new Webhook(secret).verify(body, during)).toBeTruthy();
  const after = signedHeaders('m', now, body, { current: second, previous: { secret: first, until: until(0) } });
  expect(new Webhook(second).verify(body, after)).toBeTruthy();
  expect(() => new Webhook(first).verify(body, after)).toThrow();
});
