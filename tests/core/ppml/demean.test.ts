import { describe, expect, it } from 'vitest';
import { absorb, addEffectsToRows, noEffects } from '../../../lib/core/gravity/ppml/absorbed.ts';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { demean } from '../../../lib/core/gravity/ppml/demean.ts';
import { type Factor, factor, interaction } from '../../../lib/core/gravity/ppml/factor.ts';
import { weighted } from '../../../lib/core/gravity/ppml/reduced.ts';
import { leastSquaresWithDummies } from './explicitDummies.fixture.ts';

const EXACT = { absolute: 1e-13, relative: 0 };

/** Partials one column out; results in the order of the rows given. */
function partialledOut(effects: readonly Factor[], xN: Float64Array, weightN: Float64Array) {
  const { absorbed, rowN } = absorb(effects);
  const pick = (column: Float64Array) => Float64Array.from(rowN, (row) => column[row]!);
  const rest = pick(xN);
  const step = noEffects(absorbed);
  const solved = demean(absorbed, weighted(absorbed, pick(weightN)), rest, step, EXACT);
  const taken = new Float64Array(rest.length);
  addEffectsToRows(absorbed, step, taken);
  const restN = new Float64Array(rest.length);
  const takenN = new Float64Array(rest.length);
  rowN.forEach((row, at) => {
    restN[row] = rest[at]!;
    takenN[row] = taken[at]!;
  });
  return { ...solved, restN, takenN, absorbed };
}

describe('partialling out', () => {
  it.each([1, 2, 3, 4])('%i effects: what is left is the residual of least squares on dummies', (count) => {
    const random = pseudoRandom(count);
    const rows = 120;
    const codes = (levels: number) => Array.from({ length: rows }, () => Math.floor(random() * levels));
    const effects = [9, 4, 7, 5].slice(0, count).map((levels, at) => factor(`effect ${at}`, codes(levels)));
    const xN = Float64Array.from({ length: rows }, () => random() * 10 - 3);
    const weightN = Float64Array.from({ length: rows }, () => 10 ** (6 * random() - 3));
    const { restN, takenN, converged } = partialledOut(effects, xN, weightN);
    const { fittedN } = leastSquaresWithDummies({ yN: xN, columns: [], effects, weightN });
    expect(converged).toBe(true);
    restN.forEach((rest, n) => {
      expect(Math.abs(rest - (xN[n]! - fittedN[n]!))).toBeLessThan(1e-9);
      expect(Math.abs(rest + takenN[n]! - xN[n]!)).toBeLessThan(1e-11);
    });
  });

  it('leaves nothing of a column that is a sum of effects, on connected and on disconnected networks', () => {
    const random = pseudoRandom(5);
    for (const islands of [1, 4]) {
      const exporters = Array.from({ length: 300 }, () => Math.floor(random() * 20));
      const importers = exporters.map((e) => Math.floor(random() * 5) * islands + (e % islands));
      const [one, two] = [factor('exporter', exporters), factor('importer', importers)];
      const xN = Float64Array.from(exporters, (e, n) => Math.sin(e) + Math.cos(3 * importers[n]!));
      const { restN } = partialledOut([one, two], xN, new Float64Array(300).fill(1));
      expect(Math.max(...restN.map(Math.abs))).toBeLessThan(1e-11);
    }
  });

  it.each(['exporter importer', 'exporter importer pair'])('a chain of 1,500 countries, effects %s', (layout) => {
    // each sells to its neighbours only, in 3 years: information travels step by step, so the network itself has to be factored
    const random = pseudoRandom(7);
    const rows: [number, number, number][] = [];
    for (let e = 0; e < 1500; e++)
      for (const i of [e, e + 1, e + 2]) for (let t = 0; t < 3; t++) if (random() < 0.8) rows.push([e, i, t]);
    const [exporter, importer, year] = [0, 1, 2].map((at) =>
      factor(
        String(at),
        rows.map((row) => row[at]!),
      ),
    );
    const byYear = [interaction('e·t', exporter!, year!), interaction('i·t', importer!, year!)];
    const pair = interaction('pair', exporter!, importer!);
    const effects = layout.endsWith('pair') ? [...byYear, pair] : [exporter!, importer!];
    const weightN = Float64Array.from(rows, () => Math.exp(3 * random()));
    const xN = Float64Array.from(rows, ([e], n) => e / 100 + Math.sin(n));
    const { restN, converged, absorbed } = partialledOut(effects, xN, weightN);
    expect(converged).toBe(true);
    expect(absorbed.learnt.network).not.toBeNull();

    // certificate: no weighted mean is left in any level, and partialling out what was left changes nothing
    for (const { codeN, levels } of effects) {
      const sums = new Float64Array(levels.length);
      const totals = new Float64Array(levels.length);
      codeN.forEach((level, n) => {
        sums[level]! += weightN[n]! * restN[n]!;
        totals[level]! += weightN[n]!;
      });
      expect(Math.max(...sums.map((sum, level) => Math.abs(sum / totals[level]!)))).toBeLessThan(1e-11);
    }
    const again = partialledOut(
      effects,
      xN.map((x, n) => x + Math.cos(exporter!.codeN[n]! / 70)),
      weightN,
    );
    expect(Math.max(...again.restN.map((rest, n) => Math.abs(rest - restN[n]!)))).toBeLessThan(1e-8);
  });
});
