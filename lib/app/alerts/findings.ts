import { type Best, best } from '../../core/alerts/best.ts';
import type { AlertCells } from '../../core/alerts/cells.ts';
import { USUAL_THRESHOLD } from '../../core/alerts/hysteresis.ts';
import { type Watch, type WatchIndex, watchIndex } from '../../core/alerts/watchIndex.ts';
import { GRADES } from '../../core/scoring/confidence.ts';
import { flagsIn } from '../../core/scoring/flags.ts';
import { BASES } from '../../core/scoring/scoredCells.ts';
import type { ExporterChanges } from './exporterMemory.ts';
import type { Choice, Filter, Item, Kind } from './records.ts';

/** Of what a run brings a subscription the best are kept, the rest counted: a webhook's message stays below 20 kB. */
export const ITEMS_KEPT = 20;

/** A subscription as far as matching looks at it. */
export type Watcher = Pick<Choice, 'filter' | 'kinds'> & { readonly id: string };

/** What one subscription is told of one cell, before it is put into words. */
export interface Finding {
  readonly kind: Kind;
  readonly direction: Item['direction'];
  /** row in the cells of the new run; −1 for a cell that is gone, or for what is about no cell */
  readonly now: number;
  /** row in the memory; −1 for a cell that is new */
  readonly before: number;
}

/**
 * What changes of an exporter mean to those who watch it. Each subscription hears of a cell once, by the first kind it asked for in this
 * order:
 *
 *     newOpportunity      the mark of a cell that was no opportunity before, or none that counted, reached the threshold
 *     scoreCrossed        the mark of a cell reached the threshold, or fell below it (lib/core/alerts/hysteresis.ts)
 *     competitorChange    another supplier leads in the market of a cell that is in (mark ≥ threshold)
 *     marketChange        the imports of such a market changed
 *
 * and once, about no cell, of dataPublished: data came or were revised, and what the exporter sells of these products is another sum.
 * The other minimums of a filter are held against the cell as it is now, or as it was when it fell.
 *
 * Subscriptions are inverted (watchIndex.ts): the cost is a look-up for each cell that changed, and what is found.
 *
 * @returns by subscription the best of its findings, by unrealised value, what fell at the end, and how many there were
 */
export function findingsOf(changes: ExporterChanges, watchers: readonly Watcher[]): Map<string, Best<Finding>> {
  const filterOf = new Map(watchers.map(({ id, filter }) => [id, filter]));
  const found = new Map<string, Best<Finding>>();
  const add = (id: string, finding: Finding, merit: number) => {
    let list = found.get(id);
    if (!list) {
      list = best<Finding>(ITEMS_KEPT);
      found.set(id, list);
    }
    list.add(finding, merit);
  };

  if (changes.causes.some((cause) => cause !== 'modelVersion')) {
    const sold = soldUnder(changes);
    for (const { id, filter } of watchers.filter(({ kinds }) => kinds.includes('dataPublished')))
      if (sold(filter.product ?? '').changed)
        add(id, { kind: 'dataPublished', direction: 'up', now: -1, before: -1 }, Number.POSITIVE_INFINITY);
  }

  const index = (kind: Kind) => indexOf(watchers.filter(({ kinds }) => kinds.includes(kind)));
  const indexes = {
    newOpportunity: index('newOpportunity'),
    scoreCrossed: index('scoreCrossed'),
    competitorChange: index('competitorChange'),
    marketChange: index('marketChange'),
  };
  const { before, now, markets } = changes;
  // nothing is made for a cell that nobody watches: there are hundreds of thousands
  const lastTold = new Map<string, number>();
  let visit = 0;
  let cell: Touched = { now: -1, before: -1, importer: '', product: '', from: 0, to: 0 };
  const teller = (kind: Kind, direction: Item['direction']) => {
    const falls = kind === 'scoreCrossed' && direction === 'down';
    return ({ id }: Watch) => {
      if (lastTold.get(id) === visit) return;
      const filter = filterOf.get(id);
      if (!filter || !(falls ? passes(filter, before.cells, cell.before) : passes(filter, now.cells, cell.now))) return;
      lastTold.set(id, visit);
      const merit = falls ? fallOf(before.cells, cell.before) : meritOf(now.cells, cell.now);
      add(id, { kind, direction, now: cell.now, before: cell.before }, merit);
    };
  };
  const tell = {
    appeared: teller('newOpportunity', 'up'),
    rose: teller('scoreCrossed', 'up'),
    fell: teller('scoreCrossed', 'down'),
    rival: teller('competitorChange', 'up'),
    grew: teller('marketChange', 'up'),
    shrank: teller('marketChange', 'down'),
  };
  forEachTouched(changes, (touched) => {
    cell = touched;
    visit++;
    const { importer, product, from, to } = cell;
    if (to > from) {
      if (from === 0) indexes.newOpportunity.crossed(importer, product, from, to, tell.appeared);
      indexes.scoreCrossed.crossed(importer, product, from, to, tell.rose);
    } else if (to < from) indexes.scoreCrossed.crossed(importer, product, to, from, tell.fell);
    if (cell.now < 0) return;
    if (markets.rivalOf.has(cell.now)) indexes.competitorChange.crossed(importer, product, BELOW_ALL, to, tell.rival);
    const factor = markets.factorOf.get(cell.now);
    if (factor !== undefined)
      indexes.marketChange.crossed(importer, product, BELOW_ALL, to, factor > 1 ? tell.grew : tell.shrank);
  });
  return found;
}

/** Below every threshold that there is. */
const BELOW_ALL = -1;

function indexOf(watchers: readonly Watcher[]): WatchIndex {
  return watchIndex(
    watchers.map(({ id, filter }) => ({
      id,
      importer: filter.importer ?? null,
      product: filter.product ?? '',
      threshold: filter.minScore ?? USUAL_THRESHOLD,
    })),
  );
}

interface Touched {
  readonly now: number;
  readonly before: number;
  readonly importer: string;
  readonly product: string;
  /** the mark before and after */
  readonly from: number;
  readonly to: number;
}

/** Every cell of which there is something to say, once. */
function forEachTouched({ before, now, after, cells, markets }: ExporterChanges, visit: (cell: Touched) => void): void {
  const axes = {
    now: {
      cells: now.cells,
      countries: now.published.world.countries.codes,
      products: now.published.world.products.codes,
    },
    before: { cells: before.cells, countries: before.about.countries, products: before.about.products },
  };
  const at = (row: number, was: number, from: number, to: number) => {
    const { cells: source, countries, products } = row < 0 ? axes.before : axes.now;
    const n = row < 0 ? was : row;
    const importer = countries[source.importerN[n] ?? 0] ?? '';
    const product = products[source.productN[n] ?? 0] ?? '';
    visit({ now: row, before: was, importer, product, from, to });
  };
  const moved = new Uint8Array(now.cells.scoreN.length);
  for (let r = 0; r < cells.nowR.length; r++) {
    const row = cells.nowR[r] ?? -1;
    at(row, cells.beforeR[r] ?? -1, cells.markBeforeR[r] ?? 0, cells.markAfterR[r] ?? 0);
    if (row >= 0) moved[row] = 1;
  }
  const still = (row: number) => {
    if (moved[row] === 1) return;
    moved[row] = 1;
    const mark = after.cells.markN[row] ?? 0;
    at(row, cells.beforeN[row] ?? -1, mark, mark);
  };
  for (const row of markets.rivalOf.keys()) still(row);
  for (const row of markets.factorOf.keys()) still(row);
}

/** What comes first: unrealised value in USD; cells that have none come after all that do, by score. */
const meritOf = ({ unrealisedN, scoreN }: AlertCells, n: number) => {
  const usd = unrealisedN[n] ?? 0;
  return usd > 0 ? usd + 100 : (scoreN[n] ?? 0);
};

/** What fell comes after everything else, the largest loss first. */
const fallOf = (cells: AlertCells, n: number) => -1 / (1 + meritOf(cells, n));

/** Whether a cell meets a filter, its score aside. A comparison with NaN is false: what has no amount fails every least amount. */
function passes(filter: Filter, cells: AlertCells, n: number): boolean {
  const atLeast = (least: unknown, value: number | undefined) =>
    typeof least !== 'number' || (value ?? Number.NaN) >= least;
  return (
    (filter.basis === undefined || BASES[cells.basisN[n] ?? 0] === filter.basis) &&
    (filter.without ?? []).every((flag) => !flagsIn(cells.flagN[n] ?? 0).includes(flag)) &&
    (filter.minConfidence === undefined || (cells.gradeN[n] ?? 0) <= GRADES.indexOf(filter.minConfidence)) &&
    atLeast(filter.minFeasibility, cells.feasibilityN[n]) &&
    atLeast(filter.minOpportunityUsd, cells.worthN[n]) &&
    atLeast(filter.minPotentialUsd, cells.potentialN[n]) &&
    atLeast(filter.minUnrealisedUsd, cells.unrealisedN[n])
  );
}

/** What the exporter sells of the products under the first digits of a code: USD now, and whether that is another sum than before. */
export function soldUnder({ before, now }: ExporterChanges): (digits: string) => { usd: number; changed: boolean } {
  const sums = (codes: readonly string[], valueP: Float64Array) => {
    const upTo = new Float64Array(codes.length + 1);
    for (let p = 0; p < codes.length; p++) upTo[p + 1] = (upTo[p] ?? 0) + (valueP[p] ?? 0);
    // codes are ascending: those that begin with the digits lie together
    return (digits: string) => (upTo[firstFrom(codes, `${digits}~`)] ?? 0) - (upTo[firstFrom(codes, digits)] ?? 0);
  };
  const sumNow = sums(now.published.world.products.codes, now.valueP);
  const sumBefore = sums(before.about.products, before.valueP);
  return (digits) => {
    const usd = sumNow(digits);
    return { usd, changed: Math.abs(usd - sumBefore(digits)) > 1e-9 * Math.abs(usd) + 1e-9 };
  };
}

/** Position of the first of ascending codes that does not come before `code`. */
function firstFrom(codes: readonly string[], code: string): number {
  let from = 0;
  let to = codes.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((codes[middle] ?? '') < code) from = middle + 1;
    else to = middle;
  }
  return from;
}
