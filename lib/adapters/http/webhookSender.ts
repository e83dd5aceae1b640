import { lookup as systemLookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { WebhookAnswer, WebhookSender } from '../../ports/webhookSender.ts';
import { isPublicAddress } from './publicAddress.ts';

const TIMEOUT_MS = 15_000;
/** Of an answer, what a handshake needs. */
const MOST_BYTES = 4_096;
const MOST_URL = 2_000;

export interface SenderOptions {
  /** hosts with ports, `127.0.0.1:8643`, that may be posted to by plain HTTP. For receivers on a developer's machine only */
  readonly local?: readonly string[];
  readonly resolve?: typeof systemLookup;
  readonly timeoutMs?: number;
}

/**
 * Posts to public addresses over HTTPS. A name is resolved when the connection is made, every address that it stands for is checked, and
 * the connection goes to one of those checked: there is no second look-up that could answer differently.
 */
export function webhookSender({
  local = [],
  resolve = systemLookup,
  timeoutMs = TIMEOUT_MS,
}: SenderOptions = {}): WebhookSender {
  /** Answers the socket's question for an address: the checked ones, or an error when one of them is not public. */
  const checkedLookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '');
      const addresses = found as unknown as { address: string; family: number }[];
      const inside = addresses.find(({ address }) => !isPublicAddress(address));
      if (inside || addresses.length === 0) return callback(new NotPublic(), '');
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? '', first?.family);
    });
  };

  function refusal(text: string): string | null {
    if (text.length > MOST_URL) return `is longer than ${MOST_URL} characters`;
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      return 'is no URL';
    }
    if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
    if (url.hash !== '') return 'must not have a fragment';
    if (url.protocol === 'http:' && local.includes(url.host)) return null;
    if (url.protocol !== 'https:') return 'must begin with https://';
    if (url.port !== '') return 'must use the port of HTTPS, 443';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0) return 'must name a host, not an address';
    if (!host.replace(/\.$/, '').includes('.')) return 'must name a host of the public internet';
    if (/(^|\.)(localhost|local|internal|home\.arpa)\.?$/i.test(host)) return 'must name a host of the public internet';
    return null;
  }

  function post(text: string, headers: Readonly<Record<string, string>>, body: string): Promise<WebhookAnswer> {
    const refused = refusal(text);
    if (refused !== null) return Promise.resolve(noAnswer(`the address ${refused}`));
    const url = new URL(text);
    const isLocal = url.protocol === 'http:';
    return new Promise((answered) => {
      const bytes = Buffer.from(body);
      const request = (isLocal ? httpRequest : httpsRequest)(url, {
        method: 'POST',
        headers: { ...headers, 'content-length': bytes.length, 'user-agent': 'Portolan-Webhooks/1' },
        // no connection is shared: what was checked for one receiver must not serve another
        agent: false,
        ...(isLocal ? {} : { lookup: checkedLookup }),
      });
      const timer = setTimeout(() => request.destroy(new Error('timeout')), timeoutMs);
      const end = (answer: WebhookAnswer) => {
        clearTimeout(timer);
        answered(answer);
        request.destroy();
      };
      request.on('error', (error) => end(noAnswer(faultOf(error))));
      request.on('response', (response) => {
        beginningOf(response).then(
          (beginning) => end(answerOf(response, beginning)),
          (error: Error) => end(noAnswer(faultOf(error))),
        );
      });
      request.end(bytes);
    });
  }
  return { post, refusal };
}

class NotPublic extends Error {}

const noAnswer = (fault: string): WebhookAnswer => ({ status: null, retryAfterSeconds: null, fault, body: '' });

/** Words for what went wrong: no names or addresses, which could say something of a network to a stranger. */
function faultOf(error: Error): string {
  if (error instanceof NotPublic) return 'the host is not on the public internet';
  if (error.message === 'timeout') return 'there was no answer in time';
  const { code = '' } = error as NodeJS.ErrnoException;
  if (/ENOTFOUND|EAI_/.test(code)) return 'the host does not exist';
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(code)) return 'the certificate is not valid';
  return 'the connection failed';
}

/** The first bytes of an answer. The rest is not read. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= MOST_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString();
}

function answerOf(response: IncomingMessage, body: string): WebhookAnswer {
  const status = response.statusCode ?? 0;
  const fine = status >= 200 && status < 300;
  const redirects = status >= 300 && status < 400;
  return {
    status,
    retryAfterSeconds: retryAfter(response.headers['retry-after'], response.headers.date),
    fault: fine ? null : redirects ? `status ${status}: redirects are not followed` : `status ${status}`,
    body,
  };
}

/** Retry-After in seconds: a number of them, or a date compared with the receiver's own clock. */
function retryAfter(value: string | undefined, now: string | undefined): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  const seconds = (Date.parse(value) - Date.parse(now ?? '')) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : null;
}
