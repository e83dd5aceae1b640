import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GrowthCells, growthSpearman } from '../../../lib/core/backtest/growthSpearman.ts';
import { quantileGroups } from '../../../lib/core/backtest/quantileGroups.ts';
import { topDecile } from '../../../lib/core/backtest/topDecile.ts';

const cells = (
  rows: readonly (readonly [score: number, growth: number, size: number, exporter: number])[],
): GrowthCells => ({
  scoreN: Float64Array.from(rows, ([score]) => score),
  growthN: Float64Array.from(rows, ([, growth]) => growth),
  sizeN: Uint16Array.from(rows, ([, , size]) => size),
  exporterN: Uint16Array.from(rows, ([, , , exporter]) => exporter),
});
const row = fc.tuple(fc.nat(6), fc.nat(6), fc.nat(2), fc.nat(2));
const rows = fc.array(row, { minLength: 1, maxLength: 40 });
const taken = fc.array(fc.nat(3), { minLength: 3, maxLength: 3 });
const copies = (drawn: readonly [number, number, number, number][], timesE: readonly number[]) =>
  drawn.flatMap((one) => new Array<typeof one>(timesE[one[3]]!).fill(one));

describe('quantile groups', () => {
  it('of ten values in five groups are pairs, equal values together', () => {
    expect([...quantileGroups(Float64Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0), 5)]).toEqual([
      4, 4, 3, 3, 2, 2, 1, 1, 0, 0,
    ]);
    expect([...quantileGroups(Float64Array.of(1, 1, 1, 1, 2), 5)]).toEqual([0, 0, 0, 0, 4]);
    expect(() => quantileGroups(Float64Array.of(1, Number.NaN), 2)).toThrow('value 1 is NaN');
  });
});

describe('Spearman within size groups', () => {
  it('of two groups, worked out by hand', () => {
    //  group 0: score 1 2 3 against growth 1 3 2: ρ = ½      group 1: score 5 5 against growth 1 2: nothing told apart
    const found = growthSpearman(
      cells([
        [1, 1, 0, 0],
        [2, 3, 0, 0],
        [3, 2, 0, 0],
        [5, 1, 1, 0],
        [5, 2, 1, 0],
      ]),
    );
    expect(found()).toBeCloseTo((3 * 0.5 + 2 * 0) / 5, 15);
  });

  it('is Pearson’s correlation of mean ranks, group by group', () => {
    const meanRank = (values: readonly number[], value: number) =>
      values.filter((other) => other < value).length + (values.filter((other) => other === value).length + 1) / 2;
    const literal = (drawn: readonly (readonly [number, number, number, number])[]) => {
      let sum = 0;
      for (const size of new Set(drawn.map(([, , of]) => of))) {
        const group = drawn.filter(([, , of]) => of === size);
        const x = group.map(
          ([score]) =>
            meanRank(
              group.map(([other]) => other),
              score,
            ) -
            (group.length + 1) / 2,
        );
        const y = group.map(
          ([, growth]) =>
            meanRank(
              group.map(([, other]) => other),
              growth,
            ) -
            (group.length + 1) / 2,
        );
        const dot = (a: number[], b: number[]) => a.reduce((total, value, n) => total + value * b[n]!, 0);
        const spread = Math.sqrt(dot(x, x) * dot(y, y));
        if (spread > 0) sum += (group.length * dot(x, y)) / spread;
      }
      return sum / drawn.length;
    };
    fc.assert(
      fc.property(rows, (drawn) => {
        expect(growthSpearman(cells(drawn))()).toBeCloseTo(literal(drawn), 12);
      }),
    );
  });

  it('takes an exporter several times as if its cells stood there as often', () => {
    fc.assert(
      fc.property(rows, taken, (drawn, timesE) => {
        const listed = copies(drawn, timesE);
        fc.pre(listed.length > 0);
        expect(growthSpearman(cells(drawn))(timesE)).toBeCloseTo(growthSpearman(cells(listed))(), 12);
      }),
    );
  });
});

describe('top decile', () => {
  it('of ten cells, worked out by hand', () => {
    // the cell with the highest score grew most; of its size one in two grew more than the median of 5
    const found = topDecile(
      cells([
        [9, 10, 0, 0],
        [1, 1, 0, 0],
        [1, 2, 1, 0],
        [1, 3, 1, 0],
        [1, 4, 1, 0],
        [1, 5, 1, 0],
        [1, 6, 1, 0],
        [1, 7, 1, 0],
        [1, 8, 1, 0],
        [1, 9, 1, 0],
      ]),
    )();
    expect(found).toEqual({ observed: 1, expected: 0.5, excess: 0.5 });
  });

  it('of twenty cells takes two, and a tie of three for the second place with a third each', () => {
    // one size; growth 1 … 20, median 10: half of all cells grew more. The first cell and one of three in the tie did
    const growths = [
      20,
      15,
      1,
      2,
      ...[...Array(20).keys()].map((n) => n + 1).filter((g) => ![20, 15, 1, 2].includes(g)),
    ];
    const found = topDecile(cells(growths.map((growth, n) => [n === 0 ? 9 : n <= 3 ? 8 : 1, growth, 0, 0] as const)))();
    expect(found.observed).toBeCloseTo((1 + 1 / 3) / 2, 14);
    expect(found.expected).toBeCloseTo(0.5, 14);
  });

  it('of a score that tells nothing has no excess: ties take part in proportion', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const { excess } = topDecile(cells(drawn.map(([, ...rest]) => [1, ...rest] as const)))();
        expect(Math.abs(excess)).toBeLessThan(1e-12);
      }),
    );
  });

  it('takes an exporter several times as if its cells stood there as often', () => {
    fc.assert(
      fc.property(rows, taken, (drawn, timesE) => {
        const listed = copies(drawn, timesE);
        fc.pre(listed.length > 0);
        const [found, expected] = [topDecile(cells(drawn))(timesE), topDecile(cells(listed))()];
        expect(found.observed).toBeCloseTo(expected.observed, 12);
        expect(found.excess).toBeCloseTo(expected.excess, 12);
      }),
    );
  });
});
