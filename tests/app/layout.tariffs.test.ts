import { expect, it } from 'vitest';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { importerReader } from '../../lib/app/layout/readImporter.ts';
import { tariffPages } from '../../lib/app/layout/tariffPages.ts';
import { NOBODY } from '../../lib/core/covariates/statements.ts';
import { axis } from '../../lib/core/labels.ts';

// one chapter of five pages between two small ones and an empty one
const products = axis(['0101', '0102', ...Array.from({ length: 60 }, (_, n) => `84${String(n + 10)}`), '8703', '9001']);
const exporters = 200;

/** Everyone’s rate on all but the last product, and a rate of its own for every exporter in chapter 84. */
function rates() {
  const rows: [product: number, exporter: number][] = [];
  for (const [code, product] of products.at) {
    if (code === '9001') continue;
    if (code.startsWith('84')) for (let e = 0; e < exporters; e++) rows.push([product, e]);
    rows.push([product, NOBODY]);
  }
  return {
    productN: Uint16Array.from(rows, ([product]) => product),
    exporterN: Uint16Array.from(rows, ([, exporter]) => exporter),
    percentN: Float32Array.from(rows, ([product, exporter]) => product + exporter / 1_000),
    advantageN: Float32Array.from(rows, ([product, exporter]) => product - exporter / 1_000),
  };
}

it('finds the rate of every cell again, on whichever page of its chapter', async () => {
  const store = memoryPageStore();
  const pages = tariffPages({ slot: 1, run: 'r', importer: 'USA', products }, rates());
  expect(pages.map(({ sort }) => sort)).toEqual([
    'tariffs#01#0000',
    ...Array.from({ length: 5 }, (_, n) => `tariffs#84#000${n}`),
    'tariffs#87#0000',
  ]);
  for (const { body } of pages) expect(body.byteLength).toBeLessThan(33_000);
  await store.put(pages);
  const buyer = importerReader(store, 'r', 1, 'USA');
  for (const [code, product] of products.at)
    for (const exporter of [0, 77, exporters - 1, exporters + 5]) {
      const rate = await buyer.rate({ product, code, exporter });
      const applies = code.startsWith('84') && exporter < exporters ? exporter : NOBODY;
      if (code === '9001') expect(rate).toBeNull();
      else {
        expect(rate!.percent).toBeCloseTo(product + applies / 1_000, 3);
        expect(rate!.advantage).toBeCloseTo(product - applies / 1_000, 3);
      }
    }
});

it('knows no rate of an importer that has none', async () => {
  const buyer = importerReader(memoryPageStore(), 'r', 1, 'USA');
  expect(await buyer.rate({ product: 0, code: '0101', exporter: 0 })).toBeNull();
  expect(
    tariffPages({ slot: 1, run: 'r', importer: 'USA', products }, { ...rates(), productN: new Uint16Array() }),
  ).toEqual([]);
});
