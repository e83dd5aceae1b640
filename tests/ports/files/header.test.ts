import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recogniseText, splitHeader } from '../../../lib/adapters/files/header.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { refusalOf } from './reading.ts';

const recognise = (text: string) =>
  scratchFolder(async (folder) => {
    const path = join(folder, 'file');
    await writeFile(path, text);
    return recogniseText(path);
  });
const formatOf = async (header: string) => {
  const { format, delimiter } = await recognise(`${header}\n`);
  return [format.name, delimiter];
};

describe('header', () => {
  it.each([
    ['t,i,j,k,v,q', 'baci', ','],
    ['"t";"i";"j";"k";"v";"q"', 'baci', ';'],
    ['\ufeff T , I,J ,K,V', 'baci', ','],
    ['source\tYEAR\tExporter\timporter\tproduct\tvalueusd', 'tidy', '\t'],
    ['year|exporter|importer|product|valueUsd', 'tidy', '|'],
    ['country_code,country_name,country_iso2,country_iso3', 'baci-countries', ','],
    [
      'country_code;country_name_abbreviation;country_name_full;iso_2digit_alpha;iso_3digit_alpha',
      'baci-countries-2023',
      ';',
    ],
    ['"code","description"', 'baci-products', ','],
    ['section,name', 'hs-sections', ','],
    [
      '"Data Source","WDI",\n\n"Country Name","Country Code","Indicator Name","Indicator Code","1960",',
      'world-bank-wide',
      ',',
    ],
    ['section,hscode,description,parent,level', 'harmonized-system', ','],
  ])('%s is %s', async (header, format, delimiter) => {
    expect(await formatOf(header)).toEqual([format, delimiter]);
  });

  it('of no known format is refused with the nearest one and what is missing', async () => {
    expect(await refusalOf(recognise('Year,Exporter,Partner,Value\n1,2,3,4\n'))).toEqual({
      reason:
        'The header (Year, Exporter, Partner, Value) is of no known format. The nearest is tidy, which needs year, exporter, importer, product, valueUsd; missing: importer, product, valueUsd.',
      nearestFormat: 'tidy',
      missing: ['importer', 'product', 'valueUsd'],
    });
    expect(await refusalOf(recognise('t,i,j,k\n'))).toMatchObject({ nearestFormat: 'baci', missing: ['v'] });
    expect(await refusalOf(recognise('section,hscode\n'))).toMatchObject({ nearestFormat: 'harmonized-system' });
  });

  it('of a file that is empty, blank, or no text is refused as such', async () => {
    expect(await refusalOf(recognise(''))).toEqual({ reason: 'The file is empty.' });
    expect(await refusalOf(recognise('\ufeff \n\n'))).toEqual({ reason: 'The file is empty.' });
    expect((await refusalOf(recognise('\0'.repeat(70_000)))).reason).toContain('this is no table of text');
  });

  it('that names a needed column twice is refused', async () => {
    expect((await refusalOf(recognise('t,i,j,k,v,V\n'))).reason).toContain('names the column v more than once');
  });

  it('is split with regard to quotes', () => {
    expect(splitHeader('a,"b,c","d ""e""", f ', ',')).toEqual(['a', 'b,c', 'd "e"', 'f']);
  });
});
