import { describe, expect, it } from 'vitest';
import { ROW } from '../../../lib/core/gravity/ppml/drops.ts';
import { factor } from '../../../lib/core/gravity/ppml/factor.ts';
import type { Model } from '../../../lib/core/gravity/ppml/model.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { type NewRow, predictor } from '../../../lib/core/gravity/ppml/predict.ts';
import { LAYOUTS, modelOf, smallPanel } from './layouts.fixture.ts';

const rowOf = ({ columns, effects, offsetN }: Model, row: number): NewRow => ({
  x: Object.fromEntries(columns.map(({ name, valueN }) => [name, valueN[row]!])),
  levels: Object.fromEntries(effects.map(({ name, codeN, levels }) => [name, levels[codeN[row]!]!])),
  offset: offsetN?.[row] ?? 0,
});

describe('prediction', () => {
  it.each(Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[])(
    'of the rows of the fit is the fit, effects: %s',
    (layout) => {
      for (const seed of [31, 32]) {
        const panel = smallPanel(seed, { zeros: 0.5 });
        const model = { ...modelOf(panel, layout), offsetN: Float64Array.from(panel.rows, () => panel.random()) };
        const fit = ppml(model);
        const predict = predictor(fit);
        fit.fittedN.forEach((mu, row) => {
          const { mean } = predict(rowOf(model, row));
          if (fit.status[row] === ROW.singleton) expect(mean === null || mean === 0).toBe(true);
          else expect(Math.abs(mean! - mu)).toBeLessThanOrEqual(1e-9 * mu);
        });
      }
    },
  );

  it('of effects alone is the level mean, and of a cell that was missing the product of its margins', () => {
    //      c  d
    //   a  6  3      rows and columns are proportional, so b·d is 3 × 4 / 6
    //   b  4  ?
    const model = {
      yN: Float64Array.of(6, 3, 4),
      columns: [],
      effects: [factor('exporter', ['a', 'a', 'b']), factor('importer', ['c', 'd', 'c'])],
    };
    const predict = predictor(ppml(model, { singletons: 'keep' }));
    expect(predict({ x: {}, levels: { exporter: 'b', importer: 'd' } }).mean).toBeCloseTo((3 * 4) / 6, 10);
    const one = predictor(ppml({ ...model, effects: [model.effects[0]!] }, { singletons: 'keep' }));
    expect(one({ x: {}, levels: { exporter: 'a' } }).mean).toBeCloseTo(4.5, 12);
  });

  it('is null for a level never seen, a dropped singleton, and levels that no data connect; 0 for a level without trade', () => {
    const blocks = [
      ['a', 'x', 3],
      ['a', 'y', 5],
      ['b', 'x', 2],
      ['b', 'y', 7],
      ['p', 'u', 4],
      ['p', 'v', 1],
      ['q', 'u', 8],
      ['q', 'v', 6],
      ['zero', 'x', 0],
      ['zero', 'u', 0],
      ['once', 'x', 9],
    ] as const;
    const model = {
      yN: Float64Array.from(blocks, ([, , y]) => y),
      columns: [],
      effects: [
        factor(
          'exporter',
          blocks.map(([e]) => e),
        ),
        factor(
          'importer',
          blocks.map(([, i]) => i),
        ),
      ],
    };
    const predict = predictor(ppml(model));
    const at = (exporter: string, importer: string) => predict({ x: {}, levels: { exporter, importer } });
    expect(at('a', 'x').why).toBeNull();
    expect(at('a', 'mars')).toEqual({ mean: null, why: 'unseenLevel' });
    expect(at('once', 'x')).toEqual({ mean: null, why: 'singletonLevel' });
    expect(at('zero', 'v')).toEqual({ mean: 0, why: 'separated' });
    expect(at('a', 'u')).toEqual({ mean: null, why: 'notIdentified' });
    expect(at('q', 'y')).toEqual({ mean: null, why: 'notIdentified' });
  });

  it('with three effects: a new cell is predicted only where the others determine it', () => {
    // a pair seen in one year, in a year in which it was not: each of its effects is known relative to the others
    const panel = smallPanel(33, { zeros: 0, missing: 0.2 });
    const model = modelOf(panel, 'exporter importer year pair');
    const fit = ppml(model);
    const predict = predictor(fit);
    const { exporter, importer, year, pair } = panel.effects;
    const seen = new Set(panel.rows.map((row) => `${row.exporter}·${row.importer}·${row.year}`));
    const missing = panel.rows.find((row) => !seen.has(`${row.exporter}·${row.importer}·${(row.year + 1) % 3}`))!;
    const levels = {
      [exporter.name]: String(missing.exporter),
      [importer.name]: String(missing.importer),
      [year.name]: String((missing.year + 1) % 3),
      [pair.name]: `${missing.exporter}·${missing.importer}`,
    };
    expect(predict({ x: { rta: 0 }, levels }).mean).toBeGreaterThan(0);
    // a pair's effect with a stranger's exporter effect: the design never saw that sum
    const strangers = { ...levels, [exporter.name]: String((missing.exporter + 1) % 6) };
    expect(predict({ x: { rta: 0 }, levels: strangers })).toEqual({ mean: null, why: 'notIdentified' });
  });

  it('needs all that the model has: a forgotten regressor is an error, a dropped one that breaks its rule is not identified', () => {
    const panel = smallPanel(34);
    const base = modelOf(panel, 'exporter importer');
    const twice = { name: 'twice', valueN: base.columns[0]!.valueN.map((x) => 2 * x) };
    const model = { ...base, columns: [...base.columns, twice] };
    const predict = predictor(ppml(model));
    const row = rowOf(model, 0);
    expect(() => predict({ ...row, x: { dist: 1, rta: 0 } })).toThrow(/no regressor twice/);
    expect(() => predict({ ...row, levels: {} })).toThrow(/no effect exporter/);
    expect(predict({ ...row, x: { ...row.x, dist: 9, twice: 18 } }).mean).toBeGreaterThan(0);
    expect(predict({ ...row, x: { ...row.x, dist: 9, twice: 17 } })).toEqual({ mean: null, why: 'notIdentified' });
  });
});
