import type { RequestListener } from 'node:http';
import type { Mailbox, StoredMail } from './mailbox.ts';

/**
 * The inbox as pages: a list, and each e-mail as HTML, as text and with its headers. An e-mail is shown in a frame that runs nothing and
 * fetches nothing, like a mail program.
 */
export function inbox(mailbox: Mailbox): RequestListener {
  return (request, response) => {
    const send = (status: number, type: string, body: string, policy: string) =>
      response
        .writeHead(status, {
          'content-type': `${type}; charset=utf-8`,
          'content-security-policy': policy,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        })
        .end(body);
    const [, position = '', part = ''] = /^\/(\d+)?(?:\/(\w+))?$/.exec((request.url ?? '/').split('?')[0] ?? '') ?? [];
    if (request.method !== 'GET') return send(405, 'text/plain', 'only GET\n', PAGE_POLICY);
    if (request.url === '/') return send(200, 'text/html', listPage(mailbox.list()), PAGE_POLICY);
    const mail = position === '' ? null : mailbox.find(Number(position));
    if (!mail) return send(404, 'text/plain', 'there is no such e-mail\n', PAGE_POLICY);
    if (part === 'html') return send(200, 'text/html', mail.html, MAIL_POLICY);
    if (part === 'text') return send(200, 'text/plain', mail.body, PAGE_POLICY);
    return send(200, 'text/html', mailPage(mail), PAGE_POLICY);
  };
}

const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'";
// links open where the person wants them; the rest is shut
const MAIL_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";

function listPage(mails: readonly StoredMail[]): string {
  const rows = mails.map(
    ({ position, at, receiver, subject }) =>
      `<tr><td><a href="/${position}">${escaped(subject)}</a></td><td>${escaped(receiver)}</td><td>${timeOf(at)}</td></tr>`,
  );
  const body =
    rows.length === 0
      ? '<p>No e-mail has been sent yet.</p>'
      : `<table><tr><th>Subject</th><th>To</th><th>Sent</th></tr>${rows.join('')}</table>`;
  return page('Inbox', `<h1>Inbox</h1><p>E-mails that the service sent. None left this machine.</p>${body}`);
}

function mailPage({ position, at, sender, receiver, subject, body, headers }: StoredMail): string {
  const lines = [
    ['From', sender],
    ['To', receiver],
    ['Date', timeOf(at)],
    ...headers.map(({ Name, Value }) => [Name, Value]),
  ].map(([name = '', value = '']) => `<tr><th>${escaped(name)}</th><td>${escaped(value)}</td></tr>`);
  return page(
    subject,
    `<p><a href="/">Inbox</a></p><h1>${escaped(subject)}</h1><table>${lines.join('')}</table>
<iframe title="the e-mail" sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation" src="/${position}/html"></iframe>
<details><summary>As plain text</summary><pre>${escaped(body)}</pre></details>`,
  );
}

const timeOf = (at: number) => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const page = (title: string, body: string) => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escaped(title)}</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:900px;margin:24px auto;padding:0 16px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:6px 8px;border-bottom:1px solid #8884;overflow-wrap:anywhere;vertical-align:top}
iframe{width:100%;height:70vh;border:1px solid #8886;border-radius:6px;margin:16px 0}pre{overflow:auto;white-space:pre-wrap}
</style></head><body>${body}</body></html>
`;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
