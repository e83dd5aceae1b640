import type { Confidence } from '../core/scoring/confidence.ts';
import { drivers } from '../core/scoring/drivers.ts';
import { type Flag, flagsIn } from '../core/scoring/flags.ts';
import type { Basis } from '../core/scoring/scoredCells.ts';
import { confidenceAt, type RunEvidence } from './cellConfidence.ts';
import { basisOf, type CellBlock, MEASURES } from './layout/cells.ts';
import type { World } from './layout/worldPages.ts';

/** One opportunity as it is shown. Amounts in USD; those of a potential are null for a new product, where the exporter's supply is not observed. */
export interface Opportunity {
  readonly exporter: string;
  readonly exporterName: string;
  readonly product: string;
  readonly productName: string;
  readonly importer: string;
  readonly importerName: string;
  readonly basis: Basis;
  /** percentile among all of the exporter's cells on the same basis */
  readonly score: number;
  /** what can be expected to come of it: of an empty cell probability times worth, of an existing one its expected growth */
  readonly opportunityUsd: number;
  /** that an empty cell is entered; null for an existing one */
  readonly feasibility: number | null;
  readonly density: number;
  readonly actualUsd: number;
  readonly potentialUsd: number | null;
  readonly realisedUsd: number | null;
  readonly unrealisedUsd: number | null;
  readonly unrealisedRawUsd: number | null;
  /** potential = size × ease × marginAdjustment */
  readonly sizeUsd: number | null;
  readonly ease: number | null;
  readonly marginAdjustment: number | null;
  /** what makes it less than it looks */
  readonly flags: readonly Flag[];
  /** how far the potential can be relied on, and what is not known of that */
  readonly confidenceGrade: Confidence['grade'];
  readonly confidenceMissing: Confidence['missing'];
}

/** Cell n of a block in words and rounded: USD to cents, pure numbers to six digits. */
export function opportunityAt(
  { world, evidence }: { readonly world: World; readonly evidence: RunEvidence },
  exporter: number,
  block: CellBlock,
  n: number,
): Opportunity {
  const product = world.productFacts[block.productN[n] ?? 0];
  const importer = world.countryFacts[block.importerN[n] ?? 0];
  const seller = world.countryFacts[exporter];
  const actual = MEASURES.actualUsd(block, n);
  const potential = MEASURES.potentialUsd(block, n);
  const parts = drivers(potential, MEASURES.sizeUsd(block, n), MEASURES.indexUsd(block, n));
  const { grade, missing } = confidenceAt(evidence, block, n);
  return {
    exporter: seller?.code ?? '',
    exporterName: seller?.name ?? '',
    product: product?.code ?? '',
    productName: product?.name ?? '',
    importer: importer?.code ?? '',
    importerName: importer?.name ?? '',
    basis: basisOf(block, n),
    score: digits(MEASURES.score(block, n)) ?? 0,
    opportunityUsd: cents(MEASURES.opportunityUsd(block, n)) ?? 0,
    feasibility: digits(MEASURES.feasibility(block, n)),
    density: digits(MEASURES.density(block, n)) ?? 0,
    actualUsd: cents(actual) ?? 0,
    potentialUsd: cents(potential),
    realisedUsd: cents(Math.min(actual, potential)),
    unrealisedUsd: cents(MEASURES.unrealisedUsd(block, n)),
    unrealisedRawUsd: cents(MEASURES.unrealisedRawUsd(block, n)),
    sizeUsd: cents(parts.size),
    ease: digits(parts.ease),
    marginAdjustment: digits(parts.marginAdjustment),
    flags: flagsIn(block.flagN[n] ?? 0),
    confidenceGrade: grade,
    confidenceMissing: missing,
  };
}

/** USD to the cent; null for NaN. */
export const cents = (usd: number) => (Number.isFinite(usd) ? Math.round(usd * 100) / 100 : null);

/** Six significant digits; null for NaN. */
export const digits = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);
