import { describe, expect, it } from 'vitest';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { covariance } from '../../../lib/core/gravity/ppml/covariance.ts';
import { ROW } from '../../../lib/core/gravity/ppml/drops.ts';
import { factor } from '../../../lib/core/gravity/ppml/factor.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { conditions } from './conditions.fixture.ts';
import { poissonWithDummies } from './explicitDummies.fixture.ts';
import { modelOf, onlyRows, smallPanel } from './layouts.fixture.ts';

const panelModel = () => modelOf(smallPanel(11), 'exporter_year importer_year');

describe('PPML on hostile data', () => {
  it('outcomes spanning twenty orders of magnitude: every margin is met, the smallest too', () => {
    const random = pseudoRandom(2);
    const [exporters, importers]: [number[], number[]] = [[], []];
    const y: number[] = [];
    const x: number[] = [];
    for (let e = 0; e < 12; e++)
      for (let i = 0; i < 12; i++) {
        exporters.push(e);
        importers.push(i);
        x.push(random());
        y.push(random() < 0.3 ? 0 : 10 ** ((20 * e) / 11 - 8) * 10 ** (2 * random()) * (1 + i));
      }
    const model = {
      yN: Float64Array.from(y),
      columns: [{ name: 'x', valueN: Float64Array.from(x) }],
      effects: [factor('exporter', exporters), factor('importer', importers)],
    };
    const positive = y.filter((value) => value > 0);
    expect(Math.log10(Math.max(...positive) / Math.min(...positive))).toBeGreaterThan(20);
    const fit = ppml(model);
    expect(fit.converged).toBe(true);
    expect(conditions(model, fit)).toBeLessThan(1e-8);
  });

  it('all-zero groups are dropped with the rows that fall with them; their fitted means are 0', () => {
    const panel = smallPanel(12);
    const model = modelOf(panel, 'exporter_year importer_year');
    const yN = model.yN.map((y, row) => (panel.rows[row]!.exporter === 2 && panel.rows[row]!.year === 1 ? 0 : y));
    const fit = ppml({ ...model, yN });
    expect(fit.converged).toBe(true);
    panel.rows.forEach(({ exporter, year }, row) => {
      if (exporter !== 2 || year !== 1) return;
      expect(fit.status[row]).toBe(ROW.separatedByEffect);
      expect(fit.fittedN[row]).toBe(0);
    });
    expect(fit.dropped.separatedBy.effect).toBeGreaterThanOrEqual(
      panel.rows.filter(({ exporter, year }) => exporter === 2 && year === 1).length,
    );
  });

  it('a perfectly separated regressor: its rows are dropped with a certificate, and the column with them', () => {
    const model = panelModel();
    const sanctioned = model.yN.map((y, row) => (y === 0 && row % 2 === 0 ? 1 + (row % 3) : 0));
    const columns = [{ name: 'sanctioned', valueN: sanctioned }, ...model.columns];
    const fit = ppml({ ...model, columns });
    expect(fit.converged).toBe(true);
    expect(fit.dropped.collinear).toEqual(['sanctioned']);
    const proofs = fit.history.filter((event) => 'direction' in event);
    for (const { onPositive, lowest, smallestSeparated } of proofs) {
      expect(onPositive).toBeLessThan(1e-8);
      expect(lowest).toBeGreaterThan(-1e-8);
      expect(smallestSeparated).toBeGreaterThan(1e-5);
    }
    sanctioned.forEach((x, row) => {
      if (x > 0) expect(fit.fittedN[row]).toBe(0);
    });
    // the rest is estimated as if those rows had never been there
    const without = onlyRows(model, (row) => sanctioned[row] === 0);
    ppml(without).coefficients.forEach(({ estimate }, k) => {
      expect(Math.abs(fit.coefficients[k]!.estimate - estimate)).toBeLessThan(1e-9);
    });
  });

  it('a disconnected network: levels are not comparable across it, the fit is', () => {
    const one = smallPanel(21, { countries: 5 });
    const other = smallPanel(22, { countries: 5 });
    const both = (name: 'exporter' | 'importer') =>
      factor(name, [...one.rows.map((row) => `north ${row[name]}`), ...other.rows.map((row) => `south ${row[name]}`)]);
    const model = {
      yN: Float64Array.of(...one.yN, ...other.yN.map((y) => y * 1e6)),
      columns: one.columns.map(({ name, valueN }, k) => ({
        name,
        valueN: Float64Array.of(...valueN, ...other.columns[k]!.valueN),
      })),
      effects: [both('exporter'), both('importer')],
    };
    const fit = ppml(model);
    expect(fit.converged).toBe(true);
    expect(conditions(model, fit)).toBeLessThan(1e-8);
    const explicit = poissonWithDummies(onlyRows(model, (row) => fit.status[row] === ROW.used));
    fit.coefficients.forEach(({ estimate }, k) => {
      expect(Math.abs(estimate - explicit.estimateK[k]!)).toBeLessThan(1e-8);
    });
  });

  it('regressors collinear with the effects, or with each other, are dropped by name; the first named stays', () => {
    const panel = smallPanel(13);
    const { dist, rta } = { dist: panel.columns[0]!, rta: panel.columns[1]! };
    const ofExporterYear = panel.rows.map((row) => Math.log(100 + row.exporter) * 7 + row.year ** 2);
    const sum = Float64Array.from(panel.rows, (row, n) => ofExporterYear[n]! - 3 * Math.sin(row.importer + row.year));
    const fit = ppml({
      ...panelModel(),
      yN: panel.yN,
      effects: [panel.effects.exporterYear, panel.effects.importerYear],
      columns: [
        { name: 'constant', valueN: sum.map(() => 5) },
        { name: 'sizes', valueN: sum },
        dist,
        { name: 'miles', valueN: dist.valueN.map((x) => 0.62 * x + 3) },
        { name: 'mixture', valueN: rta.valueN.map((x, n) => x - 2 * dist.valueN[n]! + sum[n]!) },
        rta,
      ],
    });
    expect(fit.converged).toBe(true);
    expect(fit.dropped.collinear).toEqual(['constant', 'sizes', 'miles', 'rta']);
    const plain = ppml({
      yN: panel.yN,
      columns: [dist, rta],
      effects: [panel.effects.exporterYear, panel.effects.importerYear],
    });
    const [b, c] = plain.coefficients.map(({ estimate }) => estimate);
    expect(fit.coefficients[1]!.estimate).toBeCloseTo(c!, 9);
    expect(fit.coefficients[0]!.estimate).toBeCloseTo(b! + 2 * c!, 9);
  });

  it('one observation per group: nothing is left, and nothing is returned as a fit', () => {
    const yN = Float64Array.of(1, 2, 3, 4);
    const valueN = Float64Array.of(4, 1, 3, 2);
    const fit = ppml({ yN, columns: [{ name: 'x', valueN }], effects: [factor('row', [0, 1, 2, 3])] });
    expect(fit).toMatchObject({ converged: false, observations: 0, coefficients: [], warnings: [{ kind: 'noRows' }] });
    expect(fit.dropped.singletons).toBe(4);
    expect(fit.fittedN.every(Number.isNaN)).toBe(true);
  });

  it('zeros only: nothing is estimated, every mean is 0', () => {
    const fit = ppml({
      yN: new Float64Array(5),
      columns: [{ name: 'x', valueN: Float64Array.of(1, 2, 3, 4, 5) }],
      effects: [],
    });
    expect(fit).toMatchObject({ converged: false, observations: 0, warnings: [{ kind: 'noRows' }] });
    expect([...fit.fittedN]).toEqual([0, 0, 0, 0, 0]);
  });

  it.each([5, 50, 300, 690])('offsets spread over ±%i: a maximum that is one, or no answer', (spread) => {
    for (const seed of [14, 15, 16]) {
      const panel = smallPanel(seed, { zeros: 0 });
      const offsetN = Float64Array.from(panel.rows, () => spread * (2 * panel.random() - 1));
      for (const follows of [1, 1 / 8]) {
        const yN = panel.yN.map((y, n) => y * Math.exp(offsetN[n]! * follows));
        const model = { ...modelOf(panel, 'exporter importer'), offsetN, yN };
        const fit = ppml(model);
        if (spread <= 50) expect(fit.converged).toBe(true);
        if (fit.converged) expect(conditions(model, fit)).toBeLessThan(1e-8);
        else expect(fit.warnings).not.toEqual([]);
      }
    }
  });

  it('outcomes that fit perfectly: estimates are exact, errors zero, the deviance is no noise', () => {
    const panel = smallPanel(15);
    const yN = Float64Array.from(panel.rows, ({ exporter, importer, dist, rta }) =>
      Math.exp(3 + exporter - importer / 2 - 0.7 * dist + 0.4 * rta),
    );
    const fit = ppml({ ...modelOf(panel, 'exporter importer'), yN });
    expect(fit.converged).toBe(true);
    expect(fit.coefficients[0]!.estimate).toBeCloseTo(-0.7, 11);
    expect(fit.coefficients[1]!.estimate).toBeCloseTo(0.4, 11);
    expect(fit.deviance).toBeLessThan(1e-15);
    const { standardErrorK } = covariance(fit.fitted!, { kind: 'robust' }, 'none');
    expect(Math.max(...standardErrorK)).toBeLessThan(1e-8);
  });

  it('regressors far from zero and of any size do not blur the rest', () => {
    const panel = smallPanel(16);
    const { effects, ...model } = modelOf(panel, 'none');
    const plain = ppml({ ...model, effects });
    const far = ppml({
      ...model,
      effects,
      columns: model.columns.map(({ name, valueN }) => ({ name, valueN: valueN.map((x) => 1e6 + x) })),
    });
    plain.coefficients.forEach(({ estimate }, k) => {
      expect(Math.abs(far.coefficients[k]!.estimate - estimate)).toBeLessThan(1e-8);
    });
  });

  it.each([
    ['a negative outcome', { yN: Float64Array.of(1, -2, 3) }, /y, row 1: -2, expected a finite number, at least 0/],
    ['a missing outcome', { yN: Float64Array.of(1, 2, Number.NaN) }, /y, row 2: NaN/],
    [
      'an infinite regressor',
      { columns: [{ name: 'ldist', valueN: Float64Array.of(1, Infinity, 2) }] },
      /ldist, row 1: Infinity/,
    ],
    ['a weight of zero', { weightN: Float64Array.of(1, 0, 1) }, /weight, row 1: 0/],
    [
      'columns of different lengths',
      { columns: [{ name: 'ldist', valueN: Float64Array.of(1, 2) }] },
      /ldist has 2 rows, y has 3/,
    ],
    [
      'a regressor given twice',
      { columns: ['x', 'x'].map((name) => ({ name, valueN: Float64Array.of(1, 2, 3) })) },
      /x is given twice/,
    ],
    ['an effect of another length', { effects: [factor('exporter', [1, 2])] }, /exporter has 2 rows, y has 3/],
  ])('%s is a broken contract, named', (_, change, message) => {
    expect(() => ppml({ yN: Float64Array.of(1, 2, 3), columns: [], effects: [], ...change })).toThrow(message);
  });

  it('too few iterations: what is returned says that it did not converge', () => {
    const fit = ppml(panelModel(), { maxIterations: 2 });
    expect(fit.converged).toBe(false);
    expect(fit.warnings).toContainEqual({ kind: 'notConverged', why: 'iterations' });
  });
});
