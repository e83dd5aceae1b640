import { describe, expect, it } from 'vitest';
import {
  demandRatio,
  growthRatios,
  supplyRatio,
  type TariffOf,
  tariffAdvantage,
} from '../../../lib/core/potential/projection.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { totals } from '../../../lib/core/trade/totals.ts';
import { tradeAmong } from '../scoring/world.fixture.ts';

// C0 sells 30 of P0, C1 sells 10 of it, both to C2; C2 sells 5 of P1 to C0
const flows = tradeAmong(3, 2, (e, m, p) =>
  p === 0 && m === 2 ? [30, 10][e]! : p === 1 && e === 2 && m === 0 ? 5 : 0,
);
const sums = totals(flows);
const growth = { gdpGrowthE: Float64Array.of(1.04, 1, 1.02), populationGrowthE: Float64Array.of(1.01, 1, 1.005) };

describe('projection ratios', () => {
  it('by hand: shares move with GDP, demand with people and income', () => {
    const ratios = growthRatios(sums, growth, 2)!;
    const [a, b] = [1.04 ** 2, 1];
    expect(supplyRatio(ratios, 0, 0)).toBeCloseTo((a * 40) / (30 * a + 10 * b), 12);
    expect(supplyRatio(ratios, 1, 0)).toBeCloseTo((b * 40) / (30 * a + 10 * b), 12);
    // with elasticity 1 people drop out
    expect(demandRatio(ratios, 2)).toBeCloseTo(1.02 ** 2, 12);
    expect(demandRatio(ratios, 2, 1.5)).toBeCloseTo(1.005 ** 2 * (1.02 / 1.005) ** (2 * 1.5), 12);
    expect(demandRatio(ratios, 2, 0)).toBeCloseTo(1.005 ** 2, 12);
  });

  it('keep the market shares of a product at 1 in sum', () => {
    const ratios = growthRatios(sums, growth)!;
    for (let p = 0; p < 2; p++) {
      let share = 0;
      for (let e = 0; e < 3; e++)
        share += (sums.exporterProduct.data[e * 2 + p]! / sums.productP[p]!) * supplyRatio(ratios, e, p);
      expect(share).toBeCloseTo(1, 12);
    }
  });

  it('give a country of unknown growth that of the others, and say so; growth beyond twice or half is not believed', () => {
    const ratios = growthRatios(sums, { ...growth, gdpGrowthE: Float64Array.of(1.5, Number.NaN, 1) })!;
    expect([...ratios.knownE]).toEqual([1, 0, 1]);
    // C0: 1.5^5 counts as 2; C1: mean of C0 and C2, weighted by exports 30 and 5
    const mean = (30 * 2 + 5) / 35;
    expect(supplyRatio(ratios, 0, 0)).toBeCloseTo((2 * 40) / (30 * 2 + 10 * mean), 12);
  });

  it('are none where no growth is known', () => {
    const unknown = new Float64Array(3).fill(Number.NaN);
    expect(growthRatios(sums, { gdpGrowthE: unknown, populationGrowthE: unknown })).toBeNull();
    expect(growthRatios(sums, { ...growth, gdpGrowthE: unknown })).toBeNull();
  });
});

describe('tariff advantage', () => {
  const ratioOf = (of: Flows, charged: TariffOf) => {
    const advantage = tariffAdvantage(of, charged);
    return (e: number, m: number, p: number) => advantage.ofRate(m, p, charged(e, m, p)) * advantage.ofCustomers(e, p);
  };

  it('by hand: C2 charges C0 0 and C1 10 percent', () => {
    const charged: TariffOf = (e, _m, p) => (p === 0 ? [0, 10, 0][e]! : Number.NaN);
    const competitors = 1 + (10 * 0.1) / 40;
    // one importer: customers' mean is the exporter's own tariff, so the second term undoes part of the first
    expect(ratioOf(flows, charged)(0, 2, 0)).toBeCloseTo((competitors / 1) * (1 / competitors), 12);
    // nothing is known of the other product
    expect(tariffAdvantage(flows, charged).ofCustomers(2, 1)).toBe(1);
  });

  it('is raised to how trade answers prices; to 1 where nobody says', () => {
    const charged: TariffOf = (e) => [0, 10, 5][e]!;
    const [once, thrice] = [
      tariffAdvantage(flows, charged),
      tariffAdvantage(flows, charged, Float64Array.of(3, Number.NaN)),
    ];
    expect(once.ofRate(2, 0, 10)).toBeLessThan(0.95);
    expect(thrice.ofRate(2, 0, 10)).toBeCloseTo(once.ofRate(2, 0, 10) ** 3, 12);
    expect(thrice.ofCustomers(1, 0)).toBeCloseTo(once.ofCustomers(1, 0) ** 3, 12);
    expect(thrice.ofRate(0, 1, 2)).toBe(once.ofRate(0, 1, 2));
  });

  it('an exporter that pays less than its competitors gains', () => {
    // two markets: C2 charges C0 nothing and C1 20 percent; C3 charges all alike
    const two = tradeAmong(4, 1, (e, m) => (e < 2 && m >= 2 ? 10 : 0));
    const ratio = ratioOf(two, (e, m) => (m === 3 ? 10 : e === 0 ? 0 : 20));
    expect(ratio(0, 2, 0)).toBeCloseTo((1.1 / 1) * (1.05 / 1.1), 12);
    expect(ratio(1, 2, 0)).toBeCloseTo((1.1 / 1.2) * (1.15 / 1.1), 12);
  });
});
