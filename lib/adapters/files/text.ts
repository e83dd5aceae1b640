import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** What a stream of bytes turned out to be, as text. */
export interface TextFacts {
  readonly encoding: 'utf-8' | 'windows-1252' | 'utf-16le';
  /** lines end in CR LF, in CR, or some in one and some in the other */
  readonly carriageReturns: boolean;
}

/**
 * Watches bytes go by and says afterwards in which encoding they are: UTF-8 if all of them are valid UTF-8, UTF-16 by its byte
 * order mark, else Latin-1 in its Windows form, in which every byte means something.
 */
export function textProbe(): { look: (chunk: Buffer) => void; facts: () => TextFacts } {
  let start = true;
  let utf8 = true;
  let utf16 = false;
  let carriageReturns = false;
  let carry = Buffer.alloc(0);
  return {
    look(chunk) {
      if (start) utf16 = chunk[0] === 0xff && chunk[1] === 0xfe;
      start = false;
      carriageReturns ||= chunk.includes(0x0d);
      if (!utf8) return;
      // a character may be cut by the end of the chunk: its first bytes wait for the next one
      const bytes = carry.length > 0 ? Buffer.concat([carry, chunk]) : chunk;
      const whole = bytes.length - cutCharacter(bytes);
      utf8 = isUtf8(bytes.subarray(0, whole));
      carry = Buffer.from(bytes.subarray(whole));
    },
    facts() {
      const encoding = utf16 ? 'utf-16le' : utf8 && carry.length === 0 ? 'utf-8' : 'windows-1252';
      return { encoding, carriageReturns };
    },
  };
}

/** How many bytes at the end begin a UTF-8 character that is not complete there: 0 to 3. */
function cutCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue; // a continuation: its lead byte is further back
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** Writes the text again as DuckDB needs it: UTF-8, lines ending in LF only (it stops at a file that mixes line ends). */
export async function normalise(from: string, to: string, { encoding }: TextFacts): Promise<void> {
  const decoder = new TextDecoder(encoding);
  await pipeline(
    createReadStream(from, { highWaterMark: 1 << 20 }),
    async function* (chunks: AsyncIterable<Buffer>) {
      let pending = '';
      for await (const chunk of chunks) {
        const text = pending + decoder.decode(chunk, { stream: true });
        // a CR at the end may be the first half of CR LF
        const end = text.endsWith('\r') ? text.length - 1 : text.length;
        pending = text.slice(end);
        yield text.slice(0, end).replace(/\r\n?/g, '\n');
      }
      yield (pending + decoder.decode()).replace(/\r\n?/g, '\n');
    },
    createWriteStream(to),
  );
}
