import { kernel } from './kernel.ts';
import type { Cell, Support } from './support.ts';

/** Margins worth more than this, USD, must each fit; smaller ones only count in the sum. */
export const MARGIN_FLOOR_USD = 10_000;
/** How far each of them may be off, relative. */
export const MARGIN_TOLERANCE = 1e-6;

/** How well the factors fitted when a sweep came to their margins. */
export interface SweepFit {
  /** Σ|fitted − observed| / V, the worse of the families importer-product and pair (exporter-product is exact at that moment) */
  readonly error: number;
  /** margins above the floor that are off by more than the tolerance */
  readonly failing: number;
  /** rise of the log-likelihood since the last kept state, USD; null right after the start or a step of another kind */
  readonly gain: number | null;
}

/**
 * Factors of the three-way fit and what moves them. A sweep sets each family of factors in turn to what its margins ask for, given the others:
 *
 *     A_ik = v_ik / Σ_j C_ij B_jk    B_jk = v_jk / Σ_i A_ik C_ij    C_ij = v_ij / Σ_k A_ik B_jk
 *
 * Each step maximises the likelihood over one family, so a sweep never lowers it. Given C the world falls apart into products, so a product's
 * block is read once for A, B and its part of the pair sums. The free state is B and C; A follows from them.
 */
export interface Sweeps {
  readonly support: Support;
  readonly zeros: ReadonlySet<number>;
  /** A, by supply; 0 for the fillers */
  readonly aS: Float64Array;
  /** A of the state kept last */
  readonly keptS: Float64Array;
  /** B by demand, then C by link: the state */
  readonly factorN: Float64Array;
  /** its two parts, views */
  readonly bD: Float64Array;
  readonly cL: Float64Array;
  /** the margins of the state, likewise: USD */
  readonly totalN: Float64Array;
  /** by how much the last sweep raised the logarithm of each factor of the state */
  readonly driftN: Float64Array;
  sweep(): SweepFit;
  /** Makes the present factors the state to return to. */
  keep(): void;
  /** Returns to the state kept last. */
  undo(): void;
  /** Tells that another kind of step has moved the factors uphill: they are kept, and the next gain is not known. */
  moved(): void;
}

/** The number of a cell, unique in the world. */
export const cellNumber = ({ countries, products }: Support, { exporter, importer, product }: Cell) =>
  (exporter * countries.codes.length + importer) * products.codes.length + product;

/**
 * @param zeros cells that are 0 whatever the factors
 * @param startN first B and C; where none is given (0) the demand itself, and 1
 * @param marginTolerance from which relative error a margin above the floor counts as failing
 */
export function sweeps(
  support: Support,
  zeros: readonly Cell[],
  startN?: Float64Array,
  marginTolerance = MARGIN_TOLERANCE,
): Sweeps {
  const { countries, products, startSP, exporterS, startDP, importerD, totalD, startLE, importerL } = support;
  const nCountries = countries.codes.length;
  const nProducts = products.codes.length;
  const nDemands = totalD.length;
  const stride = nCountries + (nCountries % 2);
  const rowBytes = stride * 8;

  // the row after the last country's is for the fillers: ones, so that nothing is divided by zero
  const dense = (nCountries + 1) * stride;
  const { f64, u32, balance, spread } = kernel(
    { c: dense, d: dense, b: stride, t: stride, total: exporterS.length, a: exporterS.length },
    { row: exporterS.length },
  );
  f64.total.set(support.totalS);
  f64.c.fill(1, nCountries * stride);
  for (let x = 0; x < exporterS.length; x++) u32.row[x] = exporterS[x]! * rowBytes;
  const atL = new Uint32Array(importerL.length);
  for (let e = 0; e < nCountries; e++)
    for (let x = startLE[e]!; x < startLE[e + 1]!; x++) atL[x] = e * stride + importerL[x]!;
  const zerosOfP = Map.groupBy(zeros, (cell) => cell.product);

  const totalN = new Float64Array(nDemands + importerL.length);
  totalN.set(totalD);
  totalN.set(support.totalL, nDemands);
  const factorN = new Float64Array(totalN.length);
  for (let n = 0; n < factorN.length; n++) {
    const given = startN?.[n] ?? 0;
    factorN[n] = given > 0 ? given : n < nDemands ? totalN[n]! : 1;
  }
  const driftN = new Float64Array(totalN.length);
  const aS = f64.a;
  const keptN = factorN.slice();
  const keptS = aS.slice();
  let comparable = false;

  /** Runs `step` on one product with the cells that are zero left out of the dense matrix, whose values survive. */
  const withoutZeros = (matrix: Float64Array, product: number, step: () => void) => {
    const at = (zerosOfP.get(product) ?? []).map(({ exporter, importer }) => exporter * stride + importer);
    const values = at.map((position) => matrix[position]!);
    for (const position of at) matrix[position] = 0;
    step();
    for (const [n, position] of at.entries()) matrix[position] = values[n]!;
  };

  /** Steps A and B of every product and adds up the pair sums D. */
  const sweepProducts = (fit: { sum: number; failing: number; gain: number }) => {
    const { b, t, c, d, a, total } = f64;
    const { sum, failing, gain } = fit;
    let [sumHere, failingHere, gainHere] = [sum, failing, gain];
    for (let p = 0; p < nProducts; p++) {
      const from = startDP[p]!;
      const to = startDP[p + 1]!;
      const x = startSP[p]!;
      const end = startSP[p + 1]!;
      const row = u32.row.byteOffset + x * 4;
      const rowEnd = u32.row.byteOffset + end * 4;
      b.fill(0);
      t.fill(0);
      for (let y = from; y < to; y++) b[importerD[y]!] = factorN[y]!;

      // A from B and C, and what B then meets
      const meet = () =>
        balance(
          row,
          rowEnd,
          rowBytes,
          c.byteOffset,
          b.byteOffset,
          t.byteOffset,
          total.byteOffset + x * 8,
          a.byteOffset + x * 8,
        );
      const hasZeros = zerosOfP.has(p);
      if (hasZeros) withoutZeros(c, p, meet);
      else meet();
      for (let s = x; s < end; s++) if (total[s]! > 0) gainHere += total[s]! * logRatio(a[s]!, keptS[s]!);

      // B from A and C
      for (let y = from; y < to; y++) {
        const m = importerD[y]!;
        const observed = totalD[y]!;
        const fitted = factorN[y]! * t[m]!;
        const off = Math.abs(fitted - observed);
        sumHere += off;
        if (off > marginTolerance * observed && observed > MARGIN_FLOOR_USD) failingHere++;
        driftN[y] = logRatio(observed, fitted);
        const factor = observed / t[m]!;
        gainHere += observed * logRatio(factor, keptN[y]!);
        factorN[y] = factor;
        b[m] = factor;
      }

      const add = () => spread(row, rowEnd, rowBytes, d.byteOffset, b.byteOffset, a.byteOffset + x * 8);
      if (hasZeros) withoutZeros(d, p, add);
      else add();
    }
    Object.assign(fit, { sum: sumHere, failing: failingHere, gain: gainHere });
  };

  /** Steps C of every link. */
  const sweepLinks = (fit: { sum: number; failing: number; gain: number }) => {
    for (let x = 0, n = nDemands; x < atL.length; x++, n++) {
      const observed = totalN[n]!;
      const met = f64.d[atL[x]!]!;
      const fitted = factorN[n]! * met;
      const off = Math.abs(fitted - observed);
      fit.sum += off;
      if (off > marginTolerance * observed && observed > MARGIN_FLOOR_USD) fit.failing++;
      driftN[n] = logRatio(observed, fitted);
      const factor = observed / met;
      fit.gain += observed * logRatio(factor, keptN[n]!);
      factorN[n] = factor;
    }
  };

  return {
    support,
    zeros: new Set(zeros.map((cell) => cellNumber(support, cell))),
    aS,
    keptS,
    factorN,
    bD: factorN.subarray(0, nDemands),
    cL: factorN.subarray(nDemands),
    totalN,
    driftN,
    sweep() {
      for (let x = 0; x < atL.length; x++) f64.c[atL[x]!] = factorN[nDemands + x]!;
      f64.d.fill(0);
      const demands = { sum: 0, failing: 0, gain: 0 };
      sweepProducts(demands);
      const links = { sum: 0, failing: 0, gain: 0 };
      sweepLinks(links);
      return {
        error: Math.max(demands.sum, links.sum) / support.world,
        failing: demands.failing + links.failing,
        gain: comparable ? demands.gain + links.gain : null,
      };
    },
    keep() {
      keptN.set(factorN);
      keptS.set(aS);
      comparable = true;
    },
    undo() {
      factorN.set(keptN);
      aS.set(keptS);
    },
    moved() {
      keptN.set(factorN);
      keptS.set(aS);
      comparable = false;
    },
  };
}

/**
 * ln(x / y) for positive numbers, by the area tangent series where they are within 6 % (a few products instead of a logarithm;
 * the first term left out is below 1e-10 of the result).
 */
export function logRatio(x: number, y: number): number {
  const u = (x - y) / (x + y);
  if (!(u < 0.03 && u > -0.03)) return Math.log(x / y);
  const u2 = u * u;
  return 2 * u * (1 + u2 * (1 / 3 + u2 * (1 / 5 + u2 / 7)));
}
