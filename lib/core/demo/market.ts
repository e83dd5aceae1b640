import { type Matrix, matrix } from '../matrix.ts';
import { normal, stream } from '../random.ts';
import type { Economy } from './economies.ts';
import type { DemoProduct } from './products.ts';
import { TRUTH } from './truth.ts';

/** standard deviation of what an economy wants more or less of than its size says, log points */
const TASTE_SPREAD = 0.6;
const BALANCING_SWEEPS = 25;

/** Each number over their sum. */
export function shares(weights: number[]): Float64Array {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float64Array.from(weights, (weight) => weight / sum);
}

/**
 * Who wants what: size, a taste of its own, and more of the sophisticated where capability is high. Importers × products; each
 * product's column adds up to 1.
 */
export function demand(
  economies: readonly Economy[],
  products: readonly DemoProduct[],
  capabilityE: Float64Array,
  weightE: Float64Array,
  seed: number,
  t: number,
): Matrix {
  const demandMP = matrix(economies.length, products.length);
  const columnP = new Float64Array(products.length);
  for (const [m, { code }] of economies.entries()) {
    const taste = stream(seed, `taste ${code}`);
    const change = stream(seed, `change of taste ${code}`);
    for (const [p, { family }] of products.entries()) {
      const sophistication = (family.complexity - 0.4) * (capabilityE[m]! - 0.5);
      const own = TASTE_SPREAD * normal(taste, p) + TRUTH.drift * t * normal(change, p);
      const wanted = weightE[m]! * Math.exp(sophistication + own);
      demandMP.data[m * products.length + p] = wanted;
      columnP[p]! += wanted;
    }
  }
  for (let at = 0; at < demandMP.data.length; at++) demandMP.data[at]! /= columnP[at % products.length]!;
  return demandMP;
}

/**
 * Who makes what. Productivity alone would let the best-placed exporters take everything, so each exporter's level (its wages) is set
 * such that its expected exports follow its size, and each product's such that trade in it follows its weight: alternating, products last.
 */
export function supply(
  fitEP: Matrix,
  demandMP: Matrix,
  easeEM: Matrix,
  weightE: Float64Array,
  weightP: Float64Array,
  total: number,
  seed: number,
  t: number,
): Matrix {
  const { rows: nE, cols: nP } = fitEP;
  const supplyEP = matrix(nE, nP);
  // what one unit of supply would sell abroad, the same in every sweep
  const reachEP = matrix(nE, nP);
  const change = stream(seed, 'change of productivity');
  for (let e = 0; e < nE; e++) {
    for (let m = 0; m < nE; m++) {
      const ease = easeEM.data[e * nE + m]!;
      for (let p = 0; p < nP; p++) reachEP.data[e * nP + p]! += ease * demandMP.data[m * nP + p]!;
    }
    for (let p = 0; p < nP; p++) {
      const at = e * nP + p;
      supplyEP.data[at] = Math.exp(fitEP.data[at]! + TRUTH.drift * t * normal(change, at));
    }
  }
  for (let sweep = 0; sweep < BALANCING_SWEEPS; sweep++) {
    for (let e = 0; e < nE; e++) {
      let sold = 0;
      for (let at = e * nP; at < (e + 1) * nP; at++) sold += supplyEP.data[at]! * reachEP.data[at]!;
      for (let at = e * nP; at < (e + 1) * nP; at++) supplyEP.data[at]! *= (weightE[e]! * total) / sold;
    }
    for (let p = 0; p < nP; p++) {
      let sold = 0;
      for (let at = p; at < nE * nP; at += nP) sold += supplyEP.data[at]! * reachEP.data[at]!;
      for (let at = p; at < nE * nP; at += nP) supplyEP.data[at]! *= (weightP[p]! * total) / sold;
    }
  }
  return supplyEP;
}
