import { describe, expect, it } from 'vitest';
import { covariance } from '../../../lib/core/gravity/ppml/covariance.ts';
import { ROW } from '../../../lib/core/gravity/ppml/drops.ts';
import { ols } from '../../../lib/core/gravity/ppml/ols.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { leastSquaresWithDummies, poissonWithDummies } from './explicitDummies.fixture.ts';
import { LAYOUTS, modelOf, onlyRows, smallPanel } from './layouts.fixture.ts';

const layouts = Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[];

const variants = {
  plain: () => ({}),
  'offset and weights': (random: () => number, rows: number) => ({
    offsetN: Float64Array.from({ length: rows }, () => 4 * random() - 2),
    weightN: Float64Array.from({ length: rows }, () => 0.2 + 3 * random()),
  }),
};

describe.each(layouts)('effects: %s', (layout) => {
  it.each(Object.keys(variants) as (keyof typeof variants)[])('PPML = Poisson with explicit dummies, %s', (variant) => {
    for (const seed of [1, 2]) {
      const panel = smallPanel(seed);
      const model = { ...modelOf(panel, layout), ...variants[variant](panel.random, panel.yN.length) };
      const fit = ppml(model);
      expect(fit.converged, `seed ${seed}`).toBe(true);
      expect(fit.warnings).toEqual([]);
      expect(Math.max(fit.firstOrder.margins, fit.firstOrder.regressors)).toBeLessThan(1e-8);

      const used = onlyRows(model, (row) => fit.status[row] === ROW.used);
      const explicit = poissonWithDummies(used);
      expect(fit.coefficients.map(({ name }) => name)).toEqual(used.columns.map(({ name }) => name));
      fit.coefficients.forEach(({ estimate }, k) => {
        expect(Math.abs(estimate - explicit.estimateK[k]!)).toBeLessThan(1e-9);
      });
      const fitted = [...fit.fittedN].filter((_, row) => fit.status[row] === ROW.used);
      fitted.forEach((mu, at) => {
        expect(Math.abs(mu / explicit.fittedN[at]! - 1)).toBeLessThan(1e-8);
      });
      const { matrix } = covariance(fit.fitted!, { kind: 'iid' }, 'none');
      explicit.inverseKK.flat().forEach((value, at) => {
        expect(Math.abs(matrix.data[at]! - value)).toBeLessThan(1e-7 * Math.abs(explicit.inverseKK[0]![0]!));
      });
    }
  });

  it.each(Object.keys(variants) as (keyof typeof variants)[])(
    'OLS = least squares with explicit dummies, %s',
    (variant) => {
      const panel = smallPanel(4);
      const whole = { ...modelOf(panel, layout), ...variants[variant](panel.random, panel.yN.length) };
      const positive = onlyRows(whole, (row) => whole.yN[row]! > 0);
      const model = { ...positive, yN: positive.yN.map(Math.log) };
      const fit = ols(model, { singletons: 'keep' });
      const explicit = leastSquaresWithDummies(model);
      fit.coefficients.forEach(({ estimate }, k) => {
        expect(Math.abs(estimate - explicit.estimateK[k]!)).toBeLessThan(1e-9);
      });
      fit.fittedN.forEach((value, n) => {
        expect(Math.abs(value - explicit.fittedN[n]!)).toBeLessThan(1e-8);
      });
    },
  );
});
