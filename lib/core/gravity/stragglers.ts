import { solvePositiveDefinite } from './solve.ts';
import type { Cell } from './support.ts';
import { cellNumber, logRatio, MARGIN_FLOOR_USD, type Sweeps } from './sweeps.ts';

/** At most this many factors are solved for together: those of a small world all at once. */
export const MOST_AT_ONCE = 400;
/** Those that move at least this share of what the fastest does. */
const SHARE_OF_FASTEST = 0.01;
/** A step never multiplies a factor by more than e to this. */
const LONGEST_STEP = 2;
const MOST_STEPS = 30;
/** A slope below this share of V is rounding. */
const ROUNDING = 1e-14;
/** Relative error of the chosen margins at which the solution is good enough to sweep on. */
const GOOD_ENOUGH = 1e-10;
/**
 * A last step this long means that a cell is on its way to 0: each Newton step divides what is left of it by e, and one of its three
 * factors takes at least a third of that.
 */
const RUNAWAY = 0.25;
/** How exactly a runaway direction must leave positive cells alone. */
const CERTIFICATE_TOLERANCE = 1e-3;

/** One factor among the chosen: its family, its place in the lists of the support, and its countries and product (−1: the one it lacks). */
interface Factor {
  readonly family: 'supply' | 'demand' | 'link';
  readonly at: number;
  readonly exporter: number;
  readonly importer: number;
  readonly product: number;
  readonly observed: number;
}

/**
 * Solves for the few factors that still move most after a plain sweep, all others held, by Newton's method.
 *
 * Some modes of the fit are all but undecided by the data (a product with three traders, a pair with two products): there the likelihood is so
 * flat that sweeps, accelerated or not, creep. They involve few factors, and Newton's step e-folds what is left of them.
 * Steps are halved until the likelihood still rises where they end; it is concave, so it has risen all along the way.
 *
 * A mode without any optimum shows as a step that never shortens. Its direction z (by how much each cell's logarithm falls) is then a
 * certificate that the fit with finite factors does not exist: 0 on every positive cell, nowhere negative. Cells with z > 0 are 0 in the fit.
 *
 * @param isPositive whether a cell trades
 * @source the separation criterion of Correia, Guimarães and Zylkin (2019), arXiv:1903.01633; the direction is found by Newton's method
 *   instead of their iterated least squares
 */
export function stragglers(sweeps: Sweeps, isPositive: (cell: Cell) => boolean) {
  const { support, aS, bD, cL, driftN, keptS } = sweeps;
  const { exporterS, startSP, totalS, importerD, startDP, totalD, importerL, startLE, totalL } = support;
  const nCountries = support.countries.codes.length;
  const nProducts = support.products.codes.length;

  // where each margin lies in its list; −1: nowhere
  const supplyAt = places(startSP, exporterS, nProducts, nCountries);
  const demandAt = places(startDP, importerD, nProducts, nCountries);
  const linkAt = places(startLE, importerL, nCountries, nCountries);

  const mu = (exporter: number, importer: number, product: number): number => {
    const s = supplyAt[product * nCountries + exporter]!;
    const d = demandAt[product * nCountries + importer]!;
    const l = linkAt[exporter * nCountries + importer]!;
    if (s < 0 || d < 0 || l < 0) return 0;
    if (sweeps.zeros.size > 0 && sweeps.zeros.has(cellNumber(support, { exporter, importer, product }))) return 0;
    return aS[s]! * bD[d]! * cL[l]!;
  };

  /** Calls back with every cell of the factor's margin. */
  const eachCell = (
    { family, exporter, importer, product }: Factor,
    visit: (e: number, m: number, p: number) => void,
  ) => {
    if (family === 'supply')
      for (let d = startDP[product]!; d < startDP[product + 1]!; d++) visit(exporter, importerD[d]!, product);
    else if (family === 'demand')
      for (let s = startSP[product]!; s < startSP[product + 1]!; s++) {
        if (exporterS[s] !== nCountries) visit(exporterS[s]!, importer, product);
      }
    else for (let p = 0; p < nProducts; p++) visit(exporter, importer, p);
  };
  const fitted = (factor: Factor): number => {
    let sum = 0;
    eachCell(factor, (e, m, p) => {
      sum += mu(e, m, p);
    });
    return sum;
  };

  /** The cell that two factors share, or 0 when they share none. */
  const shared = (x: Factor, y: Factor): number => {
    if (x.family === y.family) return 0;
    const meet = (one: number, other: number) => (one < 0 ? other : other < 0 || one === other ? one : NaN);
    const value = mu(meet(x.exporter, y.exporter), meet(x.importer, y.importer), meet(x.product, y.product));
    return Number.isNaN(value) ? 0 : value;
  };

  const chooseFactors = (): Factor[] => {
    // the fastest among the margins that must fit sets the scale
    let fastest = 0;
    for (let n = 0; n < driftN.length; n++)
      if (sweeps.totalN[n]! > MARGIN_FLOOR_USD) fastest = Math.max(fastest, Math.abs(driftN[n]!));
    const slowest = SHARE_OF_FASTEST * fastest;
    const driftS = aS.map((a, s) => (totalS[s]! > 0 ? Math.abs(logRatio(a, keptS[s]!)) : 0));
    const movingS = driftS.filter((drift) => drift > slowest);
    const movingN = driftN.map(Math.abs).filter((drift) => drift > slowest);
    const moving = new Float64Array(movingS.length + movingN.length);
    moving.set(movingS);
    moving.set(movingN, movingS.length);
    const cut = moving.length > MOST_AT_ONCE ? moving.sort()[moving.length - MOST_AT_ONCE - 1]! : slowest;

    const chosen: Factor[] = [];
    for (let p = 0; p < nProducts; p++) {
      for (let s = startSP[p]!; s < startSP[p + 1]!; s++)
        if (driftS[s]! > cut)
          chosen.push({
            family: 'supply',
            at: s,
            exporter: exporterS[s]!,
            importer: -1,
            product: p,
            observed: totalS[s]!,
          });
      for (let d = startDP[p]!; d < startDP[p + 1]!; d++)
        if (Math.abs(driftN[d]!) > cut)
          chosen.push({
            family: 'demand',
            at: d,
            exporter: -1,
            importer: importerD[d]!,
            product: p,
            observed: totalD[d]!,
          });
    }
    for (let e = 0; e < nCountries; e++)
      for (let l = startLE[e]!; l < startLE[e + 1]!; l++)
        if (Math.abs(driftN[bD.length + l]!) > cut)
          chosen.push({
            family: 'link',
            at: l,
            exporter: e,
            importer: importerL[l]!,
            product: -1,
            observed: totalL[l]!,
          });
    return chosen;
  };

  const factorsOf = { supply: aS, demand: bD, link: cL };
  const move = (chosen: readonly Factor[], step: Float64Array, scale: number) => {
    for (const [n, { family, at }] of chosen.entries()) factorsOf[family][at]! *= Math.exp(scale * step[n]!);
  };

  /** Newton's steps until the chosen margins fit; returns the last step, before it was shortened. */
  const solve = (chosen: readonly Factor[]): Float64Array => {
    let step = new Float64Array(chosen.length);
    for (let n = 0; n < MOST_STEPS; n++) {
      const fittedN = Float64Array.from(chosen, fitted);
      const gradient = Float64Array.from(chosen, ({ observed }, x) => observed - fittedN[x]!);
      if (chosen.every(({ observed }, x) => Math.abs(gradient[x]!) <= GOOD_ENOUGH * observed)) break;
      step = solvePositiveDefinite(fittedN, (x, y) => shared(chosen[x]!, chosen[y]!), gradient);
      const longest = step.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      let scale = Math.min(1, LONGEST_STEP / longest);
      move(chosen, step, scale);
      for (let halvings = 0; halvings < 10; halvings++) {
        const slope = chosen.reduce((sum, factor, x) => sum + (factor.observed - fitted(factor)) * step[x]!, 0);
        if (slope >= -ROUNDING * support.world) break;
        scale /= 2;
        move(chosen, step, -scale);
      }
    }
    return step;
  };

  /** The cells that a runaway step drives to 0, if it is a certificate. */
  const certified = (chosen: readonly Factor[], step: Float64Array): Cell[] => {
    const stepOf = {
      supply: new Map<number, number>(),
      demand: new Map<number, number>(),
      link: new Map<number, number>(),
    };
    for (const [n, { family, at }] of chosen.entries()) stepOf[family].set(at, step[n]!);
    const falling = new Map<number, Cell>();
    let holds = true;
    for (const factor of chosen) {
      eachCell(factor, (exporter, importer, product) => {
        const s = supplyAt[product * nCountries + exporter]!;
        const d = demandAt[product * nCountries + importer]!;
        const l = linkAt[exporter * nCountries + importer]!;
        if (s < 0 || d < 0 || l < 0) return;
        const z = -((stepOf.supply.get(s) ?? 0) + (stepOf.demand.get(d) ?? 0) + (stepOf.link.get(l) ?? 0));
        if (Math.abs(z) <= CERTIFICATE_TOLERANCE) return;
        const cell = { exporter, importer, product };
        const number = cellNumber(support, cell);
        if (sweeps.zeros.has(number)) return;
        if (z < 0 || isPositive(cell)) holds = false;
        else falling.set(number, cell);
      });
    }
    return holds ? [...falling.values()] : [];
  };

  return {
    /**
     * Moves the slowest factors to where their margins fit. Call after two plain sweeps in a row.
     *
     * @returns cells found to be 0 in every fit: the sweeps have to leave them out from now on
     */
    solve(): Cell[] {
      const chosen = chooseFactors();
      const step = solve(chosen);
      const longest = step.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
      return longest >= RUNAWAY ? certified(chosen, step) : [];
    },
  };
}

/** Where the entry (row, col) lies in a packed list; −1 where there is none. */
function places(start: Uint32Array, colN: Uint16Array, rows: number, cols: number): Int32Array {
  const at = new Int32Array(rows * cols).fill(-1);
  for (let r = 0; r < rows; r++)
    for (let n = start[r]!; n < start[r + 1]!; n++) if (colN[n]! < cols) at[r * cols + colN[n]!] = n;
  return at;
}
