/**
 * Takes the `aws-chunked` framing off a body: each chunk is preceded by its length in hexadecimal, and the end by
 * trailing headers (a checksum), which are put into `trailers` in lower case.
 *
 *     <hex length>[;chunk-signature=…]\r\n <bytes> \r\n  …  0[;…]\r\n  name:value\r\n … \r\n
 *
 * @throws Error when the body ends inside a chunk
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  let pending: Buffer = Buffer.alloc(0);
  /** bytes of the current chunk still to come; -1: the next thing is a line */
  let remaining = -1;
  let ended = false;
  for await (const received of source) {
    pending = pending.length === 0 ? received : Buffer.concat([pending, received]);
    for (;;) {
      if (remaining > 0) {
        const part = pending.subarray(0, remaining);
        pending = pending.subarray(part.length);
        remaining -= part.length;
        if (part.length > 0) yield part;
        if (remaining > 0) break;
      }
      const end = pending.indexOf('\r\n');
      if (end < 0) break;
      const line = pending.toString('latin1', 0, end);
      pending = pending.subarray(end + 2);
      if (remaining === 0) {
        // the line end behind a chunk
        remaining = -1;
      } else if (ended) {
        const [name, value] = line.split(/:(.*)/s);
        if (name && value !== undefined) trailers.set(name.trim().toLowerCase(), value.trim());
      } else {
        remaining = Number.parseInt(line, 16);
        if (remaining === 0) {
          ended = true;
          remaining = -1;
        }
      }
    }
  }
  if (!ended) throw new Error('the body ended inside a chunk');
}
