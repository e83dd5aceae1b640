import type { Dataset, Drop } from '../../lib/app/records.ts';

/** A stored flow file of some years, all at one level; `over` changes what a test is about. */
export function flowDataset(over: Partial<Dataset> & { dataset: string }, years: readonly number[] = [2020]): Dataset {
  return {
    kind: 'flows',
    format: 'baci',
    key: `drops/${over.dataset}.csv`,
    lastModified: '2026-01-02T00:00:00Z',
    bytes: 10,
    rowsRead: 1,
    rowsStored: 1,
    duplicatesSummed: 0,
    rejected: {},
    level: 6,
    hsRevision: 'HS17',
    years: years.map((year) => ({
      year,
      rows: 1,
      valueUsd: 1,
      exporters: 1,
      importers: 1,
      products: 1,
      parquetKey: `curated/flows/${over.dataset}-${year}`,
      columnsKey: `curated/columns/${over.dataset}/${year}.bin`,
      contentHash: `${over.dataset}-${year}`,
    })),
    ...over,
  };
}

/** The drop under which a dataset came. */
export function dropOf(dataset: Dataset, over: Partial<Drop> = {}): Drop {
  return {
    key: dataset.key,
    etag: dataset.dataset,
    sequencer: '01',
    lastModified: dataset.lastModified,
    bytes: dataset.bytes,
    outcome: 'stored',
    dataset: dataset.dataset,
    ...over,
  };
}
