import { HS_SECTIONS } from '../../../core/trade/hsSections.ts';
import type { SectionsFormat } from './format.ts';

const ROMAN: Readonly<Record<string, number>> = { I: 1, V: 5, X: 10 };

/** A Roman numeral up to XXXIX; NaN for any other text. */
function roman(text: string): number {
  if (!/^X{0,3}(IX|IV|V?I{0,3})$/.test(text) || text === '') return Number.NaN;
  const digits = Array.from(text, (letter) => ROMAN[letter] ?? 0);
  return digits.reduce((sum, digit, at) => sum + (digit < (digits[at + 1] ?? 0) ? -digit : digit), 0);
}

/** The list of sections of the Datahub project "harmonized-system". */
export const hsSections: SectionsFormat = {
  kind: 'sections',
  name: 'hs-sections',
  required: ['section', 'name'],
  optional: [],
  entry(row) {
    const section = roman(row('section').trim());
    if (!(section >= 1 && section <= HS_SECTIONS))
      return { column: 'section', expected: `a Roman numeral from I to XXI`, reason: 'bad section' };
    const name = row('name').trim();
    return name === '' ? { column: 'name', expected: 'a name', reason: 'empty name' } : { section, name };
  },
};
