import { gravityColumns } from '../../lib/core/backtest/baselines.ts';
import type { Covariates, PAIR_COLUMNS } from '../../lib/core/covariates/covariates.ts';
import type { EntryContext } from '../../lib/core/entry/entryContext.ts';
import type { TrainingRows } from '../../lib/core/entry/trainEntryModel.ts';
import { potentialOf } from '../../lib/core/gravity/potential.ts';
import { solved } from '../../lib/core/gravity/ppml/gram.ts';
import { expectedOf, productGravity } from '../../lib/core/gravity/product/productGravity.ts';
import { matrix } from '../../lib/core/matrix.ts';
import { nearAndSimilarNeighbours } from '../../lib/core/relatedness/neighbours.ts';
import { exporterSimilarity, importerSimilarity } from '../../lib/core/relatedness/similarity.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import { hsSection } from '../../lib/core/trade/hsSections.ts';

const TERMS = 7;

/**
 * The seven terms of the logistic that the entry model has to beat, with g = v_ik v_jk / v_k, P gravity by HS section, I the three-way fit, So and Sd the
 * weighted presence of near and similar exporters and importers, sd the weighted share of i's exports of k:
 *
 *     ln(g+1000)  ln((P+1000)/(g+1000))  ln(I+1000)  ln((P+1)/(P+1000))  ln(So+.01)  ln(Sd+.01)  ln(sd+1e-5)
 */
export function sevenTerms(
  flows: Flows,
  { startE, totals, fits }: EntryContext,
  covariates: Pick<Covariates, (typeof PAIR_COLUMNS)[number]>,
) {
  const { importerN, productN, valueN } = flows;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const groupP = flows.products.codes.map((code) => hsSection(code) - 1);
  const pairs = gravityColumns(covariates);
  if (!pairs) throw new Error('expected distance, border, language, colony and agreement of pairs');
  const gravity = expectedOf(productGravity(flows, groupP, pairs));
  const threeWay = potentialOf(fits.threeWay);
  const distanceKm = matrix(nCountries, nCountries, covariates.distanceKmIJ);
  const nearE = nearAndSimilarNeighbours(exporterSimilarity(totals.exporterProduct), distanceKm).weightCC.data;
  const nearM = nearAndSimilarNeighbours(importerSimilarity(totals.importerProduct), distanceKm).weightCC.data;
  const columns = Array.from({ length: TERMS }, () => new Float32Array(nCountries * nProducts));
  const [exporters, importers, shares] = Array.from({ length: 3 }, () => new Float64Array(nCountries * nProducts)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];

  /** Importers × products, overwritten by the next call. */
  function ofExporter(exporter: number): readonly Float32Array[] {
    for (const sums of [exporters, importers, shares]) sums.fill(0);
    for (let e = 0; e < nCountries; e++) {
      const weight = nearE[exporter * nCountries + e]!;
      if (weight === 0) continue;
      for (let n = startE[e]!; n < startE[e + 1]!; n++) exporters[importerN[n]! * nProducts + productN[n]!]! += weight;
    }
    for (let j = 0; j < nCountries; j++)
      for (let n = startE[exporter]!; n < startE[exporter + 1]!; n++) {
        const weight = nearM[j * nCountries + importerN[n]!]!;
        const at = j * nProducts + productN[n]!;
        importers[at]! += weight;
        shares[at]! += (weight * valueN[n]!) / totals.exporterProduct.data[exporter * nProducts + productN[n]!]!;
      }
    for (let m = 0, at = 0; m < nCountries; m++)
      for (let p = 0; p < nProducts; p++, at++) {
        const size =
          (totals.exporterProduct.data[exporter * nProducts + p]! * totals.importerProduct.data[at]!) /
          totals.productP[p]!;
        const expected = gravity({ exporter, importer: m, product: p }) || 0;
        const values = [
          Math.log(size + 1000),
          Math.log((expected + 1000) / (size + 1000)),
          Math.log(threeWay({ exporter, importer: m, product: p }) + 1000),
          Math.log((expected + 1) / (expected + 1000)),
          Math.log(exporters[at]! + 0.01),
          Math.log(importers[at]! + 0.01),
          Math.log(shares[at]! + 1e-5),
        ];
        for (let t = 0; t < TERMS; t++) columns[t]![at] = values[t]!;
      }
    return columns;
  }

  return {
    ofExporter,
    /** The terms of training rows; rows of one exporter stand together, and have their product by position among candidates. */
    ofRows({ exporterN, importerN: importers_, productN: products }: TrainingRows): Float64Array[] {
      const valueTN = Array.from({ length: TERMS }, () => new Float64Array(exporterN.length));
      let columnsOf: readonly Float32Array[] = columns;
      for (let n = 0; n < exporterN.length; n++) {
        if (n === 0 || exporterN[n] !== exporterN[n - 1]) columnsOf = ofExporter(exporterN[n]!);
        for (let t = 0; t < TERMS; t++) valueTN[t]![n] = columnsOf[t]![importers_[n]! * nProducts + products[n]!]!;
      }
      return valueTN;
    },
  };
}

/** Logistic regression by Newton's method; returns the linear predictor of a cell. */
export function logistic(valueTN: readonly Float64Array[], outcomeN: Uint8Array, weightN: Float64Array) {
  const size = valueTN.length + 1;
  const beta = new Float64Array(size);
  for (let step = 0; step < 50; step++) {
    const slope = new Float64Array(size);
    const bend = matrix(size, size);
    const x = new Float64Array(size);
    x[0] = 1;
    for (let n = 0; n < outcomeN.length; n++) {
      let eta = beta[0]!;
      for (let t = 0; t < valueTN.length; t++) {
        x[t + 1] = valueTN[t]![n]!;
        eta += beta[t + 1]! * x[t + 1]!;
      }
      const p = 1 / (1 + Math.exp(-eta));
      const residual = weightN[n]! * (outcomeN[n]! - p);
      const curvature = weightN[n]! * p * (1 - p);
      for (let a = 0; a < size; a++) {
        slope[a]! += residual * x[a]!;
        for (let b = 0; b < size; b++) bend.data[a * size + b]! += curvature * x[a]! * x[b]!;
      }
    }
    const move = solved(bend, slope);
    if (!move) throw new Error('the logistic is not identified');
    // the first steps of rare outcomes go too far
    const longest = Math.max(...move.map(Math.abs));
    for (let a = 0; a < size; a++) beta[a]! += move[a]! * Math.min(1, 2 / longest);
    if (longest < 1e-9) break;
  }
  return (columns: readonly Float32Array[], at: number): number => {
    let eta = beta[0]!;
    for (let t = 0; t < columns.length; t++) eta += beta[t + 1]! * columns[t]![at]!;
    return eta;
  };
}
