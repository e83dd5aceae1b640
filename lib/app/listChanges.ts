import type { Cause } from '../core/alerts/causes.ts';
import type { Catalog } from '../ports/catalog.ts';
import { countryAt, type Nearest } from './codes.ts';
import type { ExporterSummary } from './layout/changesPages.ts';
import type { Published, PublishedScores } from './layout/publishedScores.ts';
import { oneRun } from './listRuns.ts';
import { cents } from './opportunity.ts';
import type { Position, Reason } from './reason.ts';

/** Amounts before and after, and what each cause changed; USD. */
interface Amounts {
  readonly beforeUsd: number;
  readonly afterUsd: number;
  readonly changeUsd: number;
  readonly modelVersionUsd: number;
  readonly dataRevisionUsd: number;
  readonly marketMoveUsd: number;
}

export interface ExporterChangeItem extends Amounts {
  readonly exporter: string;
  readonly exporterName: string;
  readonly appeared: number;
  readonly gone: number;
  readonly rose: number;
  readonly fell: number;
  readonly same: number;
}

export interface CellChangeItem extends Amounts {
  readonly exporter: string;
  readonly product: string;
  readonly productName: string;
  readonly importer: string;
  readonly importerName: string;
}

/** Part of a list of changes, or the reason why there are none. */
export interface ChangeList<Item> {
  readonly run: string;
  readonly previous: string | null;
  readonly causes: readonly Cause[];
  readonly items: readonly Item[];
  readonly next: Position | null;
  readonly reason: Reason | null;
}

interface Deps {
  readonly scores: PublishedScores;
  readonly catalog: Catalog;
  readonly nearest: Nearest;
}

interface Asked {
  readonly run: string;
  readonly limit: number;
  readonly from: Position | null;
}

/** The changes of every exporter since the run before, the largest first. Failure `run.unknown`. Two reads. */
export function listChanges(deps: Deps) {
  const opened = openChanges(deps);
  return async (asked: Asked): Promise<ChangeList<ExporterChangeItem>> => {
    const found = await opened(asked.run);
    if ('reason' in found) return found;
    const { published, head, exporters } = found;
    const items = exporters
      .map((summary) => exporterItem(published, head.causes, summary))
      .sort((a, b) => Math.abs(b.changeUsd) - Math.abs(a.changeUsd));
    const nothing = items.length === 0 ? noChange('No exporter has an opportunity in either run.') : null;
    return { run: asked.run, ...head, ...part(items, asked), reason: nothing };
  };
}

/** The cells of an exporter that changed most. Failure `run.unknown`, `exporter.unknown`. Three reads. */
export function changesOfExporter(deps: Deps) {
  const opened = openChanges(deps);
  return async (
    asked: Asked & { exporter: string },
  ): Promise<ChangeList<CellChangeItem> & { exporter: ExporterChangeItem | null }> => {
    const found = await opened(asked.run);
    if ('reason' in found) return { ...found, exporter: null };
    const { published, head, exporters } = found;
    const summary = exporters.find(({ exporter }) => exporter === asked.exporter);
    // an exporter that is gone from the data still has its changes
    if (!summary) countryAt(published.world, 'exporter', asked.exporter, deps.nearest);
    const cells = summary ? ((await published.changesOf(asked.exporter)) ?? []) : [];
    const items = cells.map(({ importer, product, before, after, byStep }) => ({
      exporter: asked.exporter,
      product,
      productName: nameOf(published.world.productFacts, product),
      importer,
      importerName: nameOf(published.world.countryFacts, importer),
      ...amounts(head.causes, { before, after, byStep }),
    }));
    return {
      run: asked.run,
      ...head,
      exporter: summary ? exporterItem(published, head.causes, summary) : null,
      ...part(items, asked),
      reason: items.length === 0 ? noChange('No opportunity of the exporter changed.') : null,
    };
  };
}

/** The changes of a run, or why there are none. */
function openChanges({ scores, catalog }: Deps) {
  const find = oneRun({ catalog });
  return async (run: string) => {
    const { standing } = await find(run);
    const none = (code: Reason['code'], detail: string, previous: string | null = null) => ({
      run,
      previous,
      causes: [],
      items: [],
      next: null,
      reason: { code, detail },
    });
    if (standing === 'unpublished') return none('NOT_YET', 'The run has not been published.');
    if (standing === 'overwritten')
      return none('NOT_KEPT', 'Changes are kept with the scores, for the current run and the one before it.');
    const published = await scores.still(run);
    const changes = await published.changes();
    if (!changes) return none('NOT_YET', 'The changes are found out after a run is published: ask again in a minute.');
    const { head, exporters } = changes;
    if (head.previous === null) return none('NO_EARLIER_RUN', 'There was no run before this one to compare with.');
    if (head.incomparable !== null) return none('NOT_COMPARABLE', head.incomparable, head.previous);
    return { published, head: { previous: head.previous, causes: head.causes }, exporters };
  };
}

function exporterItem(published: Published, causes: readonly Cause[], summary: ExporterSummary): ExporterChangeItem {
  return {
    exporter: summary.exporter,
    exporterName: nameOf(published.world.countryFacts, summary.exporter),
    ...amounts(causes, summary),
    ...summary.counts,
  };
}

function amounts(
  causes: readonly Cause[],
  { before, after, byStep }: { before: number; after: number; byStep: readonly number[] },
): Amounts {
  const of = (cause: Cause) => byStep[causes.indexOf(cause)] ?? 0;
  return {
    beforeUsd: usd(before),
    afterUsd: usd(after),
    changeUsd: usd(after - before),
    modelVersionUsd: usd(of('modelVersion')),
    dataRevisionUsd: usd(of('dataRevision')),
    marketMoveUsd: usd(of('marketMove')),
  };
}

/** To cents. What is compared is never NaN. */
const usd = (value: number) => cents(value) ?? 0;

/** The items asked for, and where they go on. */
function part<Item>(items: readonly Item[], { run, limit, from }: Asked) {
  const begin = from?.offset ?? 0;
  const end = begin + limit;
  return { items: items.slice(begin, end), next: end < items.length ? { run, offset: end } : null };
}

const noChange = (detail: string): Reason => ({ code: 'NO_CHANGE', detail });
const nameOf = (facts: readonly { code: string; name: string }[], code: string) =>
  facts.find((fact) => fact.code === code)?.name ?? code;
