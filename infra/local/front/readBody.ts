import type { IncomingMessage } from 'node:http';

/** The whole body of a request, in a buffer of its own (so that it can be handed to another thread). */
export async function readBody(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers['content-length'] ?? 0);
  let body = new Uint8Array(declared);
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (length + chunk.length > body.length) {
      const larger = new Uint8Array(Math.max(2 * body.length, length + chunk.length));
      larger.set(body.subarray(0, length));
      body = larger;
    }
    body.set(chunk, length);
    length += chunk.length;
  }
  return length === body.length ? body : body.slice(0, length);
}
