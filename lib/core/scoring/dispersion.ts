import type { ThreeWayFit } from '../gravity/threeWay.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import { totals } from '../trade/totals.ts';
import { credibleFrom } from './credibility.ts';
import { supportCells } from './supportCells.ts';

/** Size classes of mu: two to each power of ten, from this many USD. */
const FROM_USD = 10_000;
const CLASSES_PER_DECADE = 2;
const CLASSES = 15;
/** A class counts with this many cells; a class with fewer takes over its smaller neighbour's dispersion. */
const FEWEST_CELLS = 30;
/** A product's own dispersion weighs as much as the classes' once it has this many cells, or more where products tell less (credibility.ts). */
const FEWEST_PRIOR_CELLS = 100;
/** Cells that make up more than this of their margins were fitted to themselves: they say nothing about noise. */
const MOST_LEVERAGE = 0.5;

/**
 * How far actual values scatter around the three-way potential by chance, as a squared coefficient of variation. Survives JSON.
 */
export interface Dispersion {
  /** per size class, at the class's middle (log10 USD): the squared coefficient of variation of an average product */
  readonly log10Q: readonly number[];
  readonly cv2Q: readonly number[];
  /** per product: how many times that */
  readonly ratioP: readonly number[];
}

/**
 * Pearson's dispersion of trade around its fit, by size and by product; zeros count like any other value.
 *
 *     φ[q] = Σ (v − mu)² / (1 − h)  /  Σ mu²            over the cells of size class q;  h = mu / v_ik + mu / v_jk + mu / v_ij
 *     ρ[k] = (K + Σ_q X[k,q] / φ[q]) / (K + Σ_q Y[k,q])  X and Y: the two sums over the cells of k, each over the mean mu² of the class;  K: credibility.ts
 *
 * The coefficient of variation falls with size (HS4, 2017: 5.9 at 10,000 USD, 1.7 at a million, 1 at 100 million), so φ is a function of mu:
 * interpolated in log10 mu between the middles of half-decade classes. h is a cell's part in its own margins (its leverage): cells above one
 * half are left out, and so are cells below 10,000 USD, which can't become opportunities. Y counts a product's cells. What is measured is the
 * scatter around the fit, so it holds the errors of the fit too, which grow as margins get smaller.
 *
 * @returns all φ 0 when the fit is exact
 * @source METHODS 9.6; ratio of sums, leverage and shrinkage of ρ are our choice, decisions/0013
 */
export function dispersion(flows: Flows, fit: Pick<ThreeWayFit, 'a' | 'b' | 'c' | 'zeros'>): Dispersion {
  const { exporterProduct, importerProduct, pair } = totals(flows);
  const nProducts = exporterProduct.cols;
  const nCountries = pair.cols;
  const startE = exporterStarts(flows);
  return dispersionOf(nProducts, (visit) => {
    for (let e = 0; e < nCountries; e++)
      supportCells(flows, startE, fit, e, FROM_USD, (m, p, mu, actual) => {
        const h =
          mu / exporterProduct.data[e * nProducts + p]! +
          mu / importerProduct.data[m * nProducts + p]! +
          mu / pair.data[e * nCountries + m]!;
        visit(p, mu, actual, h);
      });
  });
}

/** Calls back for each cell that is to count with product, mu > 0, v ≥ 0 (USD) and h, the cell's part in its own margins. */
export type EachCell = (visit: (product: number, mu: number, actual: number, h: number) => void) => void;

/**
 * The same around any expectation of the cells.
 *
 * @param centred then mu says how large a cell is, and is scaled by class to the mean of its values before they are held against it
 */
export function dispersionOf(nProducts: number, eachCell: EachCell, { centred = false } = {}): Dispersion {
  const scaleQ = centred ? meansByClass(eachCell) : new Float64Array(CLASSES).fill(1);

  // squared deviations and squared expectations by product and size, of every other cell of a product and of the cells between
  const squaresHPQ = new Float64Array(2 * nProducts * CLASSES);
  const expectedHPQ = new Float64Array(2 * nProducts * CLASSES);
  const cellsQ = new Uint32Array(CLASSES);
  const cellsP = new Uint32Array(nProducts);
  eachCell((p, mu, actual, h) => {
    if (h > MOST_LEVERAGE || mu < FROM_USD) return;
    const q = classOf(mu);
    const expected = scaleQ[q]! * mu;
    const at = ((cellsP[p]!++ % 2) * nProducts + p) * CLASSES + q;
    squaresHPQ[at]! += (actual - expected) ** 2 / (1 - h);
    expectedHPQ[at]! += expected * expected;
    cellsQ[q]!++;
  });

  // by size, all products together; a thin class is like the next smaller one, those below the first like the first
  const squaresQ = sumsQ(squaresHPQ);
  const expectedQ = sumsQ(expectedHPQ);
  const known: number[] = [];
  for (let q = 0; q < CLASSES; q++)
    known.push(cellsQ[q]! >= FEWEST_CELLS ? squaresQ[q]! / expectedQ[q]! : (known[q - 1] ?? Number.NaN));
  const first = known.find((cv2) => !Number.isNaN(cv2)) ?? 0;
  const cv2Q = known.map((cv2) => (Number.isNaN(cv2) ? first : cv2));

  // by product, relative to that
  const deviationHP = new Float64Array(2 * nProducts);
  const cellsHP = new Float64Array(2 * nProducts);
  for (let at = 0; at < squaresHPQ.length; at++) {
    const q = at % CLASSES;
    const meanSquare = expectedQ[q]! / cellsQ[q]!;
    if (!(meanSquare > 0 && cv2Q[q]! > 0)) continue;
    deviationHP[Math.floor(at / CLASSES)]! += squaresHPQ[at]! / (cv2Q[q]! * meanSquare);
    cellsHP[Math.floor(at / CLASSES)]! += expectedHPQ[at]! / meanSquare;
  }
  const prior = Math.max(FEWEST_PRIOR_CELLS, credibleFrom(deviationHP, cellsHP));
  const ratioP = Array.from({ length: nProducts }, (_, p) => {
    const deviation = deviationHP[p]! + deviationHP[nProducts + p]!;
    const cells = cellsHP[p]! + cellsHP[nProducts + p]!;
    // (K + deviation) / (K + cells), also where K is infinite
    return 1 + (deviation - cells) / (prior + cells);
  });
  return { log10Q: cv2Q.map((_, q) => Math.log10(FROM_USD) + (q + 0.5) / CLASSES_PER_DECADE), cv2Q, ratioP };
}

const classOf = (mu: number) => Math.min(CLASSES - 1, Math.floor(Math.log10(mu / FROM_USD) * CLASSES_PER_DECADE));

/** Σ v / Σ mu by size class; 1 where nothing trades. */
function meansByClass(eachCell: EachCell): Float64Array {
  const valueQ = new Float64Array(CLASSES);
  const muQ = new Float64Array(CLASSES);
  eachCell((_p, mu, actual, h) => {
    if (h > MOST_LEVERAGE || mu < FROM_USD) return;
    valueQ[classOf(mu)]! += actual;
    muQ[classOf(mu)]! += mu;
  });
  return valueQ.map((value, q) => (value > 0 ? value / muQ[q]! : 1));
}

/** Sums over products and halves. */
function sumsQ(valueHPQ: Float64Array): Float64Array {
  const sums = new Float64Array(CLASSES);
  for (let at = 0; at < valueHPQ.length; at++) sums[at % CLASSES]! += valueHPQ[at]!;
  return sums;
}

/**
 * The standard deviation of the logarithm of unit-mean lognormal noise with the dispersion of a cell.
 *
 *     s = √ ln(1 + ρ[k] φ(mu))
 */
export function noiseSd(noise: Dispersion, product: number, mu: number): number {
  return Math.sqrt(Math.log1p(noise.ratioP[product]! * interpolate(noise, mu)));
}

/** φ at a size: straight lines in log10 mu between the classes, constant beyond the first and the last. */
function interpolate({ log10Q, cv2Q }: Pick<Dispersion, 'log10Q' | 'cv2Q'>, mu: number): number {
  const at = (Math.log10(mu) - log10Q[0]!) / (log10Q[1]! - log10Q[0]!);
  const q = Math.max(0, Math.min(log10Q.length - 2, Math.floor(at)));
  const share = Math.max(0, Math.min(1, at - q));
  return cv2Q[q]! * (1 - share) + cv2Q[q + 1]! * share;
}
