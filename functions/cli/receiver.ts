import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signedHeaders } from '../../lib/app/alerts/signature.ts';

const MOST_BYTES = 64 << 10;

/** A webhook that arrived. */
export interface Received {
  readonly path: string;
  readonly type: string;
  readonly total: number | null;
  /** whether one of the known secrets signed it */
  readonly verified: boolean;
}

/** A receiver of webhooks on this machine, like one that a customer runs. */
export interface Receiver {
  /** host and port, as the allow-list of the sender names them */
  readonly host: string;
  /** how many webhooks with a known signature have arrived */
  readonly received: number;
  /** Makes a secret known. */
  trust(secret: string): void;
  close(): Promise<void>;
}

/**
 * Listens for webhooks.
 *
 * @param port  0 for any that is free
 * @param arrived  hears of each
 */
export async function receiver(port: number, arrived: (webhook: Received) => void): Promise<Receiver> {
  const secrets = new Set<string>();
  let received = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) return response.writeHead(413).end();
      chunks.push(chunk);
    }
    const body = Buffer.concat(chunks).toString();
    const header = (name: string) => String(request.headers[name] ?? '');
    const at = new Date(1000 * Number(header('webhook-timestamp')));
    const signatures = header('webhook-signature').split(' ');
    const verified = [...secrets].some((current) =>
      signatures.includes(
        signedHeaders(header('webhook-id'), at, body, { current, previous: null })['webhook-signature'] ?? '',
      ),
    );
    const { type = '', total = null, challenge } = summary(body);
    // who asks whether messages are wanted here gets the question back; the secret may not be known yet
    if (type === 'subscription.challenge')
      return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ challenge }));
    if (verified) received++;
    arrived({ path: request.url ?? '/', type, total, verified });
    return response.writeHead(204).end();
  });
  await new Promise<void>((ready, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', ready);
  });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get received() {
      return received;
    },
    trust(secret) {
      secrets.add(secret);
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function summary(body: string): { type?: string; total?: number; challenge?: string } {
  try {
    const { type, data } = JSON.parse(body) as { type?: string; data?: { total?: number; challenge?: string } };
    return { ...(type && { type }), ...data };
  } catch {
    return {};
  }
}
