import { distance } from 'fastest-levenshtein';
import type { Named } from '../../lib/app/codes.ts';
import { wordsOf } from '../../lib/app/searchProducts.ts';

const MOST = 5;
/** Edits that a slip of the pen may need. */
const SLIPS = 2;

/**
 * The codes that somebody may have meant: whose name was given, whose code or name begins alike, or is a slip or two away.
 */
export function nearest(wanted: string, among: readonly Named[]): readonly string[] {
  const words = wordsOf(wanted);
  const asked = words.join(' ');
  const code = wanted.toUpperCase();
  const near = among
    .map((each) => ({ code: each.code, far: farness(code, asked, words, each) }))
    .filter(({ far }) => far < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.far - b.far || (a.code < b.code ? -1 : 1));
  const best = near[0]?.far ?? 0;
  return near
    .filter(({ far }) => far <= best + 0.5)
    .slice(0, MOST)
    .map((each) => each.code);
}

/** The same for words that are no codes, such as the names of parameters. */
export const nearestWord = (wanted: string, among: readonly string[]): string | undefined =>
  among
    .map((word) => ({ word, far: distance(wanted.toLowerCase(), word.toLowerCase()) }))
    .filter(({ word, far }) => far <= Math.max(SLIPS, word.length / 3))
    .sort((a, b) => a.far - b.far)[0]?.word;

function farness(code: string, asked: string, words: readonly string[], each: Named): number {
  if (code.startsWith(each.code) || each.code.startsWith(code)) return 0;
  const nameWords = wordsOf(each.name);
  const name = nameWords.join(' ');
  if (asked !== '' && name === asked) return 0;
  if (asked.length >= 3 && words.every((word) => nameWords.includes(word))) return 0.5;
  if (asked.length > 3) {
    if (name.startsWith(asked)) return 0.75;
    const slips = distance(asked, name.slice(0, asked.length + SLIPS));
    if (slips <= SLIPS) return slips;
  }
  // of a code of three letters, one may be wrong or missing, or two have changed places
  const slips = lettersOf(code) === lettersOf(each.code) ? 1 : distance(code, each.code);
  return slips <= SLIPS && slips < each.code.length - 1 ? slips + 0.25 : Number.POSITIVE_INFINITY;
}

const lettersOf = (code: string) => [...code].sort().join('');
