import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { webhookSender } from '../../../lib/adapters/http/webhookSender.ts';

const open: { close(): unknown; closeAllConnections?(): void }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

async function receiver(listener: RequestListener) {
  const server: Server = createServer(listener);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  open.push(server);
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url: `http://${host}/hook`, sender: webhookSender({ local: [host], timeoutMs: 400 }) };
}

/** A resolver that answers from a script, an answer a question. */
function resolver(...answers: string[][]) {
  const asked: string[] = [];
  const resolve = ((name: string, _: object, callback: (error: null, found: object[]) => void) => {
    const addresses = answers[Math.min(asked.push(name), answers.length) - 1] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as never;
  return { asked, resolve };
}

describe('a hostile receiver', () => {
  it('that is kind: the body and the headers arrive, the beginning of its answer comes back', async () => {
    let got = '';
    const { url, sender } = await receiver((request, response) => {
      request.setEncoding('utf8');
      request.on('data', (text) => {
        got += `${request.method} ${request.headers['webhook-id']} ${text}`;
      });
      request.on('end', () => response.end('hello'));
    });
    const answer = await sender.post(url, { 'webhook-id': 'm1' }, '{"é":1}');
    expect(answer).toEqual({ status: 200, retryAfterSeconds: null, fault: null, body: 'hello' });
    expect(got).toBe('POST m1 {"é":1}');
  });

  it('that never answers is given up', async () => {
    const { url, sender } = await receiver(() => undefined);
    expect(await sender.post(url, {}, '')).toMatchObject({ status: null, fault: 'there was no answer in time' });
  });

  it('that answers a byte at a time is given up', async () => {
    const { url, sender } = await receiver((_, response) => {
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await sender.post(url, {}, '')).toMatchObject({ status: null, fault: 'there was no answer in time' });
  });

  it('that answers without end is read for four kilobytes', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const { url, sender } = await receiver((_, response) => {
      const flood = setInterval(() => response.write('x'.repeat(100_000)), 1);
      closed = new Promise((ends) =>
        response.on('close', () => {
          clearInterval(flood);
          ends(null);
        }),
      );
    });
    const { status, body } = await sender.post(url, {}, '');
    expect([status, body.length]).toEqual([200, 4096]);
    await closed;
  });

  it.each([301, 302, 303, 307, 308])('that redirects with %i is not followed', async (code) => {
    const paths: string[] = [];
    const { url, sender } = await receiver((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(code, { location: '/elsewhere' }).end();
    });
    expect((await sender.post(url, {}, '')).fault).toBe(`status ${code}: redirects are not followed`);
    expect(paths).toEqual(['/hook']);
  });

  it.each([
    [410, {}, null],
    [500, {}, null],
    [429, { 'retry-after': '120' }, 120],
    [503, { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT', date: 'Thu, 01 Jan 2026 00:00:00 GMT' }, 60],
    [503, { 'retry-after': 'soon' }, null],
    [503, { 'retry-after': '-5' }, null],
  ])('that answers %i says so, and when to come back: %o', async (code, headers, seconds) => {
    const { url, sender } = await receiver((_, response) => response.writeHead(code, headers).end('secret words'));
    expect(await sender.post(url, {}, '')).toMatchObject({
      status: code,
      fault: `status ${code}`,
      retryAfterSeconds: seconds,
    });
  });

  it('that resets the connection, or speaks no HTTP', async () => {
    for (const rude of [
      (socket: { destroy(): void; resetAndDestroy?(): void }) => socket.resetAndDestroy?.(),
      (socket: { end(text: string): void }) => socket.end('SSH-2.0-x\r\n'),
    ] as ((socket: never) => void)[]) {
      const server = createSocket((socket) => rude(socket as never));
      await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
      open.push(server);
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const answer = await webhookSender({ local: [host] }).post(`http://${host}/`, {}, '');
      expect(answer).toMatchObject({ status: null, fault: 'the connection failed' });
    }
  });
});

describe('names', () => {
  const url = 'https://receiver.example.com/hook';
  it.each([
    [['127.0.0.1']],
    [['8.8.8.8', '10.0.0.1']],
    [['::ffff:169.254.169.254']],
    [['2606:4700::1111', 'fd00::1']],
    [['64:ff9b::7f00:1']],
    [[]],
  ])('that stand for %o are not connected to', async (addresses) => {
    const { resolve, asked } = resolver(addresses);
    expect(await webhookSender({ resolve }).post(url, {}, '')).toMatchObject({
      status: null,
      fault: 'the host is not on the public internet',
    });
    expect(asked).toEqual(['receiver.example.com']);
  });

  it('are asked once a connection: a second answer has no chance to differ from the one that was checked', async () => {
    // the first answer is public (and nobody listens there), the one after it is this machine
    const { resolve, asked } = resolver(['192.31.197.255'], ['127.0.0.1']);
    const sender = webhookSender({ resolve, timeoutMs: 300 });
    expect((await sender.post(url, {}, '')).fault).not.toBe('the host is not on the public internet');
    expect(asked).toHaveLength(1);
    expect((await sender.post(url, {}, '')).fault).toBe('the host is not on the public internet');
    expect(asked).toHaveLength(2);
  });
});
