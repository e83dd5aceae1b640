import { type Matrix, matrix } from '../matrix.ts';
import { margins } from './margins.ts';
import { correlation, moments, standardise } from './moments.ts';
import { NORMALISATIONS, type Normalisation } from './normalisation.ts';
import { type Packed, packColumns, packRows } from './packed.ts';
import { meansOver, reflections } from './reflections.ts';
import { symmetricEigen } from './symmetricEigen.ts';

export interface EciOptions {
  /** the second eigenvector, or the twentieth reflection that Datawheel uses (and R offers) */
  readonly method?: 'eigenvector' | 'reflections';
  /** an eigenvector has no sign of its own: ECI correlates positively with diversity (py, Stata) or with the reflections (R) */
  readonly sign?: 'diversity' | 'reflections';
  readonly normalisation?: Normalisation;
}

/**
 * Why an ECI is not identified: the second eigenvalue is 1 (the graph of exporters and products falls apart), equals
 * the third (any mixture of two vectors would do), is 0 (all baskets alike), or nothing tells the sign.
 */
export type Instability = 'disconnected' | 'tied' | 'degenerate' | 'sign';

export interface Eci {
  /** z-score over the exporters; NaN when there is nothing to standardise */
  readonly eciE: Float64Array;
  /** on the scale that the normalisation names */
  readonly pciP: Float64Array;
  /** kp / sd(kc): PCI with its scale but without its centring, which py-ecomplexity's outlook uses */
  readonly uncentredP: Float64Array;
  /** of D⁻¹ M U⁻¹ Mᵀ, largest first: 1, then those of the matrix with the trivial vector taken out */
  readonly eigenvalues: Float64Array;
  /** ‖A v − λ₂ v‖ of the deflated symmetric matrix and its unit vector: the certificate */
  readonly residual: number;
  readonly instabilities: readonly Instability[];
}

/** Eigenvalues closer than this are one eigenvalue. */
const SAME_EIGENVALUE = 1e-9;
/** A correlation smaller than this says nothing about a sign. */
const NO_CORRELATION = 1e-6;

/**
 * Economic and product complexity: exporters are as complex as the mean of their products, products in proportion to the
 * mean of their exporters. The solution that tells exporters apart belongs to the second eigenvalue of
 *
 *     D⁻¹ M U⁻¹ Mᵀ kc = λ kc,   kp = U⁻¹ Mᵀ kc / λ,   so that kc = D⁻¹ M kp
 *
 * solved as the symmetric S Sᵀ with S = D^-½ M U^-½, on the smaller side. Its first vector is known, √d with eigenvalue 1,
 * and is taken out analytically: S Sᵀ − √d √dᵀ / Σ d has λ₂ on top, so there is no order of eigenvalues to rely on.
 *
 * @param presence M, exporters × products, 0 or 1, no empty row or column (RangeError)
 * @returns ECI and PCI in the normalisation asked for, with the certificate and whatever makes them arbitrary
 * @source Hidalgo and Hausmann (2009), PNAS 106:10570; conventions: decisions/0002
 */
export function eci(
  presence: Matrix,
  { method = 'eigenvector', sign = 'diversity', normalisation = 'py' }: EciOptions = {},
): Eci {
  const baskets = packRows(presence);
  const exporters = packColumns(presence);
  const { rows: diversityE, cols: ubiquityP } = margins(presence);
  if (diversityE.includes(0) || ubiquityP.includes(0)) {
    throw new RangeError('eci: an exporter without products or a product without exporters, expected none');
  }
  const { eigenvalues, residual, kpP: eigenP } = secondEigenvector(presence, baskets, exporters, diversityE, ubiquityP);

  // the identity kc = D⁻¹ M kp holds by construction; the length of kp is arbitrary and leaves with the normalisation
  const instabilities = spectrumInstabilities(eigenvalues);
  const identified = !instabilities.includes('degenerate');
  const kpP = method === 'reflections' ? reflections(presence).kpP : identified ? eigenP : eigenP.fill(Number.NaN);
  const kcE = method === 'reflections' ? reflections(presence).kcE : meansOver(baskets, kpP);

  // orient
  if (method === 'eigenvector' && identified) {
    const along = correlation(sign === 'diversity' ? diversityE : reflections(presence).kcE, kcE);
    const known = Math.abs(along) >= NO_CORRELATION;
    if (!known) instabilities.push('sign');
    if (known ? along < 0 : furthest(kcE) < 0) {
      for (let e = 0; e < kcE.length; e++) kcE[e] = -kcE[e]!;
      for (let p = 0; p < kpP.length; p++) kpP[p] = -kpP[p]!;
    }
  }

  // standardise
  const { pciMoments, divisor } = NORMALISATIONS[normalisation];
  const eciMoments = moments(kcE, divisor);
  return {
    eciE: standardise(kcE, eciMoments),
    pciP: standardise(kpP, pciMoments === 'eci' ? eciMoments : moments(kpP, divisor)),
    uncentredP: standardise(kpP, { ...eciMoments, mean: 0 }),
    eigenvalues,
    residual,
    instabilities,
  };
}

/** The spectrum, and the products' side of the vector that belongs to the second eigenvalue, of arbitrary length and sign. */
function secondEigenvector(
  presence: Matrix,
  baskets: Packed,
  exporters: Packed,
  diversityE: Float64Array,
  ubiquityP: Float64Array,
) {
  const byExporter = presence.rows <= presence.cols;
  const degreeN = byExporter ? diversityE : ubiquityP;
  const deflatedNN = byExporter ? deflated(exporters, diversityE, ubiquityP) : deflated(baskets, ubiquityP, diversityE);
  const { values, vector } = symmetricEigen(deflatedNN);
  const xN = vector(0);
  const kN = xN.map((value, n) => value / Math.sqrt(degreeN[n]!));
  return {
    // the deflated matrix has a 0 where the trivial eigenvalue was; rounding may leave tiny negative ones
    eigenvalues: Float64Array.of(1, ...values.subarray(0, -1).map((value) => Math.max(value, 0))),
    residual: residualOf(deflatedNN, values[0]!, xN),
    kpP: byExporter ? meansOver(exporters, kN) : kN,
  };
}

/**
 * S Sᵀ − √d √dᵀ / Σ d of one side, gathered line by line of the other: each line of m members adds 1 / m to the m² pairs.
 * `lines` are the other side's members on this side, `degreeN` and `otherDegree` how many each has.
 */
function deflated(lines: Packed, degreeN: Float64Array, otherDegree: Float64Array): Matrix {
  const n = degreeN.length;
  const aNN = new Float64Array(n * n);
  for (let line = 0; line < otherDegree.length; line++) {
    const weight = 1 / otherDegree[line]!;
    for (let a = lines.start[line]!; a < lines.start[line + 1]!; a++) {
      const row = lines.at[a]! * n;
      for (let b = lines.start[line]!; b < lines.start[line + 1]!; b++) aNN[row + lines.at[b]!]! += weight;
    }
  }
  const links = degreeN.reduce((sum, degree) => sum + degree, 0);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const size = Math.sqrt(degreeN[i]! * degreeN[j]!);
      aNN[i * n + j] = aNN[i * n + j]! / size - size / links;
    }
  }
  return matrix(n, n, aNN);
}

function residualOf({ rows: n, data }: Matrix, value: number, xN: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < n; i++) {
    let image = 0;
    for (let j = 0; j < n; j++) image += data[i * n + j]! * xN[j]!;
    squares += (image - value * xN[i]!) ** 2;
  }
  return Math.sqrt(squares);
}

function spectrumInstabilities(eigenvalues: Float64Array): Instability[] {
  const second = eigenvalues[1] ?? 0;
  const third = eigenvalues[2] ?? 0;
  if (second < SAME_EIGENVALUE) return ['degenerate'];
  const found: Instability[] = [];
  if (second > 1 - SAME_EIGENVALUE) found.push('disconnected');
  if (second - third < SAME_EIGENVALUE) found.push('tied');
  return found;
}

/** The first of the elements that are largest in size, give or take rounding. */
function furthest(values: Float64Array): number {
  const most = values.reduce((size, value) => Math.max(size, Math.abs(value)), 0);
  return values.find((value) => Math.abs(value) > most * (1 - 1e-9)) ?? 0;
}
