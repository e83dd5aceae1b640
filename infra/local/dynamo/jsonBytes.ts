import { ServiceError } from '../front/service.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** Where a value lies in the bytes: from its first byte to behind its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds its way through JSON without parsing it. Large requests consist of a few long strings; each of them is stepped
 * over in one search for its closing quote, and none is copied.
 *
 * @throws ServiceError where something else than JSON is found
 */
export class JsonBytes {
  private readonly bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The whole value. */
  whole(): Span {
    const start = this.skipSpace(0);
    return { start, end: this.endOf(start) };
  }

  /** The fields of an object, in their order. */
  *fields({ start }: Span): Generator<Span & { readonly name: string }> {
    this.expect(start, OPEN);
    let at = this.skipSpace(start + 1);
    while (this.bytes[at] !== CLOSE) {
      const nameEnd = this.endOfString(at);
      const name = this.parse<string>({ start: at, end: nameEnd });
      const colon = this.skipSpace(nameEnd);
      this.expect(colon, COLON);
      const value = this.skipSpace(colon + 1);
      const end = this.endOf(value);
      yield { name, start: value, end };
      at = this.behindComma(end, CLOSE);
    }
  }

  /** The items of a list, in their order. */
  *items({ start }: Span): Generator<Span> {
    this.expect(start, OPEN_LIST);
    let at = this.skipSpace(start + 1);
    while (this.bytes[at] !== CLOSE_LIST) {
      const end = this.endOf(at);
      yield { start: at, end };
      at = this.behindComma(end, CLOSE_LIST);
    }
  }

  parse<T>({ start, end }: Span): T {
    try {
      return JSON.parse(this.bytes.toString('utf8', start, end)) as T;
    } catch {
      throw this.malformed(start);
    }
  }

  /** The bytes of a value, which share memory with all others. */
  slice({ start, end }: Span): Uint8Array {
    return this.bytes.subarray(start, end);
  }

  /** Bytes of a text value as UTF-8, or null when it has escapes and so has to be parsed to be measured. */
  textLength({ start, end }: Span): number | null {
    this.expect(start, QUOTE);
    return this.bytes.subarray(start, end).includes(BACKSLASH) ? null : end - start - 2;
  }

  private endOf(start: number): number {
    const first = this.bytes[start];
    if (first === QUOTE) return this.endOfString(start);
    if (first !== OPEN && first !== OPEN_LIST) {
      // a number or a word
      let end = start;
      while (end < this.bytes.length && !/[\s,\]}]/.test(String.fromCharCode(this.bytes[end] as number))) end++;
      if (end === start) throw this.malformed(start);
      return end;
    }
    let depth = 0;
    let at = start;
    do {
      const byte = this.bytes[at];
      if (byte === undefined) throw this.malformed(at);
      if (byte === QUOTE) at = this.endOfString(at);
      else {
        if (byte === OPEN || byte === OPEN_LIST) depth++;
        else if (byte === CLOSE || byte === CLOSE_LIST) depth--;
        at++;
      }
    } while (depth > 0);
    return at;
  }

  /** Behind the quote that closes a string: the first one behind an even number of backslashes. */
  private endOfString(start: number): number {
    this.expect(start, QUOTE);
    for (let end = this.bytes.indexOf(QUOTE, start + 1); end >= 0; end = this.bytes.indexOf(QUOTE, end + 1)) {
      let slashes = 0;
      while (this.bytes[end - 1 - slashes] === BACKSLASH) slashes++;
      if (slashes % 2 === 0) return end + 1;
    }
    throw this.malformed(start);
  }

  private behindComma(end: number, close: number): number {
    const at = this.skipSpace(end);
    if (this.bytes[at] === close) return at;
    this.expect(at, COMMA);
    return this.skipSpace(at + 1);
  }

  private skipSpace(from: number): number {
    let at = from;
    while (this.bytes[at] === 0x20 || this.bytes[at] === 0x0a || this.bytes[at] === 0x0d || this.bytes[at] === 0x09)
      at++;
    return at;
  }

  private expect(at: number, byte: number): void {
    if (this.bytes[at] !== byte) throw this.malformed(at);
  }

  private malformed(at: number): ServiceError {
    return new ServiceError('SerializationException', `the request is not JSON at byte ${at}`);
  }
}
