import { type Matrix, matrix } from '../../matrix.ts';
import type { Flows } from '../../trade/flows.ts';
import { crossProducts, dot, inverseOf, sandwich, times } from '../ppml/gram.ts';
import type { Coefficient } from '../ppml/ppml.ts';
import { leverageScale } from '../ppml/smallSample.ts';
import type { Cell } from '../support.ts';
import { asRows } from './asRows.ts';
import { balance } from './balance.ts';
import { fittedByPair, fittedScores, leverageByPair } from './byPair.ts';
import { type PairColumn, type PairTable, pairTable, type Standard } from './pairTable.ts';
import { notYetPartialled, type Partialled, partialOut, sumColumn } from './partialOut.ts';
import { type Tables, tablesOf } from './tables.ts';

export interface SharedFit {
  /** in the order of the columns, collinear ones left out; errors clustered by pair, corrected for leverage (smallSample.ts) */
  readonly coefficients: readonly (Coefficient & { readonly standardError: number })[];
  readonly covariance: Matrix;
  /** names of columns that the effects and earlier columns explain */
  readonly collinear: readonly string[];
  /** cells used, zeros included; and the flows and USD of pairs without a column, which are not */
  readonly observations: number;
  readonly unknown: { readonly flows: number; readonly value: number };
  readonly deviance: number;
  /** false means: do not use the numbers */
  readonly converged: boolean;
  readonly iterations: number;
  /** passes over the tables of products, an average over the products: what the time is spent on */
  readonly passes: number;
  /** max_k |Σ x[k] (y - μ)| / Σ |x[k]| y with x centred, and the largest |Σ (y - μ)| / Σ y of a product's exporter or importer */
  readonly firstOrder: { readonly regressors: number; readonly margins: number };
  /** A and B, products × countries; 0 where a country does not sell (buy) the product. Only their product is unique */
  readonly exporterEffects: Matrix;
  readonly importerEffects: Matrix;
  /** exp(Σ β x) by pair, countries × countries, up to a factor that A and B make up for; NaN where a column is unknown, 0 on the diagonal */
  readonly ease: Matrix;
  /** separated cells: without trade, and 0 in every fit that keeps the totals, although A · B · ease is positive */
  readonly zeros: readonly Cell[];
}

export interface SharedOptions {
  /** coefficients by name to be held; columns without one are estimated. Without any column left only the effects are fitted */
  readonly held?: ReadonlyMap<string, number>;
  /** the pairs laid out already: for several groups of products */
  readonly table?: PairTable;
}

/** Relative error of every exporter's and importer's total of a product; and of the first-order conditions of the columns. */
const MARGINS = 1e-10;
/** While β still moves, totals need not be met more finely than the square of its step asks for, and at first so far. */
const FIRST_MARGINS = 1e-4;
const FIRST_ORDER = 1e-10;
/** The last step, in coefficients of standardised columns, is at most this: a separated column's never shrinks below one. */
const LAST_STEP = 1e-6;
const MAX_ITERATIONS = 60;
const HALVINGS = 30;
/** Columns are partialled out as finely as the last step was small, within these bounds; and for the covariance. */
const ROUGHEST = 0.03;
const FINEST = 1e-3;
const COVARIANCE = 1e-7;
/** A column is collinear when less than this share of its variance is its own, and surely not with more than the second. */
const LEAST_OWN = 1e-12;
const PLENTY = 0.1;
const COLLINEAR = 1e-9;
/**
 * What a column needs of its own at the optimum, of its variance there: with less than the first it may be told apart by vanishing means
 * alone, with less than the second it surely is. Its variance there counts as at least this share of that over all pairs.
 */
const CLEARLY_OWN = 0.05;
const HARDLY_OWN = 1e-4;
const LEAST_VARIANCE = 1e-3;
/** Fits in doubt of at most so many cells are decided row by row: a few seconds and some 100 MB. */
const MOST_ROWS = 1_000_000;

/**
 * Product-level gravity with coefficients shared by all products of the flows, and exporter and importer effects for each product:
 *
 *     E[y[k,i,j]] = A[k,i] B[k,j] exp(Σ_c β[c] x[c,i,j])
 *
 * over all pairs i ≠ j of a seller and a buyer of k, zeros included. Given β the effects have a closed form (balance.ts) and the likelihood
 * is a function of β alone, concave, with
 *
 *     gradient  Σ_ij x[i,j] (Σ_k y - Σ_k μ),     curvature  Σ x̃ μ x̃',   x̃ = x less its fit on the product's effects
 *
 * so β takes Newton steps, halved while the likelihood falls; the effects are moved along with each step by that same fit, which leaves
 * them little to do. The numbers are those of `ppml` on all cells written down as rows with exporter-product and importer-product
 * effects (test: shared coefficients), without any of them written down.
 *
 * But that knows separation only where the pattern of the flows shows it. A fit that does not settle, or in which a column has little
 * of its own left at the optimum, is therefore written down after all and decided by `ppml` (asRows.ts), which drops separated cells and
 * what is collinear without them; with more than a million cells it is returned as not converged if a column has next to nothing.
 *
 * @param flows of the products of a group, one unit
 * @param pairs at least one column
 */
export function sharedCoefficients(
  flows: Flows,
  pairs: readonly PairColumn[],
  { held = new Map(), table = pairTable(pairs, flows.countries.codes.length) }: SharedOptions = {},
): SharedFit {
  const { usableIJ } = table;
  const { inside, unknown } = between(flows, usableIJ);
  const { identified, ...fit } = denseFit(inside, table, held, null);
  const free = pairs.some(({ name }) => !held.has(name));
  if (identified === 'clearly' || !free || inside.valueN.length === 0) return { ...fit, unknown };
  if (fit.observations > MOST_ROWS) return { ...fit, unknown, converged: fit.converged && identified === 'hardly' };
  const decided = asRows(inside, usableIJ, pairs, held);
  if (!decided.converged) return { ...fit, unknown, converged: false };
  // the effects again, with the coefficients decided
  const all = new Map([...pairs.map(({ name }) => [name, 0] as const), ...held, ...decided.estimates]);
  const { identified: _, ...effects } = denseFit(inside, table, all, decided.separated);
  const { coefficients, covariance, collinear, deviance, iterations, regressors } = decided;
  return {
    ...effects,
    unknown,
    coefficients,
    covariance,
    collinear,
    deviance,
    iterations: fit.iterations + iterations,
    passes: fit.passes + effects.passes,
    firstOrder: { regressors, margins: effects.firstOrder.margins },
  };
}

/**
 * The fit on dense tables, and whether its columns are told apart at the optimum.
 *
 * @param separated the cells that are 0, once more is known of them than the pattern of the flows tells
 */
function denseFit(
  inside: Flows,
  { usableIJ, pairAt, standard }: PairTable,
  held: ReadonlyMap<string, number>,
  separated: readonly Cell[] | null,
): Omit<SharedFit, 'unknown'> & { readonly identified: 'clearly' | 'hardly' | 'no' } {
  const countries = inside.countries.codes.length;
  const tables = tablesOf(inside, usableIJ, separated);
  const { stride, memory } = tables;
  const { ease } = memory.f64;
  const observedIJ = new Float64Array(ease.length);
  for (let n = 0; n < tables.pairN.length; n++) observedIJ[tables.pairN[n]!]! += inside.valueN[n]!;
  const heldIJ = new Float64Array(ease.length);
  for (const { name, sd, zIJ } of standard)
    for (const at of pairAt) heldIJ[at]! += (held.get(name) ?? 0) * sd * zIJ[at]!;

  let passes = 0;
  let margins = 0;
  const fillEase = (columns: readonly Standard[], betaK: ArrayLike<number>) => {
    ease.fill(0, 0, countries * stride);
    for (const at of pairAt) {
      let eta = heldIJ[at]!;
      for (let k = 0; k < columns.length; k++) eta += betaK[k]! * columns[k]!.zIJ[at]!;
      ease[at] = Math.exp(eta);
    }
  };
  const balanced = (tolerance: number) => {
    const done = balance(tables, tolerance);
    passes += done.passes;
    margins = done.error;
    return done.error <= tolerance;
  };
  const likelihood = () => logLikelihood(tables, observedIJ, pairAt);

  // columns that say something of their own, at β = 0
  const free = standard.filter(({ name }) => !held.has(name));
  fillEase([], []);
  let fits = balanced(free.length > 0 ? FIRST_MARGINS : MARGINS);
  let partials = free.map(() => notYetPartialled(tables));
  const columns = identified(tables, free, partials);
  partials = columns.map((column) => partials[free.indexOf(column)]!);
  const sizeK = columns.map(({ zIJ }) => pairAt.reduce((sum, at) => sum + Math.abs(zIJ[at]!) * observedIJ[at]!, 0));

  const betaK = new Float64Array(columns.length);
  let logLik = likelihood();
  let fittedIJ = fittedByPair(tables);
  let scoreK = scores(columns, observedIJ, fittedIJ, pairAt);
  const regressors = () => Math.max(0, ...scoreK.map((score, k) => Math.abs(score) / sizeK[k]!));
  let lastStep = columns.length === 0 ? 0 : 1;
  let iterations = 0;
  while (
    fits &&
    (lastStep > LAST_STEP || regressors() > FIRST_ORDER || margins > MARGINS) &&
    iterations < MAX_ITERATIONS
  ) {
    const fineness = Math.max(FINEST, Math.min(ROUGHEST, 0.1 * lastStep));
    const solved = inverseOf(information(tables, columns, partials, fittedIJ, fineness));
    if (solved === null) break;
    const stepK = times(solved.inverse, scoreK);
    lastStep = Math.max(...stepK.map(Math.abs));
    iterations++;

    // the step, halved while the likelihood falls
    const [keptS, keptD] = [tables.aS.slice(), tables.bD.slice()];
    let length = 1;
    let taken = false;
    for (let halving = 0; halving <= HALVINGS && !taken; halving++, length /= 2) {
      const nextK = betaK.map((beta, k) => beta + length * stepK[k]!);
      fillEase(columns, nextK);
      moveEffects(tables, partials, keptS, keptD, stepK, length);
      fits = balanced(Math.max(MARGINS, Math.min(FIRST_MARGINS, 0.01 * lastStep * lastStep)));
      const next = likelihood();
      taken = fits && next >= logLik - 1e-12 * Math.abs(logLik);
      if (!taken) continue;
      betaK.set(nextK);
      logLik = next;
      if (halving > 0) lastStep = 1;
    }
    if (!taken) {
      fits = false;
      break;
    }
    fittedIJ = fittedByPair(tables);
    scoreK = scores(columns, observedIJ, fittedIJ, pairAt);
  }
  const converged =
    inside.valueN.length > 0 && fits && lastStep <= LAST_STEP && regressors() <= FIRST_ORDER && margins <= MARGINS;

  const atOptimum = information(tables, columns, partials, fittedIJ, COVARIANCE);
  const world = fittedIJ.reduce((sum, mu) => sum + mu, 0);
  const variation = variations(columns, fittedIJ).map((own) => Math.max(own, LEAST_VARIANCE * world));
  const own = (share: number) =>
    converged && squaresFit(tables.aS) && withOwn(atOptimum, variation, share).length === columns.length;
  const { covariance, standardErrorK } = clustered(tables, columns, partials, observedIJ, fittedIJ, atOptimum);
  return {
    identified: own(CLEARLY_OWN) ? 'clearly' : own(HARDLY_OWN) ? 'hardly' : 'no',
    coefficients: columns.map(({ name, sd }, k) => ({
      name,
      estimate: betaK[k]! / sd,
      standardError: standardErrorK[k]!,
    })),
    covariance,
    collinear: free.filter((column) => !columns.includes(column)).map(({ name }) => name),
    observations: tables.cells,
    deviance: deviance(inside, logLik),
    converged,
    iterations,
    passes: passes / Math.max(1, inside.products.codes.length),
    firstOrder: { regressors: regressors(), margins },
    ...effects(tables, usableIJ),
    zeros: tables.zeros,
  };
}

/** The flows of usable pairs, and how many and how much the others are. */
function between(flows: Flows, usableIJ: Uint8Array): { inside: Flows; unknown: SharedFit['unknown'] } {
  const { exporterN, importerN, productN, valueN } = flows;
  const countries = flows.countries.codes.length;
  const rowN = new Uint32Array(valueN.length);
  let kept = 0;
  let value = 0;
  for (let n = 0; n < valueN.length; n++) {
    if (usableIJ[exporterN[n]! * countries + importerN[n]!] === 1) rowN[kept++] = n;
    else value += valueN[n]!;
  }
  const unknown = { flows: valueN.length - kept, value };
  if (unknown.flows === 0) return { inside: flows, unknown };
  const used = rowN.subarray(0, kept);
  const inside = {
    exporterN: new Uint16Array(kept),
    importerN: new Uint16Array(kept),
    productN: new Uint16Array(kept),
    valueN: new Float64Array(kept),
  };
  for (let at = 0; at < kept; at++) {
    const n = used[at]!;
    inside.exporterN[at] = exporterN[n]!;
    inside.importerN[at] = importerN[n]!;
    inside.productN[at] = productN[n]!;
    inside.valueN[at] = valueN[n]!;
  }
  return { inside: { ...flows, ...inside }, unknown };
}

const scores = (
  columns: readonly Standard[],
  observedIJ: Float64Array,
  fittedIJ: Float64Array,
  pairAt: Uint32Array,
): Float64Array =>
  Float64Array.from(columns, ({ zIJ }) => {
    let score = 0;
    for (const at of pairAt) score += zIJ[at]! * (observedIJ[at]! - fittedIJ[at]!);
    return score;
  });

/** Σ y ln μ: linear in logarithms, by totals, so that no cell is visited. Σ μ is Σ y once the totals are met. */
function logLikelihood({ aS, bD, support, memory }: Tables, observedIJ: Float64Array, pairAt: Uint32Array): number {
  const { totalS, totalD } = support;
  const { ease } = memory.f64;
  let sum = 0;
  for (let s = 0; s < aS.length; s++) if (totalS[s]! > 0) sum += totalS[s]! * Math.log(aS[s]!);
  for (let d = 0; d < bD.length; d++) sum += totalD[d]! * Math.log(bD[d]!);
  for (const at of pairAt) if (observedIJ[at]! > 0) sum += observedIJ[at]! * Math.log(ease[at]!);
  return sum;
}

function deviance({ valueN }: Flows, logLik: number): number {
  let saturated = 0;
  for (let n = 0; n < valueN.length; n++) saturated += valueN[n]! * Math.log(valueN[n]!);
  return 2 * (saturated - logLik);
}

/** Where the effects go when β moves: against the step, by what of each column they account for. */
function moveEffects(
  { aS, bD }: Tables,
  partials: readonly Partialled[],
  keptS: Float64Array,
  keptD: Float64Array,
  stepK: Float64Array,
  length: number,
): void {
  const moved = (kept: number, of: (column: Partialled) => number) => {
    let move = 0;
    for (let k = 0; k < partials.length; k++) move += stepK[k]! * of(partials[k]!);
    return kept * Math.exp(Math.max(-20, Math.min(20, -length * move)));
  };
  for (let s = 0; s < aS.length; s++) aS[s] = moved(keptS[s]!, ({ ofS }) => ofS[s]!);
  for (let d = 0; d < bD.length; d++) bD[d] = moved(keptD[d]!, ({ ofD }) => ofD[d]!);
}

/**
 * Σ x̃ μ x̃' of the columns, which are partialled out with the present μ:
 *
 *     Σ_ij z z' Σ_k μ - Σ_S a (Σ_j μ z') - Σ_D b (Σ_i μ z') - Σ_D (rest of z) b'
 *
 * The last term makes the error that of the fits squared, wherever they began: what is left of a collinear column is rounding.
 */
function information(
  tables: Tables,
  columns: readonly Standard[],
  partials: readonly Partialled[],
  fittedIJ: Float64Array,
  tolerance: number,
): Matrix {
  const { memory, support } = tables;
  for (const [k, { zIJ }] of columns.entries()) sumColumn(tables, zIJ, partials[k]!);
  for (let product = 0; product < support.startSP.length - 1; product++)
    tables.withoutZeros(memory.f64.ease, product, () => {
      for (const partial of partials) partialOut(tables, product, partial, tolerance);
    });
  const k = columns.length;
  const products = crossProducts(
    columns.map(({ zIJ }) => zIJ),
    fittedIJ,
  );
  const explained = partials.map(({ ofS, ofD, restD }) =>
    partials.map((other) => dot(ofS, other.sumS, null) + dot(ofD, other.sumD, null) + dot(restD, other.ofD, null)),
  );
  for (let j = 0; j < k; j++)
    for (let i = 0; i < k; i++) products.data[j * k + i]! -= (explained[j]![i]! + explained[i]![j]!) / 2;
  return products;
}

/** The columns of which effects and earlier columns leave something: Cholesky in the given order. */
function identified(
  tables: Tables,
  columns: readonly Standard[],
  partials: readonly Partialled[],
): readonly Standard[] {
  if (columns.length === 0) return columns;
  const fittedIJ = fittedByPair(tables);
  const variation = variations(columns, fittedIJ);
  const rough = withOwn(information(tables, columns, partials, fittedIJ, ROUGHEST), variation, PLENTY);
  if (rough.length === columns.length) return columns;
  const fine = information(tables, columns, partials, fittedIJ, COLLINEAR);
  return withOwn(fine, variation, LEAST_OWN).map((k) => columns[k]!);
}

/** Whether effects have squares: partialling out divides by them (partialOut.ts), and only nonsense is as far from 1. */
const squaresFit = (effects: Float64Array) =>
  effects.every((effect) => effect === 0 || (effect * effect > 1e-280 && effect * effect < 1e280));

/** Σ μ (z - mean)² by column: what effects and other columns can explain of it. */
const variations = (columns: readonly Standard[], fittedIJ: Float64Array): number[] =>
  columns.map(({ zIJ }) => {
    let [total, sum, squares] = [0, 0, 0];
    for (let at = 0; at < zIJ.length; at++) {
      total += fittedIJ[at]!;
      sum += fittedIJ[at]! * zIJ[at]!;
      squares += fittedIJ[at]! * zIJ[at]! * zIJ[at]!;
    }
    return squares - (sum * sum) / total + 1e-14 * squares;
  });

function withOwn({ rows: k, data }: Matrix, variation: readonly number[], share: number): number[] {
  const kept: number[] = [];
  const lower = new Float64Array(k * k);
  for (let j = 0; j < k; j++) {
    let pivot = data[j * k + j]!;
    for (const i of kept) {
      let entry = data[j * k + i]!;
      for (const m of kept) if (m < i) entry -= lower[j * k + m]! * lower[i * k + m]!;
      lower[j * k + i] = entry / lower[i * k + i]!;
      pivot -= lower[j * k + i]! ** 2;
    }
    if (!(pivot > share * variation[j]!)) continue;
    lower[j * k + j] = Math.sqrt(pivot);
    kept.push(j);
  }
  return kept;
}

/**
 * (Σ x̃ μ x̃')⁻¹ (Σ_ij S S' / (1 - h)) (Σ x̃ μ x̃')⁻¹ G/(G-1) with S = Σ_k x̃ (y - μ) of the pair and h its leverage, G pairs with cells; NaN when the
 * information is singular; nothing where there is no column.
 */
function clustered(
  tables: Tables,
  columns: readonly Standard[],
  partials: readonly Partialled[],
  observedIJ: Float64Array,
  fittedIJ: Float64Array,
  atOptimum: Matrix,
): { covariance: Matrix; standardErrorK: Float64Array } {
  const k = columns.length;
  const inverse = k > 0 ? inverseOf(atOptimum)?.inverse : undefined;
  if (!inverse)
    return {
      covariance: matrix(k, k, new Float64Array(k * k).fill(Number.NaN)),
      standardErrorK: new Float64Array(k).fill(Number.NaN),
    };
  const scaleIJ = leverageByPair(tables, fittedIJ).map(leverageScale);
  const scoresK = columns.map(({ zIJ }, c) => {
    const scoreIJ = fittedScores(tables, partials[c]!);
    for (let at = 0; at < zIJ.length; at++)
      scoreIJ[at] = scaleIJ[at]! * (zIJ[at]! * (observedIJ[at]! - fittedIJ[at]!) - scoreIJ[at]!);
    return scoreIJ;
  });
  let groups = 0;
  for (let at = 0; at < fittedIJ.length; at++) if (fittedIJ[at]! > 0) groups++;
  const covariance = sandwich(inverse, crossProducts(scoresK, null));
  for (let j = 0; j < k; j++)
    for (let i = 0; i < k; i++)
      covariance.data[j * k + i]! *= groups / (groups - 1) / (columns[j]!.sd * columns[i]!.sd);
  return {
    covariance,
    standardErrorK: Float64Array.from(columns, (_, j) => Math.sqrt(covariance.data[j * k + j]!)),
  };
}

/** The fit on the axes of the flows. */
function effects(
  tables: Tables,
  usableIJ: Uint8Array,
): Pick<SharedFit, 'exporterEffects' | 'importerEffects' | 'ease'> {
  const { flows, support, aS, bD, memory, stride } = tables;
  const { startSP, exporterS, startDP, importerD } = support;
  const countries = flows.countries.codes.length;
  const products = flows.products.codes.length;
  const exporterEffects = matrix(products, countries);
  const importerEffects = matrix(products, countries);
  const ease = matrix(countries, countries);
  for (let p = 0; p < products; p++) {
    for (let s = startSP[p]!; s < startSP[p + 1]!; s++)
      if (exporterS[s]! < countries) exporterEffects.data[p * countries + exporterS[s]!] = aS[s]!;
    for (let d = startDP[p]!; d < startDP[p + 1]!; d++) importerEffects.data[p * countries + importerD[d]!] = bD[d]!;
  }
  for (let e = 0; e < countries; e++)
    for (let m = 0; m < countries; m++) {
      const pair = e * countries + m;
      if (e !== m) ease.data[pair] = usableIJ[pair] === 1 ? memory.f64.ease[e * stride + m]! : Number.NaN;
    }
  return { exporterEffects, importerEffects, ease };
}
