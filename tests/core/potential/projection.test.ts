import { describe, expect, it } from 'vitest';
import { projection, tariffAdvantage } from '../../../lib/core/potential/projection.ts';
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
    const ratios = projection(sums, growth, { horizonYears: 2 });
    const [a, b] = [1.04 ** 2, 1];
    expect(ratios.supply(0, 0)).toBeCloseTo((a * 40) / (30 * a + 10 * b), 12);
    expect(ratios.supply(1, 0)).toBeCloseTo((b * 40) / (30 * a + 10 * b), 12);
    // with elasticity 1 people drop out
    expect(ratios.demand(2, 0)).toBeCloseTo(1.02 ** 2, 12);
    const elastic = projection(sums, growth, { horizonYears: 2, elasticityP: [1.5, 0] });
    expect(elastic.demand(2, 0)).toBeCloseTo(1.005 ** 2 * (1.02 / 1.005) ** (2 * 1.5), 12);
    expect(elastic.demand(2, 1)).toBeCloseTo(1.005 ** 2, 12);
  });

  it('keep the market shares of a product at 1 in sum', () => {
    const ratios = projection(sums, growth);
    for (let p = 0; p < 2; p++) {
      let share = 0;
      for (let e = 0; e < 3; e++)
        share += (sums.exporterProduct.data[e * 2 + p]! / sums.productP[p]!) * ratios.supply(e, p);
      expect(share).toBeCloseTo(1, 12);
    }
  });

  it('give a country of unknown growth that of the others, and say so; growth beyond twice or half is not believed', () => {
    const ratios = projection(sums, { ...growth, gdpGrowthE: Float64Array.of(1.5, Number.NaN, 1) });
    expect([...ratios.knownE]).toEqual([1, 0, 1]);
    // C0: 1.5^5 counts as 2; C1: mean of C0 and C2, weighted by exports 30 and 5
    const mean = (30 * 2 + 5) / 35;
    expect(ratios.supply(0, 0)).toBeCloseTo((2 * 40) / (30 * 2 + 10 * mean), 12);
    const nothing = projection(sums, {
      gdpGrowthE: new Float64Array(3).fill(Number.NaN),
      populationGrowthE: new Float64Array(3).fill(Number.NaN),
    });
    expect([nothing.supply(0, 0), nothing.demand(2, 0)]).toEqual([1, 1]);
  });
});

describe('tariff advantage', () => {
  it('by hand: C2 charges C0 0 and C1 10 percent', () => {
    const advantage = tariffAdvantage(flows, (e, _m, p) => (p === 0 ? [0, 10, 0][e]! : Number.NaN));
    const competitors = 1 + (10 * 0.1) / 40;
    // one importer: customers' mean is the exporter's own tariff, so the second term undoes part of the first
    expect(advantage(0, 2, 0).ratio).toBeCloseTo((competitors / 1) * (1 / competitors), 12);
    expect(advantage(2, 0, 1)).toEqual({ ratio: 1, known: false });
  });

  it('an exporter that pays less than its competitors gains, to the power of the elasticity', () => {
    // two markets: C2 charges C0 nothing and C1 20 percent; C3 charges all alike
    const two = tradeAmong(4, 1, (e, m) => (e < 2 && m >= 2 ? 10 : 0));
    const tariff = (e: number, m: number) => (m === 3 ? 10 : e === 0 ? 0 : 20);
    const advantage = tariffAdvantage(two, tariff);
    expect(advantage(0, 2, 0).ratio).toBeCloseTo((1.1 / 1) * (1.05 / 1.1), 12);
    expect(advantage(1, 2, 0).ratio).toBeCloseTo((1.1 / 1.2) * (1.15 / 1.1), 12);
    expect(tariffAdvantage(two, tariff, [3])(0, 2, 0).ratio).toBeCloseTo(1.05 ** 3, 12);
  });
});
