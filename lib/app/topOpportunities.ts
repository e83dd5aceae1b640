import { GRADES, type Grade } from '../core/scoring/confidence.ts';
import { type Flag, flagBits } from '../core/scoring/flags.ts';
import { BASES, type Basis } from '../core/scoring/scoredCells.ts';
import { confidenceAt } from './cellConfidence.ts';
import { countryAt, type Nearest, productsUnder } from './codes.ts';
import { basisOf, type CellBlock, MEASURES, type Measure } from './layout/cells.ts';
import { RANKED_PER_BASIS } from './layout/exporterPages.ts';
import { chapterOf } from './layout/keys.ts';
import type { Published, PublishedScores } from './layout/publishedScores.ts';
import type { Grouping } from './layout/readExporter.ts';
import { type Opportunity, opportunityAt } from './opportunity.ts';
import type { Position, Reason } from './reason.ts';
import { exportsNothing, whyNoOpportunity } from './whyNoOpportunity.ts';

/** Pages that one answer may read: 2 MB, about 70,000 opportunities. */
export const SCAN_PAGES = 64;

/** Least values; an opportunity without the amount fails it. */
export const MINIMUMS = {
  minScore: 'score',
  minFeasibility: 'feasibility',
  minOpportunityUsd: 'opportunityUsd',
  minPotentialUsd: 'potentialUsd',
  minUnrealisedUsd: 'unrealisedUsd',
} as const satisfies Record<string, Measure>;
export type Minimum = keyof typeof MINIMUMS;

export interface OpportunityRequest extends Readonly<Partial<Record<Minimum, number | undefined>>> {
  readonly exporter: string;
  readonly importer?: string | undefined;
  /** a code or the first digits of one */
  readonly product?: string | undefined;
  readonly basis?: Basis | undefined;
  /** flags that none may have */
  readonly without?: readonly Flag[] | undefined;
  /** this grade or a better one */
  readonly minConfidence?: Grade | undefined;
  /** null: the default order, by basis, score descending inside */
  readonly sort: { readonly by: Measure; readonly descending: boolean } | null;
  readonly limit: number;
  readonly from: Position | null;
}

export interface OpportunityList {
  readonly published: Published;
  readonly items: readonly Opportunity[];
  readonly next: Position | null;
  /** only when there are no items */
  readonly reason: Reason | null;
  /** there may be more than was looked at; the hint says how to see it */
  readonly truncated: { readonly hint: string } | null;
}

interface Found {
  readonly block: CellBlock;
  readonly n: number;
}

/**
 * The best opportunities of an exporter, of one importer, of a product or of all.
 *
 * The default order is stored: for one importer or one chapter it is read page by page until the answer is full, for the exporter as a
 * whole from its best 1,000 of each basis. Another order, or a minimum other than of the score, needs every cell: all of them are read
 * when they lie on at most SCAN_PAGES pages, else the best 1,000 of each basis are reordered, and the answer says so.
 */
export function topOpportunities(deps: { scores: PublishedScores; nearest: Nearest; scanPages?: number }) {
  const { scores, nearest, scanPages = SCAN_PAGES } = deps;
  return async (request: OpportunityRequest): Promise<OpportunityList> => {
    const published = request.from ? await scores.still(request.from.run) : await scores.current();
    const { world } = published;
    const exporter = countryAt(world, 'exporter', request.exporter, nearest);
    if (request.importer !== undefined) countryAt(world, 'importer', request.importer, nearest);
    const products =
      request.product === undefined
        ? { from: 0, to: world.products.codes.length }
        : productsUnder(world, request.product, nearest);

    const reader = published.exporter(request.exporter);
    const facts = await reader.facts();
    if (!facts) {
      return { published, items: [], next: null, reason: exportsNothing(published, request.exporter), truncated: null };
    }

    // what to read
    const bases = request.basis ? [request.basis] : BASES;
    const { profile } = facts;
    const source = sourceOf(request, profile.chapterPages <= scanPages);
    const blocks =
      source === 'importer'
        ? reader.group('importer', request.importer ?? '')
        : source === 'chapter'
          ? reader.group('chapter', chapterOf(request.product ?? ''))
          : source === 'ranked'
            ? reader.ranked(bases)
            : reader.everything();

    // read until the answer is full, or all of it where the stored order does not serve
    const inOrder = request.sort === null && source !== 'everything';
    const offset = request.from?.offset ?? 0;
    const end = offset + request.limit;
    const accepts = filter(request, published, bases, products);
    const found: Found[] = [];
    /** the last cell that was looked at; in the stored order of one basis the one with the least score */
    const last = new Map<string, number>();
    let seen = 0;
    let pages = 0;
    let cut = false;
    for await (const block of blocks) {
      cut = pages++ === scanPages;
      if (cut) break;
      for (let n = 0; n < block.scoreN.length; n++) if (accepts(block, n)) found.push({ block, n });
      seen += block.scoreN.length;
      last.set(block.group, block.scoreN.at(-1) ?? 0);
      if (inOrder && found.length > end) break;
    }
    if (!inOrder) found.sort(request.sort ? by(request.sort) : inDefaultOrder);

    // a ranked list hides something when the answer goes to its end, and what lies behind has the score that is asked for
    const more = found.length > end;
    const upTo = (basis: Basis) =>
      found.filter(({ block }) => bases.indexOf(block.group as Basis) <= bases.indexOf(basis));
    const hidden =
      source === 'ranked' &&
      bases.some(
        (basis) =>
          profile.bases[basis].opportunities > RANKED_PER_BASIS &&
          (needsAll(request) || (upTo(basis).length <= end && (last.get(basis) ?? 0) >= (request.minScore ?? 0))),
      );
    const shown = found.slice(offset, end);
    return {
      published,
      items: shown.map(({ block, n }) => opportunityAt(published, exporter, block, n)),
      next: more ? { run: published.run, offset: end } : null,
      reason: shown.length === 0 ? await whyNoOpportunity(published, request, products, seen) : null,
      truncated: hidden ? { hint: RANKED_ONLY } : cut ? { hint: BEGINNING_ONLY } : null,
    };
  };
}

const RANKED_ONLY =
  `Of the exporter as a whole, the best ${RANKED_PER_BASIS.toLocaleString('en-US')} opportunities of each basis by score are listed: ` +
  'name an importer, or a product or HS2 chapter, to reach all of its opportunities.';
const BEGINNING_ONLY =
  'There are more opportunities here than one answer looks at; those with the best scores were looked at: name both a product and an importer to reach the others.';

/** A question that the stored order can't answer: another order, or a minimum of something else than the score. */
const needsAll = (request: OpportunityRequest) =>
  request.sort !== null ||
  (Object.keys(MINIMUMS) as Minimum[]).some((name) => name !== 'minScore' && request[name] !== undefined);

/** The narrowest group of pages with the answer. */
function sourceOf(request: OpportunityRequest, fewEnough: boolean): Grouping | 'everything' {
  if (request.importer !== undefined) return 'importer';
  if (request.product !== undefined) return 'chapter';
  return needsAll(request) && fewEnough ? 'everything' : 'ranked';
}

/** Whether a cell is asked for. A comparison with NaN is false: what has no amount fails every least amount. */
function filter(
  request: OpportunityRequest,
  { evidence }: Published,
  bases: readonly Basis[],
  products: { readonly from: number; readonly to: number },
): (block: CellBlock, n: number) => boolean {
  const minimums = (Object.keys(MINIMUMS) as Minimum[]).flatMap((name) => {
    const least = request[name];
    return least === undefined ? [] : [{ measure: MEASURES[MINIMUMS[name]], least }];
  });
  const unwanted = flagBits(request.without ?? []);
  const worst = request.minConfidence === undefined ? undefined : GRADES.indexOf(request.minConfidence);
  return (block, n) => {
    const product = block.productN[n] ?? -1;
    return (
      product >= products.from &&
      product < products.to &&
      bases.includes(basisOf(block, n)) &&
      ((block.flagN[n] ?? 0) & unwanted) === 0 &&
      minimums.every(({ measure, least }) => measure(block, n) >= least) &&
      (worst === undefined || GRADES.indexOf(confidenceAt(evidence, block, n).grade) <= worst)
    );
  };
}

/** Cells without the amount come last, whichever the direction; equals keep the order in which they were read. */
function by({ by: measure, descending }: { by: Measure; descending: boolean }) {
  const of = MEASURES[measure];
  return (a: Found, b: Found) => {
    const x = of(a.block, a.n);
    const y = of(b.block, b.n);
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return descending ? y - x : x - y;
  };
}

/** The order of ScoredCells, for cells that were read by chapter. */
function inDefaultOrder(a: Found, b: Found): number {
  const basis = (found: Found) => BASES.indexOf(basisOf(found.block, found.n));
  const value = (found: Found, of: (block: CellBlock, n: number) => number) => of(found.block, found.n) || 0;
  return (
    basis(a) - basis(b) ||
    value(b, MEASURES.score) - value(a, MEASURES.score) ||
    value(b, MEASURES.unrealisedUsd) - value(a, MEASURES.unrealisedUsd) ||
    (a.block.productN[a.n] ?? 0) - (b.block.productN[b.n] ?? 0) ||
    (a.block.importerN[a.n] ?? 0) - (b.block.importerN[b.n] ?? 0)
  );
}
