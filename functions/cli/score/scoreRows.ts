import type { Foreseen } from '../../../lib/core/scoring/foreseen.ts';
import { BASES } from '../../../lib/core/scoring/scoredCells.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';

export const SCORE_HEADER =
  'exporter,importer,product,actualUsd,potentialUsd,unrealisedUsd,probability,opportunityUsd,score,basis\n';

/** No row is longer: three codes, a basis and six numbers. */
const LONGEST_ROW = 256;
const [COMMA, NEWLINE, POINT, ZERO] = [',', '\n', '.', '0'].map((sign) => sign.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
];

/**
 * Writes rows of scores as text, digit by digit into bytes: tens of millions of them, for which strings of their own would take most of the time.
 *
 * @returns a function of an exporter, what is foreseen of it, and which rows
 */
export function scoreRows({ countries, products }: Pick<Flows, 'countries' | 'products'>) {
  const bytesOf = (text: string) => new TextEncoder().encode(text);
  const [countryC, productP, basisB] = [countries.codes, products.codes, BASES].map((texts) => texts.map(bytesOf)) as [
    Uint8Array[],
    Uint8Array[],
    Uint8Array[],
  ];
  let kept = new Uint8Array();
  return (exporter: number, foreseen: Foreseen, rows: ArrayLike<number>): Uint8Array => {
    const { importerN, productN, basisN, actualN, potentialN, probabilityN, opportunityN, scoreN } = foreseen;
    // kept from exporter to exporter: fresh memory is paid for page by page
    if (kept.length < rows.length * LONGEST_ROW) kept = new Uint8Array(rows.length * LONGEST_ROW);
    const out = kept;
    let at = 0;
    for (let row = 0; row < rows.length; row++) {
      const n = rows[row] ?? 0;
      at = text(out, at, countryC[exporter] ?? NOTHING);
      out[at++] = COMMA;
      at = text(out, at, countryC[importerN[n] ?? 0] ?? NOTHING);
      out[at++] = COMMA;
      at = text(out, at, productP[productN[n] ?? 0] ?? NOTHING);
      const [actual, potential] = [actualN[n] ?? 0, potentialN[n] ?? Number.NaN];
      out[at++] = COMMA;
      at = usd(out, at, actual);
      out[at++] = COMMA;
      at = usd(out, at, potential);
      out[at++] = COMMA;
      at = usd(out, at, Math.max(potential - actual, 0));
      out[at++] = COMMA;
      at = probability(out, at, probabilityN[n] ?? Number.NaN);
      out[at++] = COMMA;
      at = usd(out, at, opportunityN[n] ?? 0);
      out[at++] = COMMA;
      at = fixed(out, at, Math.round((scoreN[n] ?? 0) * 10_000), 4);
      out[at++] = COMMA;
      at = text(out, at, basisB[basisN[n] ?? 0] ?? NOTHING);
      out[at++] = NEWLINE;
    }
    return out.slice(0, at);
  };
}

const NOTHING = new Uint8Array();

function text(out: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let b = 0; b < bytes.length; b++) out[at + b] = bytes[b] ?? 0;
  return at + bytes.length;
}

/** Cents are more than trade knows; nothing where nothing is known. Zeros behind the point are dropped. */
function usd(out: Uint8Array, at: number, value: number): number {
  if (Number.isNaN(value)) return at;
  const cents = Math.round(value * 100);
  const dollars = Math.floor(cents / 100);
  const rest = (cents - dollars * 100) | 0;
  const point = whole(out, at, dollars);
  if (rest === 0) return point;
  out[point] = POINT;
  return rest % 10 === 0 ? padded(out, point + 1, rest / 10, 1) : padded(out, point + 1, rest, 2);
}

/** Seven digits that mean something; nothing for a cell without a probability. */
function probability(out: Uint8Array, at: number, value: number): number {
  if (Number.isNaN(value)) return at;
  let [digits, scaled] = [7, value * 1e7];
  while (scaled < 999_999.5 && digits < 15) {
    digits++;
    scaled *= 10;
  }
  return fixed(out, at, Math.round(scaled), digits);
}

const POWERS = Float64Array.from({ length: 16 }, (_, power) => 10 ** power);
/** As many digits fit the integers that processors count with. */
const CHUNK = 9;

/** A number ≥ 0 of so many decimals, given without its point. */
function fixed(out: Uint8Array, at: number, scaled: number, decimals: number): number {
  const one = POWERS[decimals] ?? 1;
  const before = Math.floor(scaled / one);
  const point = whole(out, at, before);
  out[point] = POINT;
  return padded(out, point + 1, scaled - before * one, decimals);
}

/** A whole number ≥ 0. */
function whole(out: Uint8Array, at: number, value: number): number {
  if (value >= 1e9) {
    const high = Math.floor(value / 1e9);
    return padded(out, whole(out, at, high), value - high * 1e9, CHUNK);
  }
  let digits = 1;
  while (digits < CHUNK && value >= (POWERS[digits] ?? 0)) digits++;
  return padded(out, at, value, digits);
}

/** A whole number with zeros before it, so many digits in all. */
function padded(out: Uint8Array, at: number, value: number, digits: number): number {
  if (digits > CHUNK) {
    const high = Math.floor(value / 1e9);
    return padded(out, padded(out, at, high, digits - CHUNK), value - high * 1e9, CHUNK);
  }
  // from the last digit to the first
  let rest = value | 0;
  for (let end = at + digits - 1; end >= at; end--) {
    const tens = (rest / 10) | 0;
    out[end] = ZERO + (rest - tens * 10);
    rest = tens;
  }
  return at + digits;
}
