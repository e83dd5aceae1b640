import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { covariance } from '../../../lib/core/gravity/ppml/covariance.ts';
import { type Factor, factor } from '../../../lib/core/gravity/ppml/factor.ts';
import type { Model } from '../../../lib/core/gravity/ppml/model.ts';
import { type PpmlFit, ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { LAYOUTS, modelOf, smallPanel } from './layouts.fixture.ts';

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 10_000 }),
  layout: fc.constantFrom(...(Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[])),
  zeros: fc.double({ min: 0, max: 0.6, noNaN: true }),
});
const RUNS = { numRuns: 25 };

const relabelled = ({ name, codeN, levels }: Factor, order: readonly number[]) =>
  factor(
    name,
    order.map((row) => levels[codeN[row]!]!),
  );

function permuted(model: Model, order: readonly number[]): Model {
  const pick = (valueN: Float64Array) => Float64Array.from(order, (row) => valueN[row]!);
  return {
    yN: pick(model.yN),
    columns: model.columns.map(({ name, valueN }) => ({ name, valueN: pick(valueN) })),
    effects: model.effects.map((effect) => relabelled(effect, order)),
  };
}

const near = (actual: number, expected: number, within = 1e-8) => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(within * Math.max(1, Math.abs(expected)));
};

const allNear = (actual: ArrayLike<number>, expected: ArrayLike<number>, within = 1e-8) => {
  for (let at = 0; at < expected.length; at++) near(actual[at]!, expected[at]!, within);
};

const estimates = ({ coefficients }: PpmlFit, unit = 1) => coefficients.map(({ estimate }) => estimate * unit);

describe('PPML does not depend on', () => {
  it('the order of rows, of effects, and of labels', () => {
    fc.assert(
      fc.property(cases, ({ seed, layout, zeros }) => {
        const panel = smallPanel(seed, { zeros });
        const model = modelOf(panel, layout);
        const random = pseudoRandom(seed);
        const order = [...model.yN.keys()].map((row) => [random(), row] as const).sort(([a], [b]) => a - b);
        const rows = order.map(([, row]) => row);
        const fit = ppml(model);
        const shuffled = permuted(model, rows);
        const other = ppml({ ...shuffled, effects: [...shuffled.effects].reverse() });
        expect(other.converged).toBe(fit.converged);
        expect(other.observations).toBe(fit.observations);
        expect(other.dropped.separated).toBe(fit.dropped.separated);
        allNear(estimates(other), estimates(fit));
        near(other.deviance, fit.deviance);
        rows.forEach((row, at) => {
          if (!Number.isNaN(fit.fittedN[row]!)) near(other.fittedN[at]!, fit.fittedN[row]!);
        });
      }),
      RUNS,
    );
  });

  it('the unit of the outcome: estimates and errors stay, means and deviance scale', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: -12, max: 12 }), ({ seed, layout, zeros }, power) => {
        const model = modelOf(smallPanel(seed, { zeros }), layout);
        const unit = 10 ** power;
        const fit = ppml(model);
        const scaled = ppml({ ...model, yN: model.yN.map((y) => y * unit) });
        expect(scaled.converged).toBe(fit.converged);
        expect(scaled.observations).toBe(fit.observations);
        allNear(estimates(scaled), estimates(fit));
        near(scaled.deviance / unit, fit.deviance);
        if (!fit.fitted || !scaled.fitted) return;
        const errors = [fit.fitted, scaled.fitted].map((f) => covariance(f, { kind: 'robust' }, 'none').standardErrorK);
        allNear(errors[1]!, errors[0]!, 1e-7);
      }),
      RUNS,
    );
  });

  it('units and origins of regressors: β scales, standard errors with it', () => {
    const affine = fc.tuple(fc.integer({ min: -8, max: 8 }), fc.double({ min: -100, max: 100, noNaN: true }));
    fc.assert(
      fc.property(cases, affine, ({ seed, layout, zeros }, [power, origin]) => {
        const model = modelOf(smallPanel(seed, { zeros }), layout);
        const unit = 10 ** power;
        const moved = model.columns.map(({ name, valueN }) => ({
          name,
          valueN: valueN.map((x) => (x + origin) * unit),
        }));
        const fit = ppml(model);
        const other = ppml({ ...model, columns: moved });
        expect(other.converged).toBe(fit.converged);
        expect(other.dropped.collinear).toEqual(fit.dropped.collinear);
        allNear(estimates(other, unit), estimates(fit));
        near(other.deviance, fit.deviance);
      }),
      RUNS,
    );
  });

  it('whether a row stands twice or has a weight of two', () => {
    fc.assert(
      fc.property(cases, ({ seed, layout, zeros }) => {
        const model = modelOf(smallPanel(seed, { zeros }), layout);
        const rows = [...model.yN.keys()];
        const twice = rows.filter((row) => row % 3 === 0);
        // weights do not make a singleton two rows: keep them on both sides
        const weighted = ppml(
          { ...model, weightN: Float64Array.from(rows, (row) => (row % 3 === 0 ? 2 : 1)) },
          { singletons: 'keep' },
        );
        const repeated = ppml(permuted(model, [...rows, ...twice]), { singletons: 'keep' });
        expect(repeated.converged).toBe(weighted.converged);
        allNear(estimates(repeated), estimates(weighted));
        near(repeated.deviance, weighted.deviance);
      }),
      RUNS,
    );
  });

  it('a constant in the offset', () => {
    const model = modelOf(smallPanel(3), 'exporter_year importer_year');
    const fit = ppml(model);
    const shifted = ppml({ ...model, offsetN: new Float64Array(model.yN.length).fill(321) });
    allNear(estimates(shifted), estimates(fit));
    allNear(shifted.fittedN, fit.fittedN);
  });
});
