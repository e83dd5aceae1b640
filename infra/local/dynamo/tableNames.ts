const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COLON = 0x3a;

/**
 * The tables that a DynamoDB request names, without parsing it: the value of `TableName`, and the fields of
 * `RequestItems`, which only the top levels of the JSON hold. Long strings, which is what large requests consist of, are
 * stepped over in one search each.
 */
export function tableNames(body: Uint8Array): string[] {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const names: string[] = [];
  /** how many objects and lists are open, and the last key at the top level */
  let depth = 0;
  let topKey = '';
  let at = 0;
  while (at < text.length) {
    const byte = text[at];
    if (byte === OPEN || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE || byte === CLOSE_LIST) depth--;
    if (byte !== QUOTE) {
      at++;
      continue;
    }
    const end = endOfString(text, at + 1);
    const isKey = depth <= 2 && nextByte(text, end + 1) === COLON;
    if (depth === 1 && isKey) topKey = parsed(text, at, end);
    else if (depth === 1 && topKey === 'TableName') names.push(parsed(text, at, end));
    else if (depth === 2 && isKey && topKey === 'RequestItems') names.push(parsed(text, at, end));
    at = end + 1;
  }
  return names.map((name) => name.split('/').at(-1) ?? name);
}

const parsed = (text: Buffer, start: number, end: number) =>
  JSON.parse(text.toString('utf8', start, end + 1)) as string;

/** The position of the quote that ends a string: one behind an even number of backslashes. */
function endOfString(text: Buffer, from: number): number {
  for (let end = text.indexOf(QUOTE, from); end >= 0; end = text.indexOf(QUOTE, end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

function nextByte(text: Buffer, from: number): number | undefined {
  let at = from;
  while (text[at] === 0x20 || text[at] === 0x0a || text[at] === 0x0d || text[at] === 0x09) at++;
  return text[at];
}
