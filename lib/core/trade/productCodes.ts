/** Digits of a Harmonized System code: chapter, heading, subheading. */
export const LEVELS = [2, 4, 6] as const;
export type Level = (typeof LEVELS)[number];

/**
 * An HS code as digits: chapter 01 to 99, then up to two pairs. A spreadsheet that took the code for a number has dropped the zero of
 * chapters 01 to 09, which shows as an odd number of digits ("80212" is 080212). A regular expression in the dialect that
 * JavaScript and RE2 share.
 */
export const PRODUCT_PATTERN = '(0?[1-9]|[1-9][0-9])([0-9]{2}){0,2}';

const PRODUCT = new RegExp(`^${PRODUCT_PATTERN}$`);

/** The code with its lost zero restored, or null when the text is no HS code of 2, 4 or 6 digits. */
export function productCode(text: string): string | null {
  const digits = text.trim();
  if (!PRODUCT.test(digits)) return null;
  return digits.length % 2 === 1 ? `0${digits}` : digits;
}

const REVISIONS = ['HS92', 'HS96', 'HS02', 'HS07', 'HS12', 'HS17', 'HS22'] as const;

/**
 * The revision of the Harmonized System that a file name states: `HS17`, `hs2017` or Comtrade's `H5`. 'HS' when it states none
 * (`hs4` is a level, not a revision).
 */
export function hsRevision(name: string): string {
  const match = /(?:^|[^a-z0-9])(?:hs(?:19|20)?(92|96|02|07|12|17|22)|h([0-6]))(?![a-z0-9])/i.exec(name);
  if (!match) return 'HS';
  return match[1] ? `HS${match[1]}` : (REVISIONS[Number(match[2])] ?? 'HS');
}
