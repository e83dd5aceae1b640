import type { IncomingMessage } from 'node:http';

/**
 * The whole body of a request.
 *
 * @param allocate  where it is put
 */
export async function readBody<Memory extends ArrayBufferLike = ArrayBuffer>(
  request: IncomingMessage,
  allocate: (bytes: number) => Uint8Array<Memory> = (bytes) => new Uint8Array(bytes) as unknown as Uint8Array<Memory>,
): Promise<Uint8Array<Memory>> {
  const declared = Number(request.headers['content-length'] ?? 0);
  let body = allocate(declared);
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (length + chunk.length > body.length) {
      const larger = allocate(Math.max(2 * body.length, length + chunk.length));
      larger.set(body.subarray(0, length));
      body = larger;
    }
    body.set(chunk, length);
    length += chunk.length;
  }
  return body.subarray(0, length);
}
