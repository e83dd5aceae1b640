/** JSON that enters an answer as the bytes that are stored: items are not parsed to be sent. */
export class Stored {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** The JSON of an answer, in a buffer of its own. */
export function renderAnswer(answer: object): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  render(answer, pieces);
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function render(value: unknown, pieces: Uint8Array[]): void {
  const write = (text: string) => pieces.push(Buffer.from(text));
  if (value instanceof Stored) pieces.push(value.bytes);
  else if (Array.isArray(value) && value.some((item) => item instanceof Stored)) {
    for (const [at, item] of value.entries()) {
      write(at === 0 ? '[' : ',');
      render(item, pieces);
    }
    write(']');
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    let separator = '{';
    for (const [name, inner] of Object.entries(value)) {
      if (inner === undefined) continue;
      write(`${separator}${JSON.stringify(name)}:`);
      render(inner, pieces);
      separator = ',';
    }
    write(separator === '{' ? '{}' : '}');
  } else write(JSON.stringify(value));
}
