import { randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Stop } from './command.ts';
import type { Service } from './service.ts';

/** What a function answered, or how it failed. */
export type Invoked = { readonly result: unknown } | { readonly error: string };

/**
 * Lets other processes of this user run a function of the home that lives in this one. Only on the loopback interface, only with the
 * word that service.json holds (which only this user can read).
 */
export async function control(
  invoke: (name: string, event: unknown) => Promise<unknown>,
): Promise<{ address: Service['control']; close(): Promise<void> }> {
  const token = randomUUID();
  const expected = Buffer.from(`Bearer ${token}`);
  const server = createServer(async (request, response) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      response.writeHead(401).end();
      return;
    }
    let invoked: Invoked;
    try {
      const { name, event } = JSON.parse(await text(request));
      invoked = { result: await invoke(name, event) };
    } catch (error) {
      invoked = { error: error instanceof Error ? error.message : String(error) };
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(invoked));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    address: { url: `http://127.0.0.1:${port}`, token },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Asks a running service to run one of its functions. Throws Stop with the function's own message when it fails. */
export async function invokeThere(
  { control: { url, token } }: Service,
  name: string,
  event: unknown,
): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ name, event }),
  });
  if (!response.ok) throw new Stop(`the running service refused: ${response.status}`);
  const invoked = (await response.json()) as Invoked;
  if ('error' in invoked) throw new Stop(`${name} failed: ${invoked.error}`);
  return invoked.result;
}
