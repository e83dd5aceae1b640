import type { Basis } from '../core/scoring/scoredCells.ts';
import { basisOf, type CellBlock, easeOf, MEASURES } from './layout/cells.ts';
import type { World } from './layout/worldPages.ts';

/** One opportunity as it is shown. Amounts in USD, null on the extensive basis, where the exporter's supply is not observed. */
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
  readonly feasibility: number;
  readonly actualUsd: number;
  readonly potentialUsd: number | null;
  readonly realisedUsd: number | null;
  readonly unrealisedUsd: number | null;
  readonly unrealisedRawUsd: number | null;
  /** potential = size × ease × marginAdjustment */
  readonly sizeUsd: number | null;
  /** also on the extensive basis */
  readonly ease: number | null;
  readonly marginAdjustment: number | null;
}

/** Cell n of a block in words and rounded: USD to cents, pure numbers to six digits. */
export function opportunityAt(world: World, exporter: number, block: CellBlock, n: number): Opportunity {
  const product = world.productFacts[block.productN[n] ?? 0];
  const importer = world.countryFacts[block.importerN[n] ?? 0];
  const seller = world.countryFacts[exporter];
  const actual = MEASURES.actualUsd(block, n);
  const potential = MEASURES.potentialUsd(block, n);
  const index = MEASURES.indexUsd(block, n);
  return {
    exporter: seller?.code ?? '',
    exporterName: seller?.name ?? '',
    product: product?.code ?? '',
    productName: product?.name ?? '',
    importer: importer?.code ?? '',
    importerName: importer?.name ?? '',
    basis: basisOf(block, n),
    score: digits(MEASURES.score(block, n)) ?? 0,
    feasibility: digits(MEASURES.feasibility(block, n)) ?? 0,
    actualUsd: cents(actual) ?? 0,
    potentialUsd: cents(potential),
    realisedUsd: cents(Math.min(actual, potential)),
    unrealisedUsd: cents(MEASURES.unrealisedUsd(block, n)),
    unrealisedRawUsd: cents(MEASURES.unrealisedRawUsd(block, n)),
    sizeUsd: cents(MEASURES.sizeUsd(block, n)),
    ease: digits(easeOf(block, n)),
    marginAdjustment: digits(potential / index),
  };
}

/** USD to the cent; null for NaN. */
export const cents = (usd: number) => (Number.isFinite(usd) ? Math.round(usd * 100) / 100 : null);

/** Six significant digits; null for NaN. */
export const digits = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : null);
