/** An economy as a list names it: ISO 3166-1 numeric (or a statistical number that stands for it) and alpha-3. */
export interface CountryNumber {
  readonly numeric: number;
  readonly alpha3: string;
}

/** How trade files may write a country: as a number or as three letters. Both lead to our alpha-3 code. */
export interface CountryCodes {
  readonly byNumber: ReadonlyMap<number, string>;
  readonly byLetters: ReadonlyMap<string, string>;
}

/** Numbers of BACI and UN Comtrade that are not ISO's: areas drawn otherwise, and states that no longer exist. */
const STATISTICAL_NUMBERS: readonly CountryNumber[] = [
  { numeric: 842, alpha3: 'USA' }, // with Puerto Rico and the US Virgin Islands
  { numeric: 841, alpha3: 'USA' },
  { numeric: 251, alpha3: 'FRA' }, // with Monaco
  { numeric: 699, alpha3: 'IND' },
  { numeric: 757, alpha3: 'CHE' }, // with Liechtenstein
  { numeric: 579, alpha3: 'NOR' }, // with Svalbard
  { numeric: 490, alpha3: 'TWN' }, // "Other Asia, not elsewhere specified"
  { numeric: 381, alpha3: 'ITA' },
  { numeric: 849, alpha3: 'UMI' },
  { numeric: 711, alpha3: 'ZAF' }, // Southern African Customs Union
  { numeric: 736, alpha3: 'SDN' },
  { numeric: 280, alpha3: 'DEU' },
  { numeric: 886, alpha3: 'YEM' },
  { numeric: 230, alpha3: 'ETH' },
  { numeric: 58, alpha3: 'BLX' }, // Belgium and Luxembourg were one reporter until 1998: not the same as Belgium
  { numeric: 200, alpha3: 'CSK' },
  { numeric: 278, alpha3: 'DDR' },
  { numeric: 530, alpha3: 'ANT' },
  { numeric: 720, alpha3: 'YMD' },
  { numeric: 810, alpha3: 'SUN' },
  { numeric: 890, alpha3: 'YUG' },
  { numeric: 891, alpha3: 'SCG' },
];

/** Letters that sources use for an economy whose ISO code is another. */
const ALIASES: Readonly<Record<string, string>> = {
  S19: 'TWN',
  ZA1: 'ZAF',
  ROM: 'ROU',
  ZAR: 'COD',
  TMP: 'TLS',
  UNK: 'XKX',
  PAL: 'PSE',
};

/**
 * The codes under which trade files name countries. A dictionary that came with the data speaks first, then the statistical
 * numbers, then ISO. A supplied entry without a usable alpha-3 code ("N/A", a group such as R20) leaves the number to the others.
 *
 * @param iso the current ISO 3166-1 list
 * @param supplied numbers from dropped dictionaries, in the order in which they speak: a later one wins
 */
export function countryCodes(iso: readonly CountryNumber[], supplied: readonly CountryNumber[] = []): CountryCodes {
  const byNumber = new Map<number, string>();
  const byLetters = new Map<string, string>();
  for (const { numeric, alpha3 } of [...iso, ...STATISTICAL_NUMBERS, ...supplied]) {
    const code = alpha3Of(alpha3);
    if (code === null) continue;
    byNumber.set(numeric, code);
    byLetters.set(code, code);
  }
  for (const [alias, code] of Object.entries(ALIASES)) byLetters.set(alias, code);
  return { byNumber, byLetters };
}

/** Three capital letters with the aliases resolved; null when the text is no alpha-3 code of one economy. */
export function alpha3Of(text: string): string | null {
  const letters = text.trim().toUpperCase();
  const code = ALIASES[letters] ?? letters;
  return /^[A-Z]{3}$/.test(code) ? code : null;
}

/**
 * Which of several numbers of one economy its name is taken from: ISO's own before a wider area's, that before a former state's
 * (56 Belgium before 58 Belgium-Luxembourg, 710 South Africa before 711). Lower speaks first.
 */
export function nameRank(number: CountryNumber, iso: ReadonlyMap<string, number>): number {
  if (iso.get(number.alpha3) === number.numeric) return 0;
  const at = STATISTICAL_NUMBERS.findIndex(({ numeric }) => numeric === number.numeric);
  return at < 0 ? STATISTICAL_NUMBERS.length + 1 : at + 1;
}
