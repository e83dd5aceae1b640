import type { Cause } from '../../core/alerts/causes.ts';
import { decodeArrays, encodeArrays } from '../../core/arrays.ts';
import type { ExporterChanges } from '../../core/changes/exporterChanges.ts';
import type { Page, PageStore } from '../../ports/pageStore.ts';
import { exporterPartition, worldPartition } from './keys.ts';

const SORT = 'changes';

/** What the changes since an earlier run are about. */
export interface ChangesHead {
  /** the run that this one is compared with; null when there was none */
  readonly previous: string | null;
  /** the causes, in the order in which they are taken */
  readonly causes: readonly Cause[];
  /** why the two cannot be compared, a whole sentence; null when they can */
  readonly incomparable: string | null;
}

/** The changes of one exporter, USD of unrealised value net of noise on the intensive basis. */
export type ExporterSummary = Pick<ExporterChanges, 'before' | 'after' | 'byStep' | 'counts'> & {
  readonly exporter: string;
};

/** A cell that changed, by code: it may be on the axes of one of the two runs only. */
export interface ChangedCell {
  readonly importer: string;
  readonly product: string;
  readonly before: number;
  readonly after: number;
  readonly byStep: readonly number[];
}

/** The page of the world: the head, and all exporters in the order of their codes. */
export function worldChangesPage(
  at: { slot: number; run: string },
  head: ChangesHead,
  exporters: readonly ExporterSummary[],
): Page {
  const steps = head.causes.length;
  const counted = (name: keyof ExporterSummary['counts']) => Uint32Array.from(exporters, ({ counts }) => counts[name]);
  const body = encodeArrays(
    { head, codes: exporters.map(({ exporter }) => exporter) },
    {
      beforeE: Float64Array.from(exporters, ({ before }) => before),
      afterE: Float64Array.from(exporters, ({ after }) => after),
      stepES: Float64Array.from(exporters.flatMap(({ byStep }) => [...byStep.slice(0, steps)])),
      appeared: counted('appeared'),
      gone: counted('gone'),
      rose: counted('rose'),
      fell: counted('fell'),
      same: counted('same'),
    },
  );
  return { partition: worldPartition(at.slot), sort: SORT, run: at.run, body };
}

/** The page of an exporter: the cells that changed most. */
export function exporterChangesPage(
  at: { slot: number; run: string },
  exporter: string,
  axes: { countries: readonly string[]; products: readonly string[] },
  { top }: ExporterChanges,
): Page {
  const { importerR, productR, beforeR, afterR, stepSR } = top;
  const meta = {
    importers: Array.from(importerR, (importer) => axes.countries[importer] ?? ''),
    products: Array.from(productR, (product) => axes.products[product] ?? ''),
  };
  return {
    partition: exporterPartition(at.slot, exporter),
    sort: SORT,
    run: at.run,
    body: encodeArrays(meta, { beforeR, afterR, stepSR }),
  };
}

/** The changes of a run: one read. Null while they are not there yet. */
export async function readChanges(
  pages: PageStore,
  run: string,
  slot: number,
): Promise<{ head: ChangesHead; exporters: readonly ExporterSummary[] } | null> {
  const [page] = await pages.get(run, [{ partition: worldPartition(slot), sort: SORT }]);
  if (!page) return null;
  const { meta, arrays } = decodeArrays<{ head: ChangesHead; codes: string[] }, string>(page.body);
  const steps = meta.head.causes.length;
  const number = (name: string, at: number) => arrays[name]?.[at] ?? 0;
  return {
    head: meta.head,
    exporters: meta.codes.map((exporter, e) => ({
      exporter,
      before: number('beforeE', e),
      after: number('afterE', e),
      byStep: meta.head.causes.map((_, s) => number('stepES', e * steps + s)),
      counts: {
        appeared: number('appeared', e),
        gone: number('gone', e),
        rose: number('rose', e),
        fell: number('fell', e),
        same: number('same', e),
      },
    })),
  };
}

/** The cells of an exporter that changed most, rises first: one read. Null where there are none. */
export async function readExporterChanges(
  pages: PageStore,
  run: string,
  slot: number,
  exporter: string,
): Promise<readonly ChangedCell[] | null> {
  const [page] = await pages.get(run, [{ partition: exporterPartition(slot, exporter), sort: SORT }]);
  if (!page) return null;
  const { meta, arrays } = decodeArrays<{ importers: string[]; products: string[] }, 'beforeR' | 'afterR' | 'stepSR'>(
    page.body,
  );
  const rows = meta.importers.length;
  const steps = rows === 0 ? 0 : arrays.stepSR.length / rows;
  return meta.importers.map((importer, r) => ({
    importer,
    product: meta.products[r] ?? '',
    before: arrays.beforeR[r] ?? 0,
    after: arrays.afterR[r] ?? 0,
    byStep: Array.from({ length: steps }, (_, s) => arrays.stepSR[s * rows + r] ?? 0),
  }));
}
