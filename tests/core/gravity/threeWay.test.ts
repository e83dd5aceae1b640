import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { type ThreeWayFit, threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { axis } from '../../../lib/core/labels.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';
import { anyCube, type Cube, cubeOf, flowsOf, literalIpf, shapeOf } from './worlds.fixture.ts';

/** The potential of every cell of a cube's flows. */
function cubeOfFit(cells: Cube, fit: ThreeWayFit): Cube {
  const potential = potentialOf(fit);
  return cubeOf(shapeOf(cells), (exporter, m, product) => potential({ exporter, importer: cells.length + m, product }));
}
const fitted = (cells: Cube) => cubeOfFit(cells, threeWayFit(flowsOf(cells)));

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Largest difference of two cubes, as a share of all trade. */
function difference(one: Cube, other: Cube): number {
  const values = other.flat(2);
  return Math.max(...one.flat(2).map((value, n) => Math.abs(value - values[n]!))) / sum(values);
}

/** Errors of all three families. */
const errors = ({ margins }: ThreeWayFit) => [margins.exporterProduct, margins.importerProduct, margins.pair];

describe('a fit on paper', () => {
  it('2×2×2: the table with the same totals and one odds ratio for both products', () => {
    const cells = [
      [
        [5, 2],
        [1, 2],
      ], // E0: to M0 (P0, P1), to M1 (P0, P1)
      [
        [0, 4],
        [2, 1],
      ], // E1
    ];
    // 1 moved around the cube keeps every total: P0 becomes (4 2 / 1 1), P1 (3 1 / 3 2), both with odds ratio 2
    const expected = [
      [
        [4, 3],
        [2, 1],
      ],
      [
        [1, 3],
        [1, 2],
      ],
    ];
    expect(difference(fitted(cells), expected)).toBeLessThan(1e-8);
  });

  it('3×3×2: likewise, one square of cells moved in a world of products of factors', () => {
    const a = [
      [1, 2],
      [3, 1],
      [2, 2],
    ];
    const b = [
      [4, 1],
      [2, 3],
      [1, 2],
    ];
    const c = [
      [10, 5, 2],
      [4, 20, 8],
      [6, 3, 9],
    ];
    const expected = cubeOf([3, 3, 2], (e, m, p) => a[e]![p]! * b[m]![p]! * c[e]![m]!);
    // exporters 0 and 2, importers 1 and 2: up and down in turn keeps all three families of totals
    const cells = cubeOf([3, 3, 2], (e, m, p) => {
      const moved = e !== 1 && m !== 0;
      return expected[e]![m]![p]! + (moved ? 2 * (-1) ** (e / 2 + m + p) : 0);
    });
    expect(difference(fitted(cells), expected)).toBeLessThan(1e-8);
  });

  it('all totals alike: all cells alike', () => {
    const cells = cubeOf([2, 2, 2], (e, m, p) => ((e + m + p) % 2 === 0 ? 2 : 0));
    expect(
      difference(
        fitted(cells),
        cubeOf([2, 2, 2], () => 1),
      ),
    ).toBeLessThan(1e-8);
  });
});

describe('any world', () => {
  it('converges, and adds up to all three families of totals', () => {
    fc.assert(
      fc.property(anyCube, (cells) => {
        const fit = threeWayFit(flowsOf(cells));
        expect(fit.converged).toBe(true);
        for (const family of errors(fit)) expect(family.sumAbsErrorOverTotal).toBeLessThanOrEqual(1e-9);
        expect(fit.forced.every(({ exporter, importer }) => exporter !== importer)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('agrees with iterative proportional fitting where that arrives', () => {
    fc.assert(
      fc.property(anyCube, (cells) => {
        const { mu, worst } = literalIpf(cells, 300);
        fc.pre(worst < 1e-12);
        expect(difference(fitted(cells), mu)).toBeLessThan(1e-8);
      }),
      { numRuns: 60 },
    );
  });

  it('is recovered where the model holds exactly: nothing is unrealised', () => {
    const factor = fc.integer({ min: 1, max: 1000 });
    const factors = fc.array(factor, { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(factors, (drawn) => {
        // four exporters, four importers, five products; the pair of the last two does not trade
        const cells = cubeOf([4, 4, 5], (e, m, p) =>
          e + m === 6 ? 0 : drawn[e * 5 + p]! * drawn[20 + m * 5 + p]! * drawn[40 + e * 4 + m]!,
        );
        expect(difference(fitted(cells), cells)).toBeLessThan(1e-8);
      }),
      { numRuns: 30 },
    );
  });

  it('does not depend on the unit of value', () => {
    fc.assert(
      fc.property(anyCube, fc.constantFrom(1e-6, 1000, 1e9), (cells, unit) => {
        const scaled = cells.map((slice) => slice.map((row) => row.map((value) => value * unit)));
        const back = fitted(scaled).map((slice) => slice.map((row) => row.map((value) => value / unit)));
        expect(difference(back, fitted(cells))).toBeLessThan(1e-8);
      }),
      { numRuns: 40 },
    );
  });

  it('does not depend on the order of countries and products', () => {
    fc.assert(
      fc.property(anyCube, (cells) => {
        const turned = cells.map((slice) => slice.map((row) => row.toReversed()).toReversed()).toReversed();
        const back = fitted(turned)
          .map((slice) => slice.map((row) => row.toReversed()).toReversed())
          .toReversed();
        expect(difference(back, fitted(cells))).toBeLessThan(1e-8);
      }),
      { numRuns: 40 },
    );
  });

  it('never lowers the likelihood, and gives the same bits again', () => {
    fc.assert(
      fc.property(anyCube, (cells) => {
        const flows = flowsOf(cells);
        const fit = threeWayFit(flows);
        const rounding = 1e-14 * sum(cells.flat(2));
        for (const { gain, rejected } of fit.progress)
          if (gain !== null && !rejected) expect(gain).toBeGreaterThanOrEqual(-rounding);
        expect(threeWayFit(flows)).toEqual(fit);
      }),
      { numRuns: 40 },
    );
  });
});

describe('likelihood', () => {
  it('is that of the fit, and above that of any nearby factors', () => {
    const cells = cubeOf([3, 3, 3], (e, m, p) => (e * 7 + m * 3 + p * 5) % 11);
    const fit = threeWayFit(flowsOf(cells));
    const likelihood = (mu: Cube) =>
      sum(cells.flat(2).map((v, n) => (mu.flat(2)[n]! > 0 ? v * Math.log(mu.flat(2)[n]!) - mu.flat(2)[n]! : 0)));
    const mu = cubeOfFit(cells, fit);
    expect(fit.loglik).toBeCloseTo(likelihood(mu), 6);
    const nearby = mu.map((slice, e) =>
      slice.map((row) => row.map((value, p) => value * (e === 1 && p === 2 ? 1.01 : 1))),
    );
    expect(likelihood(nearby)).toBeLessThan(fit.loglik);
  });
});

describe('separation', () => {
  // Haberman's table: no margin and no two-way table of it shows anything, and yet the two empty cells are 0 in every fit,
  // since a unit moved around the cube raises one as it lowers the other
  const haberman = cubeOf([2, 2, 2], (e, m, p) =>
    (e === 0 && m === 0 && p === 0) || (e === 1 && m === 1 && p === 1) ? 0 : 1 + e + m + p,
  );

  it('falls like 1/n under plain iterations', () => {
    const [at100, at200, at400] = [100, 200, 400].map((sweeps) => literalIpf(haberman, sweeps).worst) as [
      number,
      number,
      number,
    ];
    expect(at100 / at200).toBeCloseTo(2, 0);
    expect(at200 / at400).toBeCloseTo(2, 0);
    expect(at400).toBeGreaterThan(1e-4);
  });

  it('is certified by the runaway direction, and the rest fits exactly', () => {
    const fit = threeWayFit(flowsOf(haberman));
    expect(fit.converged).toBe(true);
    expect(fit.zeros).toEqual([
      { exporter: 0, importer: 2, product: 0 },
      { exporter: 1, importer: 3, product: 1 },
    ]);
    // six cells are left for seven independent totals: they are the data
    expect(difference(cubeOfFit(haberman, fit), haberman)).toBeLessThan(1e-9);
  });

  it('is found in a world too large to be solved at once', () => {
    // the same corner beside 13 × 13 × 13 cells that all trade
    const cells = cubeOf([15, 15, 15], (e, m, p) => {
      if (e < 2 && m < 2 && p < 2) return haberman[e]![m]![p]! * 10_000;
      return e < 2 || m < 2 || p < 2 ? 0 : 1000 * (1 + ((e * 31 + m * 17 + p * 7) % 23));
    });
    const fit = threeWayFit(flowsOf(cells));
    expect(fit.converged).toBe(true);
    expect(fit.zeros).toEqual([
      { exporter: 0, importer: 15, product: 0 },
      { exporter: 1, importer: 16, product: 1 },
    ]);
  });

  it('fixes forced cells at their value, and their margins with them', () => {
    const cells = [
      [
        [7, 0],
        [0, 5],
      ],
      [
        [0, 3],
        [0, 2],
      ],
    ];
    const fit = threeWayFit(flowsOf(cells));
    expect(fit.forced).toEqual([{ exporter: 0, importer: 2, product: 0, value: 7 }]);
    expect(difference(cubeOfFit(cells, fit), cells)).toBeLessThan(1e-9);
  });

  it('reports what has not converged, and where', () => {
    const fit = threeWayFit(flowsOf(cubeOf([3, 3, 3], (e, m, p) => 10_001 + ((e * 7 + m * 3 + p * 5) % 11) ** 5)), {
      maxSweeps: 2,
    });
    expect(fit.converged).toBe(false);
    expect(fit.sweeps).toBe(2);
    const worst = errors(fit).toSorted((x, y) => y.worstRelativeAbove10kUsd - x.worstRelativeAbove10kUsd)[0]!;
    expect(worst.worstRelativeAbove10kUsd).toBeGreaterThan(1e-6);
    expect(worst.where).not.toBeNull();
  });
});

describe('warm start', () => {
  it('begins where an earlier fit ended, whatever the scale of its factors', () => {
    const cells = cubeOf([5, 6, 7], (e, m, p) => (e * 7 + m * 3 + p * 5) % 11);
    const flows = flowsOf(cells);
    const cold = threeWayFit(flows);
    const scaled = (data: Float64Array, by: number) => data.map((value) => value * by);
    const start = {
      b: { ...cold.b, data: scaled(cold.b.data, 8) },
      c: { ...cold.c, data: scaled(cold.c.data, 1 / 64) },
    };
    const warm = threeWayFit(flows, { start });
    expect(warm.sweeps).toBeLessThanOrEqual(3);
    expect(warm.sweeps).toBeLessThan(cold.sweeps);
    expect(difference(cubeOfFit(cells, warm), cubeOfFit(cells, cold))).toBeLessThan(1e-8);
  });

  it('helps itself where nothing is known yet', () => {
    const cells = cubeOf([3, 3, 3], (e, m, p) => 1 + ((e * 7 + m * 3 + p * 5) % 11));
    const start = { b: matrix(6, 3), c: matrix(6, 6) };
    expect(difference(cubeOfFit(cells, threeWayFit(flowsOf(cells), { start })), fitted(cells))).toBeLessThan(1e-9);
  });
});

describe('edges of the world', () => {
  const empty: Flows = sortFlows(axis(['A', 'B']), axis(['01']), {
    exporterN: [],
    importerN: [],
    productN: [],
    valueN: [],
  });

  it('nothing trades: nothing is expected', () => {
    const fit = threeWayFit(empty);
    expect(fit.converged).toBe(true);
    expect([...fit.a.data, ...fit.b.data, ...fit.c.data].every((factor) => factor === 0)).toBe(true);
  });

  it('one cell is the whole world', () => {
    expect(fitted([[[42]]])).toEqual([[[expect.closeTo(42, 9)]]]);
  });

  it('countries on both sides, and products that nobody trades', () => {
    const flows = sortFlows(axis(['A', 'B', 'C', 'D']), axis(['01', '02', '03']), {
      exporterN: [0, 0, 1, 1, 2, 2],
      importerN: [1, 2, 0, 2, 0, 1],
      productN: [0, 2, 2, 0, 0, 2],
      valueN: [5, 3, 8, 2, 4, 6],
    });
    const fit = threeWayFit(flows);
    const potential = potentialOf(fit);
    expect(fit.converged).toBe(true);
    for (let e = 0; e < 4; e++)
      for (let p = 0; p < 3; p++) {
        expect(potential({ exporter: e, importer: e, product: p })).toBe(0);
        expect(potential({ exporter: e, importer: 3, product: p })).toBe(0);
        expect(potential({ exporter: e, importer: (e + 1) % 4, product: 1 })).toBe(0);
      }
  });

  it('a product with one exporter, a product with one importer: all of it is that cell', () => {
    const cells = cubeOf([3, 3, 3], (e, m, p) => {
      if (p === 1) return e === 0 ? 10 + m : 0;
      if (p === 2) return m === 0 ? 20 + e : 0;
      return 1 + e * m;
    });
    const mu = fitted(cells);
    for (let n = 0; n < 3; n++) {
      expect(mu[0]![n]![1]).toBeCloseTo(10 + n, 6);
      expect(mu[n]![0]![2]).toBeCloseTo(20 + n, 6);
    }
  });

  it('values over twenty orders of magnitude', () => {
    const cells = cubeOf([4, 4, 4], (e, m, p) => 10 ** (((e * 7 + m * 3 + p * 5) % 21) - 8));
    expect(threeWayFit(flowsOf(cells)).converged).toBe(true);
  });
});
