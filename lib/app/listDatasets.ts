import type { Catalog } from '../ports/catalog.ts';
import type { Dataset } from './records.ts';

export interface DatasetEntry extends Dataset {
  /** whether the current run uses it, and if not, why */
  readonly use: 'used' | 'unused' | 'notYet';
  readonly unusedReason: string | null;
}

/** What has been stored, by id, with the part that it plays in the current run. */
export function listDatasets(deps: { catalog: Catalog }) {
  const { catalog } = deps;
  return async (request: {
    limit: number;
    after: string | null;
  }): Promise<{ items: readonly DatasetEntry[]; next: string | null }> => {
    const [pointer, datasets] = await Promise.all([catalog.pointer(), catalog.datasets()]);
    const manifest = pointer ? (await catalog.getRun(pointer.run))?.manifest : undefined;
    const used = new Set(
      [
        ...(manifest?.inputs ?? []),
        ...(manifest?.earlier?.inputs ?? []),
        ...(manifest?.earlier?.between ?? []),
        ...(manifest?.dictionaries ?? []),
        ...(manifest?.covariates ?? []),
      ].map(({ dataset }) => dataset),
    );
    const unused = new Map((manifest?.unused ?? []).map(({ dataset, reason }) => [dataset, reason]));

    const { after } = request;
    const rest = after === null ? datasets : datasets.filter(({ dataset }) => dataset > after);
    const items = rest.slice(0, request.limit).map(
      (dataset): DatasetEntry => ({
        ...dataset,
        use: used.has(dataset.dataset) ? 'used' : unused.has(dataset.dataset) ? 'unused' : 'notYet',
        unusedReason: unused.get(dataset.dataset) ?? null,
      }),
    );
    return { items, next: rest.length > request.limit ? (items.at(-1)?.dataset ?? null) : null };
  };
}
