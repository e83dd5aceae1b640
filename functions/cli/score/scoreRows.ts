import type { Foreseen } from '../../../lib/core/scoring/foreseen.ts';
import { BASES } from '../../../lib/core/scoring/scoredCells.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';

export const SCORE_HEADER =
  'exporter,importer,product,actualUsd,potentialUsd,unrealisedUsd,probability,score,basis,opportunityUsd\n';

/** No row is longer, with what is written past its end: codes are short, and numbers have at most 16 digits before the point. */
const LONGEST_ROW = 256;
const [COMMA, NEW_LINE, POINT, ZERO] = [0x2c, 0x0a, 0x2e, 0x30] as const;

/**
 * Writes rows of scores as text, four bytes at a time: tens of millions of them, for which strings of their own would take most of the time.
 * What is written past the end of a text or a number is written over by what follows.
 *
 * @returns a function of an exporter, what is foreseen of it, and which rows; what it returns lies in shared memory and is overwritten by the call after the next
 */
export function scoreRows({ countries, products }: Pick<Flows, 'countries' | 'products'>) {
  const countryTexts = textsOf(countries.codes.map((code) => `${code},`));
  const productTexts = textsOf(products.codes.map((code) => `${code},`));
  const basisTexts = textsOf(BASES.map((basis) => `,${basis},`));
  // kept from exporter to exporter: fresh memory is paid for page by page
  let [next, other] = [viewOf(0), viewOf(0)];
  return (exporter: number, foreseen: Foreseen, rows: Uint32Array): Uint8Array => {
    const { importerN, productN, basisN, actualN, potentialN, probabilityN, opportunityN, scoreN } = foreseen;
    if (next.byteLength < (rows.length + 1) * LONGEST_ROW) next = viewOf((rows.length + 1) * LONGEST_ROW);
    const out = next;
    [next, other] = [other, next];
    let at = 0;
    for (let row = 0; row < rows.length; row++) {
      const n = rows[row] ?? 0;
      const [actual, potential] = [actualN[n] ?? 0, potentialN[n] ?? Number.NaN];
      at = text(out, at, countryTexts, exporter);
      at = text(out, at, countryTexts, importerN[n] ?? 0);
      at = text(out, at, productTexts, productN[n] ?? 0);
      at = sign(out, usd(out, at, actual), COMMA);
      const [from, end] = [at, usd(out, at, potential)];
      at = sign(out, end, COMMA);
      // of what is empty all is unrealised
      at = sign(out, actual === 0 ? again(out, at, from, end) : usd(out, at, Math.max(potential - actual, 0)), COMMA);
      at = sign(out, probability(out, at, probabilityN[n] ?? Number.NaN), COMMA);
      at = fixed(out, at, Math.round((scoreN[n] ?? 0) * 10_000), 4);
      at = text(out, at, basisTexts, basisN[n] ?? 0);
      at = sign(out, usd(out, at, opportunityN[n] ?? 0), NEW_LINE);
    }
    return new Uint8Array(out.buffer, 0, at);
  };
}

const viewOf = (bytes: number) => new DataView(new SharedArrayBuffer(bytes));

/** Texts in words of four bytes, one after the other: objects of their own would lie all over the memory. */
interface Texts {
  readonly words: Uint32Array;
  /** where each begins among the words; the last is where they end */
  readonly startT: Uint32Array;
  readonly bytesT: Uint8Array;
}

function textsOf(texts: readonly string[]): Texts {
  const bytes = texts.map((each) => new TextEncoder().encode(each));
  const startT = new Uint32Array(texts.length + 1);
  for (const [t, { length }] of bytes.entries()) startT[t + 1] = (startT[t] ?? 0) + Math.ceil(length / 4);
  const words = new Uint32Array(startT.at(-1) ?? 0);
  for (const [t, each] of bytes.entries()) new Uint8Array(words.buffer, 4 * (startT[t] ?? 0)).set(each);
  return { words, startT, bytesT: Uint8Array.from(bytes, ({ length }) => length) };
}

function text(out: DataView, at: number, { words, startT, bytesT }: Texts, t: number): number {
  const end = startT[t + 1] ?? 0;
  for (let w = startT[t] ?? 0, to = at; w < end; w++, to += 4) out.setUint32(to, words[w] ?? 0, true);
  return at + (bytesT[t] ?? 0);
}

/** The text between two places once more. */
function again(out: DataView, at: number, from: number, end: number): number {
  for (let ahead = 0; from + ahead < end; ahead += 4)
    out.setUint32(at + ahead, out.getUint32(from + ahead, true), true);
  return at + end - from;
}

function sign(out: DataView, at: number, code: number): number {
  out.setUint8(at, code);
  return at + 1;
}

/** Cents are more than trade knows; nothing where nothing is known. Zeros behind the point are dropped. */
function usd(out: DataView, at: number, value: number): number {
  if (value === 0) return digitsOf(out, at, 0);
  if (Number.isNaN(value)) return at;
  const cents = Math.round(value * 100);
  const dollars = Math.floor(cents / 100);
  const rest = cents - dollars * 100;
  const point = whole(out, at, dollars);
  if (rest === 0) return point;
  out.setUint32(point, POINT | (((FOUR[rest] ?? 0) >>> 16) << 8), true);
  return point + (rest % 10 === 0 ? 2 : 3);
}

/** Seven digits that mean something; nothing for a cell without a probability. */
function probability(out: DataView, at: number, value: number): number {
  if (Number.isNaN(value)) return at;
  let digits = 7;
  let scaled = value * 1e7;
  while (scaled < 999_999.5 && digits < 15) {
    digits++;
    scaled *= 10;
  }
  return fixed(out, at, Math.round(scaled), digits);
}

const POWERS = Float64Array.from({ length: 16 }, (_, power) => 10 ** power);
/** The digits of 0 to 9999, four each, the first in the lowest byte. */
const FOUR = Uint32Array.from({ length: 10_000 }, (_, value) => {
  const digit = (power: number) => ZERO + (Math.floor(value / power) % 10);
  return (digit(1000) | (digit(100) << 8) | (digit(10) << 16) | (digit(1) << 24)) >>> 0;
});

/** A number ≥ 0 of so many decimals, given without its point. */
function fixed(out: DataView, at: number, scaled: number, decimals: number): number {
  const one = POWERS[decimals] ?? 1;
  const before = Math.floor(scaled / one);
  const point = whole(out, at, before);
  out.setUint8(point, POINT);
  return padded(out, point + 1, scaled - before * one, decimals);
}

/** A whole number ≥ 0. */
function whole(out: DataView, at: number, value: number): number {
  if (value < 10_000) return digitsOf(out, at, value);
  const high = Math.floor(value / 10_000);
  const end = whole(out, at, high);
  out.setUint32(end, FOUR[value - high * 10_000] ?? 0, true);
  return end + 4;
}

/** A whole number below 10,000. */
function digitsOf(out: DataView, at: number, value: number): number {
  const digits = value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4;
  return padded(out, at, value, digits);
}

/** A whole number with zeros before it, so many digits in all. */
function padded(out: DataView, at: number, value: number, digits: number): number {
  if (digits <= 4) {
    out.setUint32(at, (FOUR[value] ?? 0) >>> (32 - 8 * digits), true);
    return at + digits;
  }
  const high = Math.floor(value / 10_000);
  const end = padded(out, at, high, digits - 4);
  out.setUint32(end, FOUR[value - high * 10_000] ?? 0, true);
  return end + 4;
}
