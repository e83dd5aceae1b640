import { describe, expect, it } from 'vitest';
import { ISO_COUNTRIES } from '../../../lib/adapters/files/isoCountries.ts';
import { alpha3Of, countryCodes, nameRank } from '../../../lib/core/trade/countryCodes.ts';

const iso = [
  { numeric: 36, alpha3: 'AUS' },
  { numeric: 840, alpha3: 'USA' },
  { numeric: 158, alpha3: 'TWN' },
];

describe('countryCodes', () => {
  it('knows the numbers of BACI that are not ISO numbers, and the letters of other sources', () => {
    const { byNumber, byLetters } = countryCodes(ISO_COUNTRIES);
    const named = [842, 251, 699, 757, 579, 490, 381, 58, 711, 36].map((number) => byNumber.get(number));
    expect(named).toEqual(['USA', 'FRA', 'IND', 'CHE', 'NOR', 'TWN', 'ITA', 'BLX', 'ZAF', 'AUS']);
    expect(['S19', 'ROM', 'MEX', 'SCG'].map((letters) => byLetters.get(letters))).toEqual(['TWN', 'ROU', 'MEX', 'SCG']);
  });

  it('takes neither a group of countries nor the world for a country', () => {
    const { byNumber, byLetters } = countryCodes(ISO_COUNTRIES);
    expect([0, 697, 899, 3].map((number) => byNumber.get(number))).toEqual(Array(4).fill(undefined));
    expect(['WLD', 'R20', 'EUU', ''].map((letters) => byLetters.get(letters))).toEqual(Array(4).fill(undefined));
  });

  it('lets a supplied dictionary speak first, the last one over the others, unless it has no code of one economy', () => {
    const supplied = [
      { numeric: 58, alpha3: 'BEL' },
      { numeric: 999, alpha3: 'XAA' },
      { numeric: 999, alpha3: 'XAB' },
      { numeric: 842, alpha3: 'N/A' },
      { numeric: 490, alpha3: 'S19' },
      { numeric: 697, alpha3: 'R20' },
    ];
    const { byNumber } = countryCodes(iso, supplied);
    const named = [58, 999, 842, 490, 697].map((number) => byNumber.get(number));
    expect(named).toEqual(['BEL', 'XAB', 'USA', 'TWN', undefined]);
  });

  it('takes the letters of a dictionary for known from then on', () => {
    expect(countryCodes(iso, [{ numeric: 999, alpha3: 'xkx' }]).byLetters.get('XKX')).toBe('XKX');
  });
});

describe('alpha3Of', () => {
  it('wants three letters, in any case, with blanks around', () => {
    expect([' mex ', 'S19', 'N/A', 'R20', '', 'MEXX'].map(alpha3Of)).toEqual(['MEX', 'TWN', null, null, null, null]);
  });
});

describe('nameRank', () => {
  it('prefers ISO to a wider area, and either to a former state', () => {
    const numbers = new Map([
      ['BEL', 56],
      ['ZAF', 710],
    ]);
    const rank = (numeric: number, alpha3: string) => nameRank({ numeric, alpha3 }, numbers);
    expect(rank(56, 'BEL')).toBeLessThan(rank(58, 'BEL'));
    expect(rank(710, 'ZAF')).toBeLessThan(rank(711, 'ZAF'));
    expect(rank(842, 'USA')).toBeLessThan(rank(999, 'USA'));
  });
});
