import { type Matrix, matrix } from '../../matrix.ts';
import { clipNegative } from './eigen.ts';
import { type Factor, interaction, restrict } from './factor.ts';
import { crossProducts, inverseOf, sandwich } from './gram.ts';
import type { Panel, PanelColumn } from './panel.ts';
import { factorOf, leverageScale, leverages, type SmallSample } from './smallSample.ts';

/** What the residuals of a fit are taken to be independent across. Clusters are factors over the rows of the model. */
export type Dependence =
  | { readonly kind: 'iid' }
  | { readonly kind: 'robust' }
  | { readonly kind: 'cluster'; readonly by: readonly [Factor] | readonly [Factor, Factor] };

/** What a covariance needs of a fit. The columns are partialled out with the weights. */
export interface Fitted {
  readonly panel: Panel;
  readonly columns: readonly PanelColumn[];
  /** weights of the information matrix: w μ, or w for least squares */
  readonly informationN: Float64Array;
  /** score of each row per unit of its regressors: w (y - μ) */
  readonly scoreN: Float64Array;
  /** multiplies the inverse information when residuals are iid: 1 for the Poisson likelihood, Σ w e² / (N - 1) for least squares */
  readonly dispersion: number;
}

export interface Covariance {
  /** K × K, in units of the regressors as given */
  readonly matrix: Matrix;
  readonly standardErrorK: Float64Array;
  /** clusters with used rows, by clustering; empty without clusters */
  readonly groups: readonly number[];
  /** what the small-sample rule multiplied by */
  readonly smallSampleFactor: number;
  /** a two-way covariance is a difference: true when negative eigenvalues of it were set to zero */
  readonly clipped: boolean;
}

/**
 * Covariance of the coefficients from the partialled-out regressors x̃, scores s[n] = w (y - μ), and I = Σ_n w μ x̃ x̃'.
 *
 *     iid      I⁻¹
 *     robust   I⁻¹ (Σ_n s² x̃ x̃') I⁻¹
 *     cluster  I⁻¹ (Σ_c S_c S_c') I⁻¹,  S_c = Σ_{n in c} s x̃;  two ways: A + B - (A and B)
 *
 * times the small-sample factor (smallSample.ts, decision 0015). With coefficients of three kinds of effects at once, exporter-time,
 * importer-time and pair, both estimates and errors have a bias of the order of one over the number of years; none is corrected here.
 *
 * @returns NaN everywhere when the information is singular
 * @source Cameron, Gelbach and Miller (2011), Robust inference with multiway clustering
 */
export function covariance(fitted: Fitted, dependence: Dependence, smallSample: SmallSample): Covariance {
  const { panel, columns, informationN, scoreN, dispersion } = fitted;
  const k = columns.length;
  const restsKN = columns.map(({ restN }) => restN);
  const bread = inverseOf(crossProducts(restsKN, informationN))?.inverse;
  const clusters = dependence.kind === 'cluster' ? dependence.by.map((factor) => restrict(factor, panel.rowN)) : [];
  const groups = clusters.map(({ levels }) => levels.length);
  const smallSampleFactor = factorOf(smallSample, dependence.kind, panel, k, clusters);
  const raw = matrix(k, k);
  const standardErrorK = new Float64Array(k).fill(Number.NaN);
  if (!bread)
    return {
      matrix: matrix(k, k, raw.data.fill(Number.NaN)),
      standardErrorK,
      groups,
      smallSampleFactor,
      clipped: false,
    };

  let clipped = false;
  if (dependence.kind === 'iid') for (let at = 0; at < k * k; at++) raw.data[at] = bread.data[at]! * dispersion;
  else {
    const meat = matrix(k, k);
    const leverageN = smallSample === 'leverage' ? leverages(panel, informationN) : null;
    const add = (clustering: Factor, sign: 1 | -1) => {
      const scaleC = leverageN && scales(clustering, leverageN, informationN);
      addClustered(meat, restsKN, scoreN, clustering, sign, scaleC);
    };
    if (dependence.kind === 'robust')
      addRobust(meat, restsKN, leverageN ? scoreN.map((score, n) => score * leverageScale(leverageN[n]!)) : scoreN);
    else {
      const [one, other] = clusters;
      add(one!, 1);
      if (other) {
        add(other, 1);
        add(interaction('both', one!, other), -1);
      }
    }
    raw.data.set(sandwich(bread, meat).data);
    if (clusters.length === 2) clipped = clipNegative(raw);
  }
  // back to the regressors' own units
  for (let j = 0; j < k; j++)
    for (let i = 0; i < k; i++) raw.data[j * k + i]! *= smallSampleFactor / (columns[j]!.sd * columns[i]!.sd);
  for (let j = 0; j < k; j++) standardErrorK[j] = Math.sqrt(raw.data[j * k + j]!);
  return { matrix: raw, standardErrorK, groups, smallSampleFactor, clipped };
}

/** By what the scores of each cluster are multiplied. */
function scales({ codeN, levels }: Factor, leverageN: Float64Array, informationN: Float64Array): Float64Array {
  const sumC = new Float64Array(levels.length);
  const shareC = new Float64Array(levels.length);
  for (let n = 0; n < leverageN.length; n++) {
    sumC[codeN[n]!]! += informationN[n]!;
    shareC[codeN[n]!]! += informationN[n]! * leverageN[n]!;
  }
  return shareC.map((share, c) => (sumC[c]! > 0 ? leverageScale(share / sumC[c]!) : 1));
}

function addRobust(meat: Matrix, restsKN: readonly Float64Array[], scoreN: Float64Array): void {
  const squaredN = scoreN.map((score) => score * score);
  const products = crossProducts(restsKN, squaredN);
  for (let at = 0; at < meat.data.length; at++) meat.data[at]! += products.data[at]!;
}

function addClustered(
  meat: Matrix,
  restsKN: readonly Float64Array[],
  scoreN: Float64Array,
  { codeN, levels }: Factor,
  sign: 1 | -1,
  scaleC: Float64Array | null,
): void {
  const sumsKC = restsKN.map((restN) => {
    const sumC = new Float64Array(levels.length);
    for (let n = 0; n < restN.length; n++) sumC[codeN[n]!]! += scoreN[n]! * restN[n]!;
    return scaleC ? sumC.map((sum, c) => sum * scaleC[c]!) : sumC;
  });
  const products = crossProducts(sumsKC, null);
  for (let at = 0; at < meat.data.length; at++) meat.data[at]! += sign * products.data[at]!;
}
