import { describe, expect, it } from 'vitest';
import { marginErrors } from '../../../lib/core/gravity/marginErrors.ts';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { cubeOf, flowsOf } from './worlds.fixture.ts';

const flows = flowsOf(cubeOf([3, 3, 2], (e, m, p) => 50_000 * (1 + e + m * p)));
const { a, b, c } = threeWayFit(flows);
const scaled = (data: Float64Array, at: number, by: number) => data.map((value, n) => (n === at ? value * by : value));

describe('marginErrors', () => {
  it('is small for a fit, and counts the support', () => {
    const found = marginErrors(flows, { a, b, c }, [], []);
    expect(found.supportCells).toBe(18);
    for (const family of [found.exporterProduct, found.importerProduct, found.pair]) {
      expect(family.sumAbsErrorOverTotal).toBeLessThan(1e-9);
      expect(family.byValueClass.reduce((sum, { margins }) => sum + margins, 0)).toBe(family === found.pair ? 9 : 6);
    }
  });

  it('names the margin that a wrong factor breaks', () => {
    const wrong = { ...a, data: scaled(a.data, 1 * 2 + 1, 1.001) }; // A of exporter 1, product 1
    const { exporterProduct } = marginErrors(flows, { a: wrong, b, c }, [], []);
    expect(exporterProduct.worstRelativeAbove10kUsd).toBeCloseTo(1e-3, 6);
    expect(exporterProduct.where).toEqual(['E1', 'P1']);
  });

  it('takes forced cells at their value, and zero cells as nothing', () => {
    // pretend that the first row is forced, and that its cell is therefore zero in the factors
    const cell = { exporter: flows.exporterN[0]!, importer: flows.importerN[0]!, product: flows.productN[0]! };
    const mu = a.data[0]! * b.data[3 * 2]! * c.data[3]!;
    const { exporterProduct, pair } = marginErrors(flows, { a, b, c }, [0], [cell]);
    const off = Math.abs(flows.valueN[0]! - mu);
    const world = flows.valueN.reduce((sum, value) => sum + value, 0);
    expect(exporterProduct.sumAbsErrorOverTotal).toBeCloseTo(off / world, 9);
    expect(pair.sumAbsErrorOverTotal).toBeCloseTo(off / world, 9);
  });
});
