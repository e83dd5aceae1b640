import type { Covariates, PAIR_COLUMNS } from '../covariates/covariates.ts';
import { productGravity } from '../gravity/product/productGravity.ts';
import { matrix } from '../matrix.ts';
import { gravityEffects, type KnownGravity } from '../potential/modelEffects.ts';
import { pairColumnsOf } from '../potential/pairColumns.ts';
import { type Neighbours, nearAndSimilarNeighbours } from '../relatedness/neighbours.ts';
import { exporterSimilarity, importerSimilarity } from '../relatedness/similarity.ts';
import type { Flows } from '../trade/flows.ts';
import { hsSection } from '../trade/hsSections.ts';
import { exportsMatrix, importsMatrix } from '../trade/tradeMatrix.ts';

/** What is known of countries beside their trade, as the terms of entries need it. */
export interface EntryCovariates {
  /** by HS section */
  readonly gravity: KnownGravity;
  /** who is near and sells, or buys, alike */
  readonly nearExporters: Neighbours;
  readonly nearImporters: Neighbours;
}

/**
 * Prepares what the covariates of a year say of entries.
 *
 * @param known distances in km and what else is known of pairs, on the countries of the flows
 * @param gravity when it is at hand already; else it is fitted by HS section, with coefficients shrunk towards the mean of all sections
 * @returns null where no distance is known
 */
export function entryCovariates(
  flows: Flows,
  known: Pick<Covariates, (typeof PAIR_COLUMNS)[number]>,
  gravity?: KnownGravity,
): EntryCovariates | null {
  const pairs = pairColumnsOf(known);
  if (!pairs) return null;
  const nCountries = flows.countries.codes.length;
  const distanceKm = matrix(nCountries, nCountries, known.distanceKmIJ);
  return {
    gravity: gravity ?? fitted(),
    nearExporters: nearAndSimilarNeighbours(exporterSimilarity(exportsMatrix(flows)), distanceKm),
    nearImporters: nearAndSimilarNeighbours(importerSimilarity(importsMatrix(flows)), distanceKm),
  };

  function fitted(): KnownGravity {
    const groupP = Uint8Array.from(flows.products.codes, (code) => hsSection(code) - 1);
    const fit = productGravity(flows, groupP, pairs!.columns, { shrinkTowardsPooled: true });
    return { effects: gravityEffects(fit), groupP, zeros: fit.zeros };
  }
}
