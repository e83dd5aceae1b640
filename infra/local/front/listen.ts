import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An address of this machine that answers once it has been told how. */
export interface Endpoint {
  readonly url: string;
  serve(listener: RequestListener): void;
  /** Ends it, and whatever is being answered. */
  close(): Promise<void>;
}

/** Clients keep connections for up to a minute; the server must not be the first to let go. */
const KEEP_ALIVE_MS = 75_000;

/** @throws Error when the port is taken */
export async function listen(port: number): Promise<Endpoint> {
  const server = createServer();
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // a large object on a slow disk takes as long as it takes
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (listener) => {
      server.on('request', listener);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
