import { encodeArrays } from '../../core/arrays.ts';
import type { Axis } from '../../core/labels.ts';
import { pick } from '../../core/pick.ts';
import { BASES, type Basis, type ScoredCells } from '../../core/scoring/scoredCells.ts';
import type { Page } from '../../ports/pageStore.ts';
import { CELLS_PER_PAGE, encodeCells } from './cells.ts';
import { encodeContributions } from './contributionPages.ts';
import { groupRows, planPages } from './groups.ts';
import { chaptersOf, exporterPartition, numbered } from './keys.ts';

/** Products of one `products` page. */
export const PRODUCTS_PER_PAGE = 1024;
/** Best opportunities of an exporter that are kept in rank order, for each basis. */
export const RANKED_PER_BASIS = 1_000;

/** Everything that a run found out about one exporter. P runs over the product axis, M over the country axis as importers. */
export interface ExporterScores {
  readonly slot: number;
  readonly run: string;
  readonly exporter: string;
  readonly countries: Axis;
  readonly products: Axis;
  readonly cells: ScoredCells;
  /** v_ik, USD */
  readonly valueP: Float64Array;
  readonly rcaP: Float64Array;
  /** how many importers it sells each product to */
  readonly marketsP: Uint16Array;
  /** NaN outside the universe of the product space: a density of 0 */
  readonly densityP: Float64Array;
  /** the exporter's row of A in mu = A·B·C */
  readonly factorAP: Float64Array;
  /** what gravity adds: the exporter's effects, and its ease of trade with each importer by HS section (sections × importers); null without covariates */
  readonly gravity: {
    readonly effectP: Float64Array;
    readonly easeGM: Float64Array;
    readonly silent: readonly { readonly importer: number; readonly product: number }[];
  } | null;
  /** products of which it sells in one year of the window only; null where that is not known */
  readonly oneYearP: Uint8Array | null;
  /** by which its potentials change because of what its customers charge on the product; null where no tariffs are loaded */
  readonly customersP: Float64Array | null;
  readonly partners: {
    /** v_ij, USD */
    readonly valueM: Float64Array;
    /** T_ij = Σ_k (v_ik / v_k) v_jk, USD */
    readonly exposureM: Float64Array;
    /** the exporter's row of C */
    readonly factorCM: Float64Array;
  };
  /** cells whose potential is not A·B·C because the totals decide it (lib/core/gravity/potential.ts); USD */
  readonly decided: readonly { readonly importer: number; readonly product: number; readonly value: number }[];
  readonly profile: ProfileFacts;
}

export interface ProfileFacts {
  readonly exportsUsd: number;
  readonly importsUsd: number;
  /** products exported with RCA at or above the threshold */
  readonly diversity: number;
  /** z-score; null or NaN when the exporter has none */
  readonly eci: number | null;
  readonly eciRank: number | null;
}

/** What is said about an exporter at a glance. */
export interface ExporterProfile extends ProfileFacts {
  readonly bases: Record<Basis, BasisTotals>;
  /** product, importer and potential of the cells that the totals decide */
  readonly decided: readonly (readonly [number, number, number])[];
  /** product and importer of the cells of which gravity says nothing although its effects are positive */
  readonly gravitySilent: readonly (readonly [number, number])[];
  /** pages that hold all its opportunities once */
  readonly chapterPages: number;
}

/** Sums over the opportunities of one basis; null where nothing has a potential. */
export interface BasisTotals {
  readonly opportunities: number;
  /** expected gains: these do add up */
  readonly opportunityUsd: number;
  readonly potentialUsd: number | null;
  readonly unrealisedUsd: number | null;
  readonly unrealisedRawUsd: number | null;
}

/** All pages of one exporter. */
export function exporterPages(scores: ExporterScores): Page[] {
  const { slot, run, exporter, countries, products, cells, partners } = scores;
  const page = (sort: string, body: Uint8Array): Page => ({
    partition: exporterPartition(slot, exporter),
    sort,
    run,
    body,
  });

  // its products, by position
  const productPages: Page[] = [];
  for (let from = 0; from < products.codes.length; from += PRODUCTS_PER_PAGE) {
    const to = from + PRODUCTS_PER_PAGE;
    const body = encodeArrays(null, {
      valueP: scores.valueP.subarray(from, to),
      factorAP: scores.factorAP.subarray(from, to),
      marketsP: scores.marketsP.subarray(from, to),
      ...(scores.gravity && { gravityAP: scores.gravity.effectP.subarray(from, to) }),
      ...(scores.oneYearP && { oneYearP: scores.oneYearP.subarray(from, to) }),
      ...(scores.customersP && { customersP: new Float32Array(scores.customersP.subarray(from, to)) }),
      rcaP: new Float32Array(scores.rcaP.subarray(from, to)),
      densityP: new Float32Array(scores.densityP.subarray(from, to)),
    });
    productPages.push(page(numbered('products', from / PRODUCTS_PER_PAGE), body));
  }

  // its opportunities: the best of each basis, all by importer, and the same by chapter
  const ranked = BASES.flatMap((basis) => {
    const [from, to] = stretchOf(cells, basis);
    const rows = Uint32Array.from({ length: Math.min(to - from, RANKED_PER_BASIS) }, (_, at) => from + at);
    return layCells(cells, [basis], Uint32Array.of(0, rows.length), rows).map(({ sort, body }) =>
      page(`ranked#${sort}`, body),
    );
  });
  const byGroup = (kind: string, codes: readonly string[], groupN: ArrayLike<number>, encode = encodeCells) => {
    const { start, rows } = groupRows(groupN, codes.length);
    return layCells(cells, codes, start, rows, encode).map(({ sort, body }) => page(`${kind}#${sort}`, body));
  };
  const chapters = chaptersOf(products);
  const chapterP = new Uint16Array(products.codes.length);
  for (let c = 0; c < chapters.codes.length; c++) chapterP.fill(c, chapters.first[c], chapters.first[c + 1]);
  const byImporter = byGroup('importer', countries.codes, cells.importerN);
  const why = byGroup('why', countries.codes, cells.importerN, encodeContributions);
  const byChapter = byGroup(
    'chapter',
    chapters.codes,
    pick(chapterP, cells.productN, new Uint16Array(cells.productN.length)),
  );

  const profile: ExporterProfile = {
    ...scores.profile,
    bases: Object.fromEntries(BASES.map((basis) => [basis, totals(cells, basis)])) as Record<Basis, BasisTotals>,
    decided: scores.decided.map(({ product, importer, value }) => [product, importer, value]),
    gravitySilent: (scores.gravity?.silent ?? []).map(({ product, importer }) => [product, importer]),
    chapterPages: byChapter.length,
  };
  return [
    page('profile', encodeArrays(profile, {})),
    ...productPages,
    page('partners', encodeArrays(null, { ...partners })),
    ...(scores.gravity ? [page('gravity', encodeArrays(null, { easeGM: scores.gravity.easeGM }))] : []),
    ...ranked,
    ...byImporter,
    ...why,
    ...byChapter,
  ];
}

/**
 * Pages of cells by group: sort keys without the kind, and bodies.
 *
 * @param start group g has rows[start[g]] … rows[start[g + 1] − 1]
 */
function layCells(
  cells: ScoredCells,
  codes: readonly string[],
  start: Uint32Array,
  rows: Uint32Array,
  encode = encodeCells,
) {
  const first = (group: number) => start[group] ?? 0;
  const sizes = codes.map((_, group) => first(group + 1) - first(group));
  return planPages(sizes, CELLS_PER_PAGE).map(({ sequence, pages, stretches }) => {
    const groups = stretches.map(({ group, from, to }) => ({ code: codes[group] ?? '', count: to - from }));
    // only empty groups lie between the stretches of a page
    const from = first(stretches[0]?.group ?? 0) + (stretches[0]?.from ?? 0);
    const here = rows.subarray(from, from + groups.reduce((sum, { count }) => sum + count, 0));
    return { sort: numbered(groups[0]?.code ?? '', sequence), body: encode(cells, here, groups, pages) };
  });
}

/** The rows of one basis, from … to (exclusive): they come one basis after the other. */
function stretchOf({ basisN }: ScoredCells, basis: Basis): readonly [from: number, to: number] {
  const own = BASES.indexOf(basis);
  const from = basisN.indexOf(own);
  return from < 0 ? [0, 0] : [from, basisN.lastIndexOf(own) + 1];
}

function totals(cells: ScoredCells, basis: Basis): BasisTotals {
  const [from, to] = stretchOf(cells, basis);
  const sum = (of: (n: number) => number) => {
    let all = 0;
    for (let n = from; n < to; n++) all += of(n) || 0;
    return all;
  };
  const priced = (of: (n: number) => number) => (basis === 'newProduct' ? null : sum(of));
  const potential = (n: number) => cells.potentialN[n] ?? 0;
  return {
    opportunities: to - from,
    opportunityUsd: sum((n) => cells.opportunityN[n] ?? 0),
    potentialUsd: priced(potential),
    unrealisedUsd: priced((n) => cells.shrunkN[n] ?? 0),
    unrealisedRawUsd: priced((n) => Math.max(0, potential(n) - (cells.actualN[n] ?? 0))),
  };
}
