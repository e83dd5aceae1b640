import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it } from 'vitest';
import { eventBridgeAlertBuses } from '../../lib/adapters/aws/eventBridgeAlertBuses.ts';
import { memoryAlertBuses } from '../../lib/adapters/memory/memoryAlertBuses.ts';
import type { AlertBuses } from '../../lib/ports/alertBuses.ts';

let close = () => {};
afterEach(() => close());

/** EventBridge as far as one event goes; answers as told. */
async function eventBridge(answer: { status?: number; body: object }) {
  const entries: Record<string, string>[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      entries.push(...(JSON.parse(body) as { Entries: Record<string, string>[] }).Entries);
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  close = () => {
    server.closeAllConnections();
    server.close();
  };
  const client = new EventBridgeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  });
  return { entries, buses: eventBridgeAlertBuses(['customers'], client) };
}

const taken = { body: { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] } };

describe.each([
  ['in memory', async () => memoryAlertBuses('customers') as AlertBuses],
  ['of EventBridge', async () => (await eventBridge(taken)).buses],
])('buses %s', (_, fresh) => {
  it('take an event on a bus that is listed, and say that another does not exist', async () => {
    const buses = await fresh();
    expect(await buses.publish('customers', 'opportunity.matched', { total: 1 })).toBeNull();
    expect(await buses.publish('default', 'opportunity.matched', { total: 1 })).toBe('there is no such bus');
  });
});

describe('EventBridge', () => {
  it('gets the event under the source of the application', async () => {
    const { buses, entries } = await eventBridge(taken);
    await buses.publish('customers', 'opportunity.matched', { total: 1 });
    expect(entries).toEqual([
      { EventBusName: 'customers', Source: 'portolan', DetailType: 'opportunity.matched', Detail: '{"total":1}' },
    ]);
  });

  it.each([
    [{ body: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] } }, 'ThrottlingException'],
    [{ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } }, 'AccessDeniedException'],
  ])('that does not take it says so: %o', async (answer, name) => {
    const { buses } = await eventBridge(answer);
    expect(await buses.publish('customers', 'opportunity.matched', {})).toBe(`the bus answered ${name}`);
  });
});
