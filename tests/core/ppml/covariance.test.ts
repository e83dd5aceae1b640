import { describe, expect, it } from 'vitest';
import { covariance, type Dependence } from '../../../lib/core/gravity/ppml/covariance.ts';
import { factor, interaction } from '../../../lib/core/gravity/ppml/factor.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import type { SmallSample } from '../../../lib/core/gravity/ppml/smallSample.ts';
import { poissonWithDummies } from './explicitDummies.fixture.ts';
import { modelOf, onlyRows, smallPanel } from './layouts.fixture.ts';

const panel = smallPanel(9, { zeros: 0, missing: 0.3 });
const model = modelOf(panel, 'exporter importer');
const fit = ppml(model);
const errors = (dependence: Dependence, rule: SmallSample = 'none') => covariance(fit.fitted!, dependence, rule);

/** The sandwich written out with all dummies: (D'WD)⁻¹ Σ_c (Σ_{n in c} d s) (…)' (D'WD)⁻¹, first two rows and columns. */
function sandwichByDefinition(clusterN: ArrayLike<number>, scaleOf: (cluster: number) => number = () => 1): number[] {
  const { designNC, fittedN } = poissonWithDummies(onlyRows(model, () => true));
  const size = designNC[0]!.length;
  const indices = [...Array(size).keys()];
  const information = indices.map((a) =>
    indices.map((b) => designNC.reduce((sum, d, n) => sum + fittedN[n]! * d[a]! * d[b]!, 0)),
  );
  const inverse = inverseOfDense(information);
  const sums = new Map<number, number[]>();
  designNC.forEach((d, n) => {
    const score = sums.get(clusterN[n]!) ?? indices.map(() => 0);
    indices.forEach((c) => {
      score[c]! += d[c]! * (model.yN[n]! - fittedN[n]!);
    });
    sums.set(clusterN[n]!, score);
  });
  const influence = [...sums].map(([cluster, score]) =>
    [0, 1].map((k) => indices.reduce((sum, c) => sum + scaleOf(cluster) * inverse[k]![c]! * score[c]!, 0)),
  );
  return [0, 1].flatMap((j) => [0, 1].map((k) => influence.reduce((sum, v) => sum + v[j]! * v[k]!, 0)));
}

function inverseOfDense(a: number[][]): number[][] {
  const size = a.length;
  const work = a.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let c = 0; c < size; c++) {
    const pivot = work[c]![c]!;
    work[c] = work[c]!.map((x) => x / pivot);
    for (let r = 0; r < size; r++) {
      const times = work[r]![c]!;
      if (r !== c) work[r] = work[r]!.map((x, at) => x - times * work[c]![at]!);
    }
  }
  return work.map((row) => row.slice(size));
}

const closeTo = (actual: ArrayLike<number>, expected: readonly number[]) =>
  expected.forEach((value, at) => {
    expect(Math.abs(actual[at]! - value)).toBeLessThan(1e-8 * Math.abs(expected[0]!));
  });

describe('covariance of coefficients', () => {
  const { pair, exporter, importer } = panel.effects;
  const rows = factor('row', [...model.yN.keys()]);

  it('corrected for leverage: the sandwich with scores enlarged by what the fitted values are of the sums of their effects', () => {
    const { fittedN } = poissonWithDummies(onlyRows(model, () => true));
    const sumOf = (codeN: ArrayLike<number>, level: number) =>
      fittedN.reduce((sum, mu, n) => sum + (codeN[n] === level ? mu : 0), 0);
    const leverageN = fittedN.map((mu, n) =>
      [exporter.codeN, importer.codeN].reduce((sum, codeN) => sum + mu / sumOf(codeN, codeN[n]!), 0),
    );
    for (const [{ codeN }, dependence] of [
      [pair, { kind: 'cluster', by: [pair] }],
      [importer, { kind: 'cluster', by: [importer] }],
      [rows, { kind: 'robust' }],
    ] as const) {
      const groups = new Set(codeN).size;
      const scaleOf = (cluster: number) => {
        const share = fittedN.reduce((sum, mu, n) => sum + (codeN[n] === cluster ? mu * leverageN[n]! : 0), 0);
        return 1 / Math.sqrt(1 - Math.min(0.9, share / sumOf(codeN, cluster)));
      };
      const expected = sandwichByDefinition(codeN, scaleOf).map((value) => (value * groups) / (groups - 1));
      closeTo(errors(dependence, 'leverage').matrix.data, expected);
      expect(expected[0]).toBeGreaterThan(1.05 * errors(dependence, 'G/(G-1)').matrix.data[0]!);
    }
  });

  it('robust and clustered: the sandwich with all dummies written out', () => {
    closeTo(errors({ kind: 'robust' }).matrix.data, sandwichByDefinition(rows.codeN));
    closeTo(errors({ kind: 'cluster', by: [pair] }).matrix.data, sandwichByDefinition(pair.codeN));
  });

  it('clustered by row is robust, and two-way with the same cluster twice is one-way', () => {
    closeTo(errors({ kind: 'cluster', by: [rows] }).matrix.data, [...errors({ kind: 'robust' }).matrix.data]);
    closeTo(errors({ kind: 'cluster', by: [pair, pair] }).matrix.data, [
      ...errors({ kind: 'cluster', by: [pair] }).matrix.data,
    ]);
  });

  it('two-way: exporter plus importer less both', () => {
    const one = sandwichByDefinition(exporter.codeN);
    const other = sandwichByDefinition(importer.codeN);
    const both = sandwichByDefinition(interaction('both', exporter, importer).codeN);
    const { matrix, groups, clipped } = errors({ kind: 'cluster', by: [exporter, importer] });
    expect(groups).toEqual([6, 6]);
    if (!clipped)
      closeTo(
        matrix.data,
        one.map((value, at) => value + other[at]! - both[at]!),
      );
    else expect(matrix.data[0]).toBeGreaterThanOrEqual(0);
  });

  it('small-sample rules: what each multiplies by', () => {
    const n = model.yN.length;
    const factorOf = (dependence: Dependence, rule: 'G/(G-1)' | 'fixest') => errors(dependence, rule).smallSampleFactor;
    const pairs = pair.levels.length;
    // 2 coefficients, 6 exporters and 6 importers of which one is redundant
    const adjusted = (n - 1) / (n - (2 + 6 + 6 - 1));
    expect(factorOf({ kind: 'iid' }, 'G/(G-1)')).toBe(1);
    expect(factorOf({ kind: 'iid' }, 'fixest')).toBeCloseTo(adjusted, 14);
    expect(factorOf({ kind: 'robust' }, 'G/(G-1)')).toBeCloseTo(n / (n - 1), 14);
    expect(factorOf({ kind: 'cluster', by: [pair] }, 'G/(G-1)')).toBeCloseTo(pairs / (pairs - 1), 14);
    expect(factorOf({ kind: 'cluster', by: [pair] }, 'fixest')).toBeCloseTo((adjusted * pairs) / (pairs - 1), 14);
    // exporters are nested in the cluster: their effects do not count
    expect(factorOf({ kind: 'cluster', by: [exporter] }, 'fixest')).toBeCloseTo(
      ((6 / 5) * (n - 1)) / (n - (2 + 6)),
      14,
    );
    // the smaller of two numbers of clusters
    expect(factorOf({ kind: 'cluster', by: [pair, exporter] }, 'G/(G-1)')).toBeCloseTo(6 / 5, 14);
  });

  it('says so when a two-way difference had to be clipped, and never returns a negative variance', () => {
    const found = [1, 2, 3, 4, 5, 6].map((seed) => {
      const random = smallPanel(seed);
      const clusters = [
        random.effects.year,
        factor(
          'parity',
          random.rows.map((row) => (row.exporter + row.year) % 2),
        ),
      ] as const;
      return covariance(ppml(modelOf(random, 'exporter importer')).fitted!, { kind: 'cluster', by: clusters }, 'none');
    });
    expect(found.some(({ clipped }) => clipped)).toBe(true);
    for (const { standardErrorK } of found) for (const error of standardErrorK) expect(error).toBeGreaterThanOrEqual(0);
  });
});
