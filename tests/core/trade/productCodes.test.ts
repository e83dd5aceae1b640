import { describe, expect, it } from 'vitest';
import { hsRevision, productCode } from '../../../lib/core/trade/productCodes.ts';

describe('productCode', () => {
  it('keeps codes of 2, 4 and 6 digits and restores a zero that is provably lost', () => {
    expect(['01', '0101', '010121', '870323', '10121', '101', '1', ' 80212 '].map(productCode)).toEqual([
      '01',
      '0101',
      '010121',
      '870323',
      '010121',
      '0101',
      '01',
      '080212',
    ]);
  });

  it('refuses what is no HS code: letters, national digits, totals, chapter 00, numbers in disguise', () => {
    const bad = [
      '9999AA',
      'TOTAL',
      '87032310',
      '8703231',
      '00',
      '000101',
      '0',
      '',
      '1e5',
      '0x1234',
      '8_0212',
      '-80212',
    ];
    expect(bad.map(productCode)).toEqual(bad.map(() => null));
  });
});

describe('hsRevision', () => {
  it.each([
    ['BACI_HS92_Y2023_V202501.csv', 'HS92'],
    ['drops/baci_shaped_hs17_y2017.csv.gz', 'HS17'],
    ['trade-HS2012.csv', 'HS12'],
    ['COMTRADE-FINAL-H5.csv', 'HS17'],
    ['world_hs4_2017.csv.gz', 'HS'],
    ['HS1996.zip', 'HS96'],
    ['flows.csv', 'HS'],
    ['clash17.csv', 'HS'],
  ])('of %s is %s', (name, revision) => {
    expect(hsRevision(name)).toBe(revision);
  });
});
