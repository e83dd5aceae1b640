import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hsRevision } from '../../../lib/core/trade/productCodes.ts';
import { readDrop, refusalOf } from './reading.ts';

const SHARED = join(import.meta.dirname, '../../../../shared/data/nomenclature');

const contentsOf = async (drop: string | Uint8Array | { path: string }, revision = 'HS') => {
  const [read] = await readDrop(drop, { hsRevision: revision });
  if (!read || read.contents.kind === 'flows' || read.contents.kind === 'covariates')
    throw new Error('expected a dictionary');
  return { ...read.contents, list: read.rejects };
};

describe('dictionaries of countries', () => {
  it('in the form of 2023 and the newer one give numbers and names', async () => {
    const old = await contentsOf(
      'country_code;country_name_abbreviation;country_name_full;iso_2digit_alpha;iso_3digit_alpha\r\n4;Afghanistan;Afghanistan;AF;AFG\r\n',
    );
    const fresh = await contentsOf('country_code,country_name,country_iso2,country_iso3\n4,Afghanistan,AF,AFG\n');
    for (const contents of [old, fresh])
      expect(contents).toMatchObject({
        kind: 'countries',
        numbers: [{ numeric: 4, alpha3: 'AFG' }],
        names: { AFG: 'Afghanistan' },
      });
    expect([old.format, fresh.format]).toEqual(['baci-countries-2023', 'baci-countries']);
  });

  it('name an economy by the number that means it most exactly, whatever the order of the rows', async () => {
    const rows = [
      '56,Belgium,BE,BEL',
      '58,Belgium-Luxembourg,BE,BEL',
      '711,So. African Customs Union,ZA,ZAF',
      '710,South Africa,ZA,ZAF',
    ];
    for (const order of [rows, rows.toReversed()]) {
      const contents = await contentsOf(`country_code,country_name,country_iso2,country_iso3\n${order.join('\n')}\n`);
      expect(contents.names).toEqual({ BEL: 'Belgium', ZAF: 'South Africa' });
    }
  });

  it('leave numbers without a code of their own to us, and turn away groups of countries', async () => {
    const contents = await contentsOf(
      'country_code,country_name,country_iso2,country_iso3\n490,"Other Asia, nes",N/A,N/A\n697,"Europe EFTA, nes",,R20\nx,Nowhere,NO,NOW\n',
    );
    expect(contents).toMatchObject({
      numbers: [{ numeric: 490, alpha3: 'TWN' }],
      names: { TWN: 'Other Asia, nes' },
      rejected: { 'no country code': 1, 'bad country number': 1 },
    });
    expect(contents.list.split('\r\n').slice(1, -1)).toEqual([
      '3,country_iso3,R20,the alpha-3 code of one economy,no country code',
      '4,country_code,x,a number of up to 3 digits,bad country number',
    ]);
  });

  it('keep names in Latin-1', async () => {
    const file = Buffer.from(
      'country_code,country_name,country_iso2,country_iso3\n384,Côte d’Ivoire,CI,CIV\n'.replace('’', "'"),
      'latin1',
    );
    expect((await contentsOf(file)).names).toEqual({ CIV: "Côte d'Ivoire" });
  });
});

describe('dictionaries of products', () => {
  it('restore the lost zero, with either delimiter, quoted or not', async () => {
    const quoted = await contentsOf('"code","description"\n"10121","Horses: live, pure-bred"\n', 'HS17');
    const plain = await contentsOf('code;description\n010121;Horses: live, pure-bred\n', 'HS17');
    for (const contents of [quoted, plain])
      expect(contents).toMatchObject({
        kind: 'products',
        level: 6,
        hsRevision: 'HS17',
        names: { '010121': 'Horses: live, pure-bred' },
      });
  });

  it('may be of several levels', async () => {
    const contents = await contentsOf(
      'section,hscode,description,parent,level\nI,01,Animals; live,TOTAL,2\nI,0101,Horses,01,4\nI,010121,"Horses; pure-bred",0101,6\n,TOTAL,All,,0\n',
    );
    expect(contents.names).toEqual({ '01': 'Animals; live', '0101': 'Horses', '010121': 'Horses; pure-bred' });
    expect(contents.kind === 'products' && contents.level).toBeUndefined();
    expect(contents.rejected).toEqual({ 'bad product code': 1 });
  });

  it('without one usable row are refused', async () => {
    expect(await refusalOf(readDrop('code,description\nx,y\n'))).toEqual({
      reason: 'None of the 1 rows can be used: 1 × bad product code.',
    });
    expect(await refusalOf(readDrop('code,description\n'))).toEqual({ reason: 'The file has a header and no rows.' });
  });
});

describe.skipIf(!existsSync(SHARED))('published nomenclatures (skipped where ../shared is absent)', () => {
  it.each([
    ['country_codes_V202301.csv', 'baci-countries-2023', 237, 'USA', 'USA'],
    ['country-codes.csv', 'datahub-countries', 249, 'CIV', 'Côte d’Ivoire'],
    ['product_codes_HS17_V202301.csv', 'baci-products', 5384, '010121', 'Horses: live, pure-bred breeding animals'],
    ['product_codes_HS92_V202501.csv', 'baci-products', 5021, '010111', 'Horses: live, pure-bred breeding animals'],
    ['harmonized-system.csv', 'harmonized-system', 6939, '01', 'Animals; live'],
    ['sections.csv', 'hs-sections', 21, '5', 'Mineral products'],
  ])('%s is stored', async (name, format, rowsStored, code, title) => {
    const contents = await contentsOf({ path: join(SHARED, name) }, hsRevision(name));
    expect(contents).toMatchObject({ format, rowsStored });
    expect(contents.names[code]).toBe(title);
  });

  it.each([
    ['hs17_bec.csv', 'tidy'],
    ['hs5_hs0.csv', 'tidy'],
    ['hs6_hs5.csv', 'tidy'],
  ])('%s is of no format that is read yet, and is told so', async (name, nearestFormat) => {
    const refusal = await refusalOf(readDrop({ path: join(SHARED, name) }));
    expect(refusal.nearestFormat).toBe(nearestFormat);
    expect(refusal.missing?.length).toBeGreaterThan(0);
  });
});
