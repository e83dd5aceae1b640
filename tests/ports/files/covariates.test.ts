import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dropReader } from '../../../lib/adapters/files/dropReader.ts';
import { ISO_COUNTRIES } from '../../../lib/adapters/files/isoCountries.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { decodeArrays } from '../../../lib/core/arrays.ts';
import { NOBODY, type Statements } from '../../../lib/core/covariates/statements.ts';
import { countryCodes } from '../../../lib/core/trade/countryCodes.ts';
import { refusalOf } from './reading.ts';

/** A file's facts in words, by measure: year (- for all years), codes, product, value. */
const read = (text: string, fileName = 'drop.csv') =>
  scratchFolder(async (folder) => {
    const path = join(folder, 'drop');
    await writeFile(path, text);
    for await (const file of dropReader.files(path, folder)) {
      const { read: readFileAs } = await file.unpack();
      const contents = await readFileAs({ countries: countryCodes(ISO_COUNTRIES), hsRevision: 'HS', fileName });
      if (contents.kind !== 'covariates') throw new Error(`read ${contents.kind}, expected covariates`);
      const facts: Record<string, string[]> = {};
      for (const { measure, columnsPath } of contents.measures) facts[measure] = inWords(await readFile(columnsPath));
      const rejects = contents.rejectsPath ? await readFile(contents.rejectsPath, 'utf8') : '';
      return { ...contents, facts, rejects: rejects.trimEnd().split('\r\n').slice(1) };
    }
    throw new Error('no file');
  });

function inWords(columns: Uint8Array): string[] {
  const { meta, arrays } = decodeArrays<Pick<Statements, 'countries' | 'products'>, string>(columns);
  const { yearN, firstN, secondN, productN, valueN } = arrays as Record<string, ArrayLike<number>>;
  return Array.from(valueN!, (value, n) => {
    const label = (labels: readonly string[], at: number) => (at === NOBODY ? [] : [labels[at]!]);
    return [
      yearN![n] || '-',
      ...label(meta.countries, firstN![n]!),
      ...label(meta.countries, secondN![n]!),
      ...label(meta.products, productN![n]!),
      value,
    ].join(' ');
  });
}

describe('distances by pair', () => {
  const header =
    'iso_o,iso_d,contig,comlang_off,comlang_ethno,colony,comcol,curcol,col45,smctry,dist,distcap,distw,distwces';

  it('are read with border, language and colony, whatever codes their author used', async () => {
    const { facts, format } = await read(`${header}\nROM,PAL,0,0,0,0,0,0,0,0,1800.5,1800.5,.,.\n`);
    expect(format).toBe('cepii-distances');
    expect(facts).toEqual({
      distanceKm: ['- ROU PSE 1800.5'],
      contig: ['- ROU PSE 0'],
      comlang: ['- ROU PSE 0'],
      colony: ['- ROU PSE 0'],
    });
  });

  it('turn away what makes no sense, with its place, and keep the rest', async () => {
    const { facts, rejects, rejected, rowsRead, rowsStored } = await read(
      [
        header,
        'FRA,DEU,1,0,0,0,0,0,0,0,440,1,1,1',
        'FRA,XXX,1,0,0,0,0,0,0,0,1,1,1,1',
        'FRA,ESP,1,0,0,0,0,0,0,0,-5,1,1,1',
        'FRA,ITA,2,0,0,0,0,0,0,0,900,1,1,1',
        '',
      ].join('\n'),
    );
    expect(facts.distanceKm).toEqual(['- FRA DEU 440', '- FRA ITA 900']);
    expect(rejected).toEqual({ 'unknown partner': 1, 'value out of range': 2 });
    expect(rejects).toEqual([
      '3,iso_d,XXX,the ISO 3166-1 code of one economy,unknown partner',
      '4,dist,\'-5,"kilometres above 0, up to 20,100",value out of range',
      '5,contig,2,0 or 1,value out of range',
    ]);
    expect([rowsRead, rowsStored]).toEqual([4, 3]);
  });

  it('count a fact once, and list one that contradicts it', async () => {
    const row = (dist: number) => `FRA,DEU,1,0,0,0,0,0,0,0,${dist},1,1,1`;
    const { facts, duplicatesSummed, rejected } = await read([header, row(440), row(440), row(441), ''].join('\n'));
    expect(facts.distanceKm).toEqual(['- FRA DEU 440']);
    expect(duplicatesSummed).toBe(1);
    expect(rejected).toEqual({ 'another value for what is stated above': 1 });
  });
});

it('places of main cities only', async () => {
  const { facts } = await read('iso3,lat,lon,maincity\nDEU,52.533,13.417,0\nDEU,51.467,6.983,1\n');
  expect(facts).toEqual({ latitude: ['- DEU 51.467'], longitude: ['- DEU 6.983'] });
});

describe('World Bank', () => {
  it('long: the name says which of two it is, aggregates are listed', async () => {
    const text =
      'Country Name,Country Code,Year,Value\nWorld,WLD,2000,34\nMexico,MEX,2000,707906.5\nMexico,MEX,2001,\n';
    const { facts, rejects } = await read(text, 'drops/gdp_current_usd.csv');
    expect(facts).toEqual({ gdpUsd: ['2000 MEX 707906.5'] });
    expect(rejects).toEqual(['2,Country Code,WLD,the ISO 3166-1 code of one economy,"an aggregate, not one economy"']);
    expect((await read(text, 'population.csv')).facts).toEqual({ population: ['2000 MEX 707906.5'] });
    expect((await refusalOf(read(text, 'values.csv'))).reason).toContain('name it with gdp or population');
  });

  it('wide: below four lines about the file, with a comma at the end and other indicators', async () => {
    const { facts, rejects } = await read(
      [
        '\ufeff"Data Source","World Development Indicators",',
        '',
        '"Last Updated Date","2026-04-08",',
        '',
        '"Country Name","Country Code","Indicator Name","Indicator Code","2000","2001",',
        '"Aruba","ABW","GDP (current US$)","NY.GDP.MKTP.CD","1873452514","",',
        '"Arab World","ARB","GDP (current US$)","NY.GDP.MKTP.CD","1","2",',
        '"Aruba","ABW","Population, total","SP.POP.TOTL","90588","91439",',
        '"Aruba","ABW","Land area","AG.LND.TOTL.K2","180","180",',
        '',
      ].join('\r\n'),
    );
    expect(facts).toEqual({ gdpUsd: ['2000 ABW 1873452514'], population: ['2000 ABW 90588', '2001 ABW 91439'] });
    expect(rejects).toEqual(['7,Country Code,ARB,the ISO 3166-1 code of one economy,"an aggregate, not one economy"']);
  });

  it('wide without an indicator that is used says which are', async () => {
    const text =
      'Country Name,Country Code,Indicator Name,Indicator Code,2000\nAruba,ABW,Land area,AG.LND.TOTL.K2,180\n';
    expect((await refusalOf(read(text))).reason).toContain('NY.GDP.MKTP.CD and SP.POP.TOTL');
  });
});

it('gravity by pair and year: the country that exists, thousands, the latest year for what does not change', async () => {
  const header =
    'year,country_id_o,country_id_d,iso3_o,iso3_d,country_exists_o,country_exists_d,distw_harmonic,dist,contig,comlang_off,col_dep_ever,pop_o,pop_d,gdp_o,gdp_d,fta_wto';
  const { facts } = await read(
    [
      header,
      '1985,DEU.1,FRA,DEU,FRA,1,1,1,440,1,0,0,61000,55000,600000,500000,1',
      '1985,DEU.2,FRA,DEU,FRA,0,1,1,900,1,0,0,99,55000,99,500000,0',
      '1995,DEU.2,FRA,DEU,FRA,1,1,1,441,1,0,0,81000,58000,2500000,1500000,1',
      '1995,DEU.2,USA,DEU,USA,1,1,1,7000,0,0,0,81000,58000,2500000,1500000,0',
      '',
    ].join('\n'),
  );
  expect(facts).toEqual({
    distanceKm: ['- DEU FRA 441', '- DEU USA 7000'],
    contig: ['- DEU FRA 1', '- DEU USA 0'],
    comlang: ['- DEU FRA 0', '- DEU USA 0'],
    colony: ['- DEU FRA 0', '- DEU USA 0'],
    rta: ['1985 DEU FRA 1', '1995 DEU FRA 1'],
    gdpUsd: ['1985 DEU 600000000', '1995 DEU 2500000000'],
    population: ['1985 DEU 61000000', '1995 DEU 81000000'],
  });
});

it('agreements: pairs without one are not stored, the year is covered all the same', async () => {
  const { measures, facts } = await read('iso3_o,iso3_d,year,rta\nFRA,DEU,2000,1\nFRA,USA,2001,0\n');
  expect(facts.rta).toEqual(['2000 FRA DEU 1']);
  expect(measures[0]?.years).toEqual([2000, 2001]);
});

it('forecasts: a ratio over a horizon becomes growth per year', async () => {
  const { facts } = await read('country,fromYear,toYear,gdpRatio,populationRatio\nIND,2017,2022,1.61051,1.0\n');
  expect(facts.populationGrowth).toEqual(['2017 IND 1']);
  expect(Number(facts.gdpGrowth?.[0]?.split(' ').at(-1))).toBeCloseTo(1.1, 12);
});

it('elasticities by product: either may be left empty; no country is asked for', async () => {
  const { facts, rejects } = await read(
    'product,incomeElasticity,priceElasticity,source\n87,1.4,3.2,GTAP\n0803,0.6,,\n80212,,2.5,\n0804,-1,2,\nfruit,1,2,\n',
  );
  expect(facts.incomeElasticity).toEqual(['- 0803 0.6', '- 87 1.4']);
  expect(facts.priceElasticity).toEqual(['- 080212 2.5', '- 0804 2', '- 87 3.2']);
  expect(rejects).toEqual([
    // the apostrophe keeps a spreadsheet from taking it for a formula
    "5,incomeElasticity,'-1,an elasticity from 0 to 10,value out of range",
    '6,product,fruit,"an HS code of 2, 4 or 6 digits",bad product code',
  ]);
});

it('elasticities of one importer and of all lie in one file; a price has none by importer', async () => {
  const { facts, rejects } = await read(
    'importer,product,incomeElasticity,priceElasticity\n,87,1.4,3.2\nMEX,87,1.8,\n842,87,1.1,3.2\nEuropa,87,1,\nDEU,0803,0.5,2\nFRA,0803,0.6,4\n',
  );
  expect(facts.incomeElasticity).toEqual([
    '- DEU 0803 0.5',
    '- FRA 0803 0.6',
    '- MEX 87 1.8',
    '- USA 87 1.1',
    '- 87 1.4',
  ]);
  expect(facts.priceElasticity).toEqual(['- 0803 2', '- 87 3.2']);
  expect(rejects).toEqual([
    '5,importer,Europa,the ISO 3166-1 code of one economy,unknown country',
    '7,priceElasticity,4,what the first row of the same key says,another value for what is stated above',
  ]);
});

describe('tariffs', () => {
  it('are percent, for all or for one exporter; a specific duty is refused by row', async () => {
    const { facts, rejects } = await read(
      'importer,exporter,product,year,rate\nUSA,,080212,2020,5\nUSA,MEX,80212,2020,0\nUSA,WLD,0803,2020,2.5%\nUSA,,0804,2020,2.2 cents/kg\n',
    );
    expect(facts.tariffPercent).toEqual(['2020 USA MEX 080212 0', '2020 USA 080212 5', '2020 USA 0803 2.5']);
    expect(rejects).toEqual([
      '5,rate,2.2 cents/kg,percent of the value; a duty per quantity has no rate without prices,not ad valorem',
    ]);
  });

  it('that look like fractions are refused as a whole', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => `USA,,${String(1001 + n).padStart(4, '0')},2020,0.05`);
    expect((await refusalOf(read(['importer,exporter,product,year,rate', ...rows].join('\n')))).reason).toContain(
      'fractions',
    );
  });

  it('as WITS writes them: number of the importer, average of the lines', async () => {
    const { facts } = await read(
      'NomenCode,Reporter_ISO_N,Year,ProductCode,Partner,Sum_Of_Rates,Min_Rate,Max_Rate,SimpleAverage\nH5,484,2020,080212,840,10,0,10,5\n',
    );
    expect(facts.tariffPercent).toEqual(['2020 MEX USA 080212 5']);
  });

  it('most favoured and preferential side by side, the same rate for all said once for each partner', async () => {
    const { facts } = await read(
      'reporteriso3,hs6,partneriso3,mfn,prf\nCHN,400911,SGP,10.5,0.0\nCHN,400911,JPN,10.5,3\n',
    );
    expect(facts.tariffPercent).toEqual(['- CHN JPN 400911 3', '- CHN SGP 400911 0', '- CHN 400911 10.5']);
  });
});

describe.skipIf(!existsSync('../shared/data/covariates'))('real files', () => {
  it.each([
    ['covariates/dist_cepii.csv.gz', { distanceKm: 50_176, contig: 50_176, comlang: 50_176, colony: 50_176 }],
    ['covariates/gdp_current_usd.csv', { gdpUsd: 11_113 }],
    ['covariates/population.csv', { population: 13_945 }],
    ['covariates/rta_in_force_2000_2020.csv.gz', { rta: 114_929 }],
    ['covariates/geo_cepii.csv', { latitude: 225, longitude: 225 }],
    ['tariffs/mfn_and_preferential_on_sgp_hs6.csv', { tariffPercent: 26_064 }],
  ])('%s', async (file, expected) => {
    await scratchFolder(async (folder) => {
      for await (const each of dropReader.files(`../shared/data/${file}`, folder)) {
        const contents = await (await each.unpack()).read({
          countries: countryCodes(ISO_COUNTRIES),
          hsRevision: 'HS',
          fileName: file,
        });
        if (contents.kind !== 'covariates') throw new Error(contents.kind);
        expect(Object.fromEntries(contents.measures.map(({ measure, rows }) => [measure, rows]))).toEqual(expected);
        const rejected = Object.values(contents.rejected).reduce((sum, n) => sum + n, 0);
        if (file !== 'covariates/geo_cepii.csv')
          expect(contents.rowsStored + contents.duplicatesSummed + rejected).toBe(contents.rowsRead);
      }
    });
  });
});
