import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceError } from '../../infra/local/front/service.ts';
import { inbox } from '../../infra/local/mail/inbox.ts';
import { MAIL_SCHEMA, Mailbox } from '../../infra/local/mail/mailbox.ts';
import { mailService } from '../../infra/local/mail/mailService.ts';
import { sesMailSender } from '../../lib/adapters/aws/sesMailSender.ts';
import type { Mail } from '../../lib/ports/mailSender.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const senderAt = (endpoint: string) =>
  sesMailSender({
    from: 'alerts@portolan.example',
    configurationSet: 'set',
    client: new SESv2Client({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    }),
  });

/** The mailbox of the local home behind its own API. */
async function mailServer() {
  const database = new DatabaseSync(':memory:');
  database.exec(MAIL_SCHEMA);
  const arrived: number[] = [];
  const mailbox = new Mailbox(database, ({ position }) => arrived.push(position));
  const service = mailService(mailbox);
  const needed: unknown[] = [];
  const endpoint = await listening((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    Promise.resolve(service.prepare({ request, path, query: new URLSearchParams(), may: () => true }))
      .then((prepared) => {
        needed.push(...prepared.needs);
        return prepared.run();
      })
      .catch((error: ServiceError) => service.refuse(error))
      .then(({ status, headers, body }) => response.writeHead(status, headers).end(body));
  });
  return { mailbox, arrived, needed, endpoint };
}

const MAIL: Mail = {
  to: 'ana@example.com',
  subject: 'Señales nuevas',
  html: '<p>Café &amp; té</p><script>alert(1)</script>',
  text: 'Café & té',
  headers: { 'List-Unsubscribe': '<https://example.com/u>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
};

describe('e-mails through SES', () => {
  it('arrive as they were written, under the permissions of the identity and the configuration set', async () => {
    const { mailbox, arrived, needed, endpoint } = await mailServer();
    expect(await senderAt(endpoint).send(MAIL)).toEqual({ fault: null, again: false });
    const [stored] = mailbox.list();
    expect(stored).toMatchObject({
      sender: 'alerts@portolan.example',
      receiver: 'ana@example.com',
      subject: 'Señales nuevas',
      html: MAIL.html,
      body: 'Café & té',
      headers: Object.entries(MAIL.headers).map(([Name, Value]) => ({ Name, Value })),
    });
    expect(arrived).toEqual([1]);
    expect(needed).toEqual([
      { action: 'ses:SendEmail', resource: expect.stringMatching(/:identity\/alerts@portolan\.example$/) },
      { action: 'ses:SendEmail', resource: expect.stringMatching(/:configuration-set\/set$/) },
    ]);
  });

  it('to an address that is none are refused for good, in words without the address', async () => {
    const { endpoint, mailbox } = await mailServer();
    const answer = await senderAt(endpoint).send({ ...MAIL, to: 'nobody at home' });
    expect(answer).toEqual({ fault: 'the mail service answered BadRequestException', again: false });
    expect(mailbox.list()).toEqual([]);
  });

  it.each([
    [429, 'TooManyRequestsException'],
    [400, 'AccountSuspendedException'],
    [500, 'InternalServiceErrorException'],
  ])('are tried again later, not at once, after %i %s', async (status, name) => {
    let attempts = 0;
    const endpoint = await listening((request, response) => {
      attempts++;
      request.resume();
      response
        .writeHead(status, { 'x-amzn-errortype': name, 'content-type': 'application/json' })
        .end('{"message":"x"}');
    });
    expect(await senderAt(endpoint).send(MAIL)).toMatchObject({ again: true, fault: expect.stringContaining(name) });
    expect(attempts).toBe(1);
  });

  it('whose answer is lost are not sent again by the client itself: it may have been accepted', async () => {
    let attempts = 0;
    const endpoint = await listening((request) => {
      attempts++;
      request.socket.destroy();
    });
    expect((await senderAt(endpoint).send(MAIL)).again).toBe(true);
    expect(attempts).toBe(1);
  });
});

describe('the inbox', () => {
  it('lists e-mails, shows each as HTML, text and headers, and lets none run anything', async () => {
    const { mailbox, endpoint } = await mailServer();
    const page = await listening(inbox(mailbox));
    expect(await (await fetch(page)).text()).toContain('No e-mail has been sent yet');
    await senderAt(endpoint).send({ ...MAIL, subject: '<b>bold</b>' });
    expect(await (await fetch(page)).text()).toContain('<a href="/1">&lt;b&gt;bold&lt;/b&gt;</a>');
    const shown = await (await fetch(`${page}/1`)).text();
    expect(shown).toContain('List-Unsubscribe=One-Click');
    expect(shown).not.toContain('<script>');
    const html = await fetch(`${page}/1/html`);
    expect(await html.text()).toBe(MAIL.html);
    expect(html.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox(?!.*allow-scripts)/);
    expect(await (await fetch(`${page}/1/text`)).text()).toBe(MAIL.text);
    for (const path of ['/2', '/x', '/1/other/thing']) expect((await fetch(page + path)).status).toBe(404);
  });
});
