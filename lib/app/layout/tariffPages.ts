import { NOBODY } from '../../core/covariates/statements.ts';
import type { Axis } from '../../core/labels.ts';
import type { Page, PageStore } from '../../ports/pageStore.ts';
import { columnPages, readColumns } from './columnPages.ts';
import { chapterOf, chaptersOf, importerPartition } from './keys.ts';

/** What one importer charges: rows by product, then exporter, everyone's (NOBODY) last in its product. */
export interface ImporterTariffs {
  readonly productN: Uint16Array;
  readonly exporterN: Uint16Array;
  readonly percentN: Float32Array;
  /** how the rate compares with what the importer charges its other suppliers of the product: a ratio, above 1 where less is charged */
  readonly advantageN: Float32Array;
}

/** The rate that applies to a cell. */
export interface Rate {
  readonly percent: number;
  readonly advantage: number;
}

/** Pages of what one importer charges, by chapter. */
export function tariffPages(
  { slot, run, importer, products }: { slot: number; run: string; importer: string; products: Axis },
  tariffs: ImporterTariffs,
): Page[] {
  const chapters = chaptersOf(products);
  const start = Array.from(chapters.first, (product) => {
    const row = tariffs.productN.findIndex((each) => each >= product);
    return row < 0 ? tariffs.productN.length : row;
  });
  const place = { partition: importerPartition(slot, importer), run };
  return columnPages(place, 'tariffs', { codes: chapters.codes, start }, { ...tariffs });
}

/** The rate that applies to an exporter's product; null where none is known. */
export async function readRate(
  store: PageStore,
  place: { readonly partition: string; readonly run: string },
  { product, code, exporter }: { product: number; code: string; exporter: number },
): Promise<Rate | null> {
  let everyone: Rate | null = null;
  const parts = await readColumns<keyof ImporterTariffs>(store, place, 'tariffs', chapterOf(code));
  for (const { productN, exporterN, percentN, advantageN } of parts)
    for (let n = productN.indexOf(product); n >= 0 && productN[n] === product; n++) {
      const rate = { percent: percentN[n] ?? 0, advantage: advantageN[n] ?? 1 };
      if (exporterN[n] === exporter) return rate;
      if (exporterN[n] === NOBODY) everyone = rate;
    }
  return everyone;
}
