import { describe, expect, it } from 'vitest';
import { planRun } from '../../lib/app/planRun.ts';
import type { Dataset } from '../../lib/app/records.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { dropOf, flowDataset } from './records.fixture.ts';

const plan = (datasets: Dataset[], drops = datasets.map((dataset) => dropOf(dataset))) =>
  planRun({ datasets, drops }, SETTINGS, 'code1');

describe('planRun', () => {
  it('is null while there are no flows', () => {
    expect(plan([])).toBeNull();
    expect(plan([flowDataset({ dataset: 'n', kind: 'products', years: [] })])).toBeNull();
  });

  it('takes the latest three years and says why an older file takes no part', () => {
    const planned = plan([
      flowDataset({ dataset: 'old' }, [2008, 2009]),
      flowDataset({ dataset: 'new' }, [2018, 2019, 2020]),
    ]);
    expect(planned?.manifest.years).toEqual([2018, 2019, 2020]);
    expect(planned?.manifest.unused).toEqual([
      { dataset: 'old', reason: 'all its years are before 2018, the first of the window' },
    ]);
  });

  describe('with an earlier year', () => {
    const yearly = (...years: number[]) => years.map((year) => flowDataset({ dataset: `y${year}` }, [year]));
    const chosen = (datasets: Dataset[], settings = SETTINGS as Parameters<typeof planRun>[1]) =>
      planRun({ datasets, drops: datasets.map((dataset) => dropOf(dataset)) }, settings, 'code1')?.manifest;

    it.each([
      ['the one five years before', [2012, 2014, 2015, 2016, 2020], 2015],
      ['the nearest to five', [2012, 2013, 2020], 2013],
      ['of two equally near, the later', [2014, 2016, 2020], 2016],
      ['three years before at the least', [2017, 2018, 2020], 2017],
      ['ten years before at the most', [2010, 2020], 2010],
    ])('back-tests from %s', (_, years, expected) => {
      expect(chosen(yearly(...years))?.earlier?.year).toBe(expected);
    });

    it.each([
      ['two years are too few', [2018, 2019, 2020]],
      ['eleven are too many', [2009, 2020]],
    ])('has none when %s', (_, years) => {
      expect(chosen(yearly(...years))?.earlier).toBeNull();
    });

    it('leaves the window as it is, and names the years between that it does not hold', () => {
      const manifest = chosen(yearly(2013, 2015, 2016, 2017, 2018, 2019, 2020));
      const named = (inputs: readonly { dataset: string }[] = []) => inputs.map(({ dataset }) => dataset);
      expect(manifest?.years).toEqual([2018, 2019, 2020]);
      expect(named(manifest?.inputs)).toEqual(['y2018', 'y2019', 'y2020']);
      expect(named(manifest?.earlier?.inputs)).toEqual(['y2015']);
      expect(named(manifest?.earlier?.between)).toEqual(['y2016', 'y2017']);
      expect(named(manifest?.unused)).toEqual(['y2013']);
    });

    it('takes all files of the year in the order in which they speak, and none of other products', () => {
      const first = flowDataset({ dataset: 'b' }, [2015]);
      const second = flowDataset({ dataset: 'a', lastModified: '2026-01-03T00:00:00Z' }, [2015]);
      const other = flowDataset({ dataset: 'hs4', level: 4, lastModified: '2025-01-01T00:00:00Z' }, [2014]);
      const manifest = chosen([second, first, other, ...yearly(2020)]);
      expect(manifest?.earlier?.inputs.map(({ dataset }) => dataset)).toEqual(['b', 'a']);
      expect(chosen([other, ...yearly(2020)])?.earlier).toBeNull();
    });

    it('is part of the run id by content, as are the years between', () => {
      const now = plan(yearly(2020))?.run;
      const then = plan(yearly(2015, 2020))?.run;
      expect(then).not.toBe(now);
      const [base, latest] = yearly(2015, 2020);
      expect(plan([{ ...base!, key: 'drops/renamed.csv' }, latest!])?.run).toBe(then);
      expect(plan(yearly(2015, 2016, 2020))?.run).not.toBe(then);
      expect(plan(yearly(2009, 2020))?.run).toBe(now);
    });

    it('follows the setting: another horizon, or none', () => {
      const years = yearly(2010, 2015, 2020);
      expect(chosen(years, { ...SETTINGS, backtestYears: 9 })?.earlier?.year).toBe(2010);
      expect(chosen(years, { ...SETTINGS, backtestYears: 0 })?.earlier).toBeNull();
    });
  });

  it('lets the newest flows choose level and revision', () => {
    const planned = plan([
      flowDataset({ dataset: 'hs6' }),
      flowDataset({ dataset: 'hs4', level: 4, lastModified: '2026-02-01T00:00:00Z' }),
    ]);
    expect(planned?.manifest.inputs.map((input) => input.dataset)).toEqual(['hs4']);
    expect(planned?.manifest.unused[0]?.reason).toBe(
      'its products are HS17 at 6 digits, the newest flows are HS17 at 4 digits',
    );
  });

  it('orders two files of one year so that the newer speaks last', () => {
    const planned = plan([
      flowDataset({ dataset: 'b', lastModified: '2026-01-01T00:00:00Z' }),
      flowDataset({ dataset: 'a', lastModified: '2026-03-01T00:00:00Z' }),
    ]);
    expect(planned?.manifest.inputs.map((input) => input.dataset)).toEqual(['b', 'a']);
  });

  it('drops a dataset whose key now stands for other content', () => {
    const before = flowDataset({ dataset: 'before', key: 'drops/same.csv' });
    const after = flowDataset({ dataset: 'after', key: 'drops/same.csv', lastModified: '2026-01-05T00:00:00Z' });
    const planned = plan([before, after], [dropOf(after)]);
    expect(planned?.manifest.inputs.map((input) => input.dataset)).toEqual(['after']);
    expect(planned?.manifest.unused[0]?.reason).toBe('drops/same.csv was dropped again with other content');
  });

  it('prefers product names of the same revision', () => {
    const names = (dataset: string, hsRevision: string, lastModified: string) =>
      flowDataset({
        dataset,
        kind: 'products',
        hsRevision,
        lastModified,
        years: [],
        entriesKey: dataset,
        contentHash: dataset,
      });
    const planned = plan([
      names('hs17', 'HS17', '2026-01-01T00:00:00Z'),
      names('hs92', 'HS92', '2026-05-01T00:00:00Z'),
      flowDataset({ dataset: 'f' }),
    ]);
    expect(planned?.manifest.dictionaries.map((dictionary) => dictionary.dataset)).toEqual(['hs92', 'hs17']);
  });

  describe('with covariates', () => {
    const stated = (
      dataset: string,
      measure: 'rta' | 'distanceKm',
      years: number[],
      lastModified = '2026-01-02T00:00:00Z',
    ) =>
      flowDataset({
        dataset,
        kind: 'covariates',
        lastModified,
        measures: [
          {
            measure,
            rows: 1,
            years,
            parquetKey: `p-${dataset}`,
            columnsKey: `c-${dataset}`,
            contentHash: `h-${dataset}`,
          },
        ],
      });
    const flows = flowDataset({ dataset: 'f' }, [2019, 2020]);

    it('names those that are known by the latest year, the newest of a measure last', () => {
      const planned = plan([
        stated('b', 'distanceKm', [], '2026-03-01T00:00:00Z'),
        stated('a', 'distanceKm', []),
        stated('c', 'rta', [2018, 2025]),
        stated('late', 'rta', [2021]),
        flows,
      ]);
      expect(planned?.manifest.covariates.map(({ dataset, measure }) => [dataset, measure])).toEqual([
        ['a', 'distanceKm'],
        ['b', 'distanceKm'],
        ['c', 'rta'],
      ]);
      expect(planned?.manifest.unused).toEqual([
        { dataset: 'late', reason: 'all its years are after 2020, the latest year of the flows' },
      ]);
    });

    it('makes them part of the run id by content', () => {
      const without = plan([flows])?.run;
      const one = plan([flows, stated('a', 'distanceKm', [])])?.run;
      expect(one).not.toBe(without);
      expect(plan([flows, { ...stated('a', 'distanceKm', []), key: 'drops/renamed.csv' }])?.run).toBe(one);
      expect(plan([flows, stated('late', 'rta', [2021])])?.run).toBe(without);
    });
  });

  it('gives the same run id for the same contents whatever the names and times, another for other code, data or settings', () => {
    const one = flowDataset({ dataset: 'x' });
    const id = plan([one])?.run;
    expect(plan([{ ...one, key: 'drops/renamed.csv', lastModified: '2027-01-01T00:00:00Z' }])?.run).toBe(id);
    expect(planRun({ datasets: [one], drops: [dropOf(one)] }, SETTINGS, 'code2')?.run).not.toBe(id);
    expect(planRun({ datasets: [one], drops: [dropOf(one)] }, { ...SETTINGS, floorUsd: 1 }, 'code1')?.run).not.toBe(id);
    expect(plan([flowDataset({ dataset: 'y' })])?.run).not.toBe(id);
  });
});
