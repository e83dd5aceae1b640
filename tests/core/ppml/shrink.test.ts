import { describe, expect, it } from 'vitest';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { shrink } from '../../../lib/core/gravity/ppml/shrink.ts';

describe('shrinkage of group coefficients', () => {
  it('by hand: two groups with errors of one, two apart by four', () => {
    // w = 1, mean 2, Q = 8, τ² = (8 - 1) / (2 - 1) = 7; own weight 7/8
    const { pooled, tau2, groups, pooledError } = shrink([
      { estimate: 0, standardError: 1 },
      { estimate: 4, standardError: 1 },
    ]);
    expect([pooled, tau2]).toEqual([2, 7]);
    expect(pooledError).toBeCloseTo(2, 14); // (1/8 + 1/8)^-1/2
    expect(groups.map(({ estimate }) => estimate)).toEqual([0.25, 3.75]);
    // 7/8 of its own estimate's variance; the mean, of variance 4, has a share of 1/8
    expect(groups[0]!.standardError).toBeCloseTo(Math.sqrt(7 / 8 + 4 / 64), 14);
  });

  it('gives every group the pooled coefficient when they differ by no more than their errors', () => {
    const { tau2, pooled, pooledError, groups } = shrink([
      { estimate: -1, standardError: 0.5 },
      { estimate: -1.1, standardError: 0.25 },
    ]);
    expect(tau2).toBe(0);
    expect(pooled).toBeCloseTo((-1 * 4 - 1.1 * 16) / 20, 14);
    for (const { estimate, own } of groups) expect([estimate, own]).toEqual([pooled, 0]);
    // one coefficient for all, as well known as all together know it; never as if it were known exactly
    for (const { standardError } of groups) expect(standardError).toBeCloseTo(pooledError, 14);
  });

  it('gives the pooled coefficient to a group that has none of its own', () => {
    const { pooled, groups } = shrink([
      { estimate: 1, standardError: 0.1 },
      { estimate: 3, standardError: 0.1 },
      { estimate: Number.NaN, standardError: Number.NaN },
      { estimate: 50, standardError: Infinity },
    ]);
    expect(groups[2]).toMatchObject({ estimate: pooled, own: 0 });
    expect(groups[3]).toMatchObject({ estimate: pooled, own: 0 });
  });

  it('knows nothing when no group does', () => {
    const { pooled, groups } = shrink([{ estimate: Number.NaN, standardError: Number.NaN }]);
    expect([pooled, groups[0]!.estimate, groups[0]!.standardError]).toEqual([Number.NaN, Number.NaN, Infinity]);
  });

  it('its errors, τ² counted as known: of twenty groups nine in ten lie within two of them of the truth', () => {
    const random = pseudoRandom(4);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    let inside = 0;
    for (let world = 0; world < 300; world++) {
      const truth = Array.from({ length: 20 }, () => -0.9 + 0.2 * normal());
      const estimates = truth.map((beta) => {
        const standardError = 0.1 + 0.2 * random();
        return { estimate: beta + standardError * normal(), standardError };
      });
      const { groups } = shrink(estimates);
      for (const [g, { estimate, standardError }] of groups.entries())
        if (Math.abs(estimate - truth[g]!) < 1.96 * standardError) inside++;
    }
    expect(inside / 6000).toBeGreaterThan(0.88);
    expect(inside / 6000).toBeLessThan(0.95);
  });

  it('is nearer to the truth than what each group says alone', () => {
    const random = pseudoRandom(3);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const truth = Array.from({ length: 400 }, () => -0.9 + 0.2 * normal());
    const estimates = truth.map((beta) => {
      const standardError = 0.05 + 0.6 * random();
      return { estimate: beta + standardError * normal(), standardError };
    });
    const { tau2, groups } = shrink(estimates);
    const squares = (values: readonly { estimate: number }[]) =>
      values.reduce((sum, { estimate }, g) => sum + (estimate - truth[g]!) ** 2, 0);
    expect(Math.sqrt(tau2)).toBeGreaterThan(0.12);
    expect(Math.sqrt(tau2)).toBeLessThan(0.28);
    expect(squares(groups)).toBeLessThan(0.5 * squares(estimates));
  });
});
