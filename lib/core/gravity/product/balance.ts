import { prepareReduced, solveReduced } from './partialOut.ts';
import type { Tables } from './tables.ts';

/** Sweeps at most, and Newton steps at most among them, for one product. */
const MAX_SWEEPS = 2000;
/** A sweep that leaves more of the error than this is worth replacing by Newton's method, once the error is below the second number or the third of sweeps are done. */
const SLOW = 0.3;
const NEAR = 0.1;
const FAR_LONG_ENOUGH = 20;
/** How exactly a Newton step is computed, of the error it starts with. */
const NEWTON = 0.03;

/**
 * The two effects of every product given everything else, so that the totals are met:
 *
 *     A[k,i] = v[k,i] / Σ_j ease[i,j] B[k,j],     B[k,j] = v[k,j] / Σ_i A[k,i] ease[i,j]
 *
 * in turn, which is iterative proportional fitting of ease to the totals and the Poisson likelihood of two effects, without logarithms.
 * Where that is slow, among few or hardly connected countries, Newton steps on ln B go between, halved while the likelihood falls. The effects change in place.
 *
 * It ends on A: sellers' totals are met to rounding, buyers' within the tolerance, so that whatever the tolerance μ has the same sum by rows and
 * by columns in each part of the network, as partialling out asks for (partialOut.ts).
 *
 * @returns passes over the tables (Newton's included), in products, and the largest relative error of a buyer's total that is left
 * @source Deming and Stephan (1940); for gravity Guimarães and Portugal (2010), Stata Journal 10:628
 */
export function balance(tables: Tables, tolerance: number): { passes: number; error: number } {
  const { ease } = tables.memory.f64;
  let passes = 0;
  let worst = 0;
  for (let product = 0; product < tables.support.startSP.length - 1; product++)
    tables.withoutZeros(ease, product, () => {
      const done = balanceProduct(tables, product, tolerance);
      passes += done.passes;
      if (!(done.error <= worst)) worst = done.error;
    });
  return { passes, error: worst };
}

function balanceProduct(tables: Tables, product: number, tolerance: number): { passes: number; error: number } {
  const { support, bD, fittedD } = tables;
  const { startDP, importerD, totalD } = support;
  const { t } = tables.memory.f64;
  const from = startDP[product]!;
  const length = startDP[product + 1]! - from;
  const residualD = new Float64Array(length);
  const stepD = new Float64Array(length);
  const keptD = new Float64Array(length);
  let error = Infinity;
  let likelihood = -Infinity;
  let byNewton = false;
  let passes = 0;
  for (let sweeps = 1; sweeps <= MAX_SWEEPS; sweeps++) {
    // A from B, and what buyers then have
    const before = error;
    balanceSuppliers(tables, product);
    passes++;
    error = 0;
    let squares = 0;
    for (let d = 0; d < length; d++) {
      const total = totalD[from + d]!;
      fittedD[from + d] = bD[from + d]! * t[importerD[from + d]!]!;
      const rest = total - fittedD[from + d]!;
      residualD[d] = rest;
      squares += (rest * rest) / total;
      if (!(Math.abs(rest) <= error * total)) error = Math.abs(rest) / total;
    }
    if (!(error > tolerance)) break;

    // half of a Newton step that went too far
    if (byNewton && !(error < before) && logLikelihood(tables, product) < likelihood) {
      for (let d = 0; d < length; d++) {
        stepD[d]! /= 2;
        bD[from + d] = keptD[d]! * Math.exp(stepD[d]!);
      }
      error = before;
      continue;
    }

    // B from A, or by Newton's method
    byNewton = error > SLOW * before && (error < NEAR || sweeps > FAR_LONG_ENOUGH);
    if (byNewton) {
      likelihood = logLikelihood(tables, product);
      keptD.set(bD.subarray(from, from + length));
      prepareReduced(tables, product);
      stepD.fill(0);
      passes += solveReduced(tables, product, residualD, stepD, NEWTON * NEWTON * squares);
      let longest = 1;
      for (let d = 0; d < length; d++) longest = Math.max(longest, Math.abs(stepD[d]!));
      for (let d = 0; d < length; d++) {
        stepD[d]! /= longest;
        bD[from + d] = keptD[d]! * Math.exp(stepD[d]!);
      }
    } else for (let d = 0; d < length; d++) bD[from + d] = totalD[from + d]! / t[importerD[from + d]!]!;
  }
  return { passes, error };
}

/** Σ y ln μ of one product, but for what ease contributes; Σ μ is Σ y, sellers' totals being met. */
function logLikelihood({ support, aS, bD }: Tables, product: number): number {
  const { startSP, totalS, startDP, totalD } = support;
  let sum = 0;
  for (let s = startSP[product]!; s < startSP[product + 1]!; s++)
    if (totalS[s]! > 0) sum += totalS[s]! * Math.log(aS[s]!);
  for (let d = startDP[product]!; d < startDP[product + 1]!; d++) sum += totalD[d]! * Math.log(bD[d]!);
  return sum;
}

/** A from B for one product; leaves Σ_i A ease by importer in the memory's `t`. */
function balanceSuppliers({ memory, support, stride, bD }: Tables, product: number): void {
  const { startSP, startDP, importerD } = support;
  const { f64, u32 } = memory;
  const { ease, b, t, total, a } = f64;
  b.fill(0);
  t.fill(0);
  for (let d = startDP[product]!; d < startDP[product + 1]!; d++) b[importerD[d]!] = bD[d]!;
  const from = startSP[product]!;
  memory.balance(
    u32.row.byteOffset + from * 4,
    u32.row.byteOffset + startSP[product + 1]! * 4,
    stride * 8,
    ease.byteOffset,
    b.byteOffset,
    t.byteOffset,
    total.byteOffset + from * 8,
    a.byteOffset + from * 8,
  );
}
