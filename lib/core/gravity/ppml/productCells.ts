import { type Absorbed, absorb, type EffectCoefficients, noEffects } from './absorbed.ts';
import { factor } from './factor.ts';
import { pick } from './panel.ts';
import { levelSums } from './start.ts';

/** The positive flows of one product: exporterN[n] sold valueN[n] of it to importerN[n], positions among the countries. */
export interface ProductFlows {
  readonly exporterN: ArrayLike<number>;
  readonly importerN: ArrayLike<number>;
  /** any unit, > 0 */
  readonly valueN: ArrayLike<number>;
}

/**
 * The cells of one product: every pair of a seller and a buyer, traded or not, except a country with itself and pairs of unknown cost.
 * Cells lie in the order that their two effects ask for; n counts them.
 */
export interface ProductCells {
  readonly absorbed: Absorbed;
  readonly valueN: Float64Array;
  /** pair of the cell: exporter × countries + importer */
  readonly pairN: Uint32Array;
  /** totals to be met */
  readonly totals: EffectCoefficients;
  /** multiplicative effects: μ[n] = A[g(n)] B[l(n)] ease[pair of n]. Only products of the two are unique. Change as the fit goes on */
  readonly effects: EffectCoefficients;
}

/**
 * Lays out the cells of a product; null when none with trade is usable.
 *
 * @param usable 1 for pairs with all covariates, countries × countries
 */
export function productCells(flows: ProductFlows, usable: Uint8Array, countries: number): ProductCells | null {
  const traded = new Map<number, number>();
  const sellers = new Set<number>();
  const buyers = new Set<number>();
  for (let n = 0; n < flows.valueN.length; n++) {
    const [exporter, importer, value] = [flows.exporterN[n]!, flows.importerN[n]!, flows.valueN[n]!];
    if (!(value > 0 && Number.isFinite(value)))
      throw new RangeError(`flow ${n}: ${value}, expected a finite value > 0`);
    const pair = exporter * countries + importer;
    if (exporter === importer || usable[pair] !== 1) continue;
    traded.set(pair, (traded.get(pair) ?? 0) + value);
    sellers.add(exporter);
    buyers.add(importer);
  }
  if (traded.size === 0) return null;

  const pairs: number[] = [];
  for (const exporter of sellers)
    for (const importer of buyers) {
      const pair = exporter * countries + importer;
      if (exporter !== importer && usable[pair] === 1) pairs.push(pair);
    }
  const { absorbed, rowN } = absorb([
    factor('exporter', pairs.map((pair) => Math.floor(pair / countries))), // biome-ignore format: one line each
    factor('importer', pairs.map((pair) => pair % countries)), // biome-ignore format: one line each
  ]);
  const pairN = pick(Uint32Array.from(pairs), rowN);
  const valueN = Float64Array.from(pairN, (pair) => traded.get(pair) ?? 0);
  const effects = noEffects(absorbed);
  effects.ofG.fill(1);
  effects.ofL.fill(1);
  return { absorbed, valueN, pairN, totals: levelSums(absorbed, valueN, null), effects };
}
