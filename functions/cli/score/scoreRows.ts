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
  return (exporter: number, foreseen: Foreseen, rows: Iterable<number> & { readonly length: number }): Uint8Array => {
    const { importerN, productN, basisN, actualN, potentialN, probabilityN, opportunityN, scoreN } = foreseen;
    const out = new Uint8Array(rows.length * LONGEST_ROW);
    let at = 0;
    for (const n of rows) {
      at = text(out, at, countryC[exporter]);
      out[at++] = COMMA;
      at = text(out, at, countryC[importerN[n] ?? 0]);
      out[at++] = COMMA;
      at = text(out, at, productP[productN[n] ?? 0]);
      const [actual, potential] = [actualN[n] ?? 0, potentialN[n] ?? Number.NaN];
      for (const value of [actual, potential, Math.max(potential - actual, 0)]) {
        out[at++] = COMMA;
        at = usd(out, at, value);
      }
      out[at++] = COMMA;
      at = probability(out, at, probabilityN[n] ?? Number.NaN);
      out[at++] = COMMA;
      at = usd(out, at, opportunityN[n] ?? 0);
      out[at++] = COMMA;
      at = fixed(out, at, Math.round((scoreN[n] ?? 0) * 10_000), 4, false);
      out[at++] = COMMA;
      at = text(out, at, basisB[basisN[n] ?? 0]);
      out[at++] = NEWLINE;
    }
    return out.slice(0, at);
  };
}

function text(out: Uint8Array, at: number, bytes: Uint8Array = new Uint8Array()): number {
  for (const byte of bytes) out[at++] = byte;
  return at;
}

/** Cents are more than trade knows; nothing where nothing is known. */
function usd(out: Uint8Array, at: number, value: number): number {
  return Number.isNaN(value) ? at : fixed(out, at, Math.round(value * 100), 2, true);
}

/** Seven digits that mean something; nothing for a cell without a probability. */
function probability(out: Uint8Array, at: number, value: number): number {
  if (Number.isNaN(value)) return at;
  let [digits, scaled] = [7, value * 1e7];
  while (scaled < 999_999.5 && digits < 15) {
    digits++;
    scaled *= 10;
  }
  return fixed(out, at, Math.round(scaled), digits, false);
}

/** A number ≥ 0 of so many decimals, given without its point; trailing zeros dropped where told. */
function fixed(out: Uint8Array, at: number, whole: number, decimals: number, trimmed: boolean): number {
  let [rest, left] = [whole, decimals];
  if (trimmed)
    while (left > 0 && rest % 10 === 0) {
      rest /= 10;
      left--;
    }
  let digits = 1;
  for (let most = 10; rest >= most; most *= 10) digits++;
  const length = Math.max(digits, left + 1) + (left > 0 ? 1 : 0);
  // from the last digit to the first
  for (let place = 0, end = at + length - 1; place < length; place++, end--) {
    if (left > 0 && place === left) {
      out[end] = POINT;
      continue;
    }
    const tens = Math.floor(rest / 10);
    out[end] = ZERO + (rest - tens * 10);
    rest = tens;
  }
  return at + length;
}
