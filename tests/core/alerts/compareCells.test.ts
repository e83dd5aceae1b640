import { describe, expect, it } from 'vitest';
import type { AlertCells } from '../../../lib/core/alerts/cells.ts';
import { compareCells, firstMemory } from '../../../lib/core/alerts/compareCells.ts';

const AXES = { importers: 3, products: 2 };
type Row = { importer: number; product: number; score: number; worth: number; basis?: number; actual?: number };

function cellsOf(rows: readonly Row[]): AlertCells {
  const extensive = (row: Row) => row.basis === 1;
  const f32 = (of: (row: Row) => number) => Float32Array.from(rows, of);
  return {
    importerN: Uint16Array.from(rows, ({ importer }) => importer),
    productN: Uint16Array.from(rows, ({ product }) => product),
    basisN: Uint8Array.from(rows, ({ basis = 0 }) => basis),
    scoreN: f32(({ score }) => score),
    worthN: f32(({ worth }) => worth),
    feasibilityN: f32(() => 0.5),
    potentialN: f32((row) => (extensive(row) ? Number.NaN : 1e6)),
    unrealisedN: f32((row) => (extensive(row) ? Number.NaN : row.worth)),
    sizeN: f32(() => 1e6),
    actualN: Float64Array.from(rows, ({ actual = 0 }) => actual),
    easeN: f32(() => 1),
    flagN: new Uint8Array(rows.length),
    gradeN: new Uint8Array(rows.length),
  };
}
/** s = ½: 2 s is a factor e, so half as much again is enough */
const noise = () => 0.5;
const compare = (before: AlertCells, now: AlertCells) => compareCells(firstMemory(before), now, AXES, null, noise);
const listed = ({ changes }: ReturnType<typeof compare>) =>
  Array.from(changes.nowR, (now, r) => [now, changes.beforeR[r], changes.markBeforeR[r], changes.markAfterR[r]]);

describe('comparing the cells of two runs', () => {
  it('a cell that rose beyond its noise moves its mark; one that rose within it does not', () => {
    const before = cellsOf([
      { importer: 0, product: 0, score: 90, worth: 100 },
      { importer: 1, product: 0, score: 90, worth: 100 },
    ]);
    const now = cellsOf([
      { importer: 0, product: 0, score: 96, worth: 300 },
      { importer: 1, product: 0, score: 96, worth: 140 },
    ]);
    expect(listed(compare(before, now))).toEqual([[0, 0, 90, 96]]);
    // a tenth of noise: a factor 1.22 is enough
    expect(listed(compareCells(firstMemory(before), now, AXES, null, () => 0.1))).toHaveLength(2);
    expect(listed(compareCells(firstMemory(before), now, AXES, null, () => 0.18))).toHaveLength(1);
  });

  it('a drift in small steps counts once it has added up', () => {
    const at = (worth: number, score: number) => cellsOf([{ importer: 0, product: 0, score, worth }]);
    let memory = firstMemory(at(100, 90));
    const steps = [120, 144, 173].map((worth, step) => {
      const compared = compareCells(memory, at(worth, 92 + step), AXES, null, noise);
      memory = compared.memory;
      return listed(compared);
    });
    expect(steps).toEqual([[], [], [[0, 0, 90, 94]]]);
  });

  it('a cell that appears moves up from 0, one that is gone down to what hysteresis leaves', () => {
    const before = cellsOf([{ importer: 2, product: 1, score: 97, worth: 5 }]);
    const now = cellsOf([{ importer: 1, product: 1, score: 96, worth: 5 }]);
    expect(listed(compare(before, now))).toEqual([
      [0, -1, 0, 96],
      [-1, 0, 97, 5],
    ]);
  });

  it('cells are found again on axes that gained and lost a code', () => {
    const before = cellsOf([
      { importer: 0, product: 0, score: 97, worth: 5 },
      { importer: 1, product: 0, score: 80, worth: 5 },
    ]);
    const now = cellsOf([{ importer: 2, product: 1, score: 80, worth: 5 }]);
    const shift = { importerM: Int32Array.of(-1, 2, 0), productP: Int32Array.of(1, 0) };
    expect(listed(compareCells(firstMemory(before), now, AXES, shift, noise))).toEqual([]);
  });

  it('the same cells change nothing', () => {
    const cells = cellsOf([
      { importer: 0, product: 0, score: 97, worth: 0 },
      { importer: 1, product: 1, score: 40, worth: 3, basis: 1 },
    ]);
    expect(listed(compare(cells, cells))).toEqual([]);
  });

  describe('near where cells come and go by chance, ln(mu / v) = 1.645 s', () => {
    // mu = 1,000,000 and s = ½: the line is at 439,355, two standard deviations beyond it 161,629
    const sold = (actual: number) => cellsOf([{ importer: 0, product: 0, score: 97, worth: 5, actual }]);
    const nothing = cellsOf([]);
    const follow = (...runs: AlertCells[]) => {
      let memory = firstMemory(runs[0]!);
      return runs.slice(1).map((now) => {
        const compared = compareCells(memory, now, AXES, null, noise);
        memory = compared.memory;
        return listed(compared);
      });
    };

    it('a cell that appears there is not new yet, and counts once it is further away', () => {
      expect(follow(nothing, sold(300_000), sold(200_000), sold(161_000))).toEqual([[], [], [[0, 0, 0, 97]]]);
      expect(follow(nothing, sold(161_000))).toEqual([[[0, -1, 0, 97]]]);
    });

    it('one that leaves from there is gone when it is missing a second time', () => {
      expect(follow(sold(300_000), nothing, nothing, nothing)).toEqual([[], [[-1, 0, 97, 5]], []]);
      expect(follow(sold(161_000), nothing)).toEqual([[[-1, 0, 97, 5]]]);
    });

    it('one that trembles there for years says nothing', () => {
      const coming = sold(300_000);
      expect(follow(coming, nothing, coming, nothing, coming, nothing, coming).flat()).toEqual([]);
      expect(follow(nothing, coming, nothing, nothing, coming, nothing).flat()).toEqual([]);
    });

    it('it is found again on axes that gained and lost a code', () => {
      const { memory } = compareCells(firstMemory(sold(300_000)), nothing, AXES, null, noise);
      const shift = { importerM: Int32Array.of(2, 1, 0), productP: Int32Array.of(1, 0) };
      const back = cellsOf([{ importer: 2, product: 1, score: 96, worth: 5, actual: 300_000 }]);
      expect(listed(compareCells(memory, back, AXES, shift, noise))).toEqual([]);
    });
  });

  describe('of the extensive basis, of which only the best 4 are known', () => {
    // products × importers as places; scores 100, 99 … by rank
    const list = (...places: number[]) =>
      cellsOf(
        places.map((place, rank) => ({
          importer: place % 3,
          product: Math.floor(place / 3),
          score: 100 - rank,
          worth: 100 - rank,
          basis: 1,
        })),
      );
    const follow = (...lists: AlertCells[]) => {
      let memory = firstMemory(lists[0]!);
      return lists.slice(1).map((now) => {
        const compared = compareCells(memory, now, AXES, null, noise, 4);
        memory = compared.memory;
        return listed(compared);
      });
    };

    it('a cell that trembles around the end of the list says nothing, and counts once it is in the better half', () => {
      const [came, left, back, better] = follow(
        list(0, 1, 2, 3),
        list(0, 1, 2, 4),
        list(0, 1, 2, 3),
        list(0, 1, 2, 4),
        list(0, 4, 1, 2),
      );
      expect([came, left, back]).toEqual([[], [], []]);
      expect(better).toEqual([[1, 3, 0, 99]]);
    });

    it('a list that is not full hides nothing: a cell that is missing is gone', () => {
      expect(follow(list(0, 1), list(0))).toEqual([[[-1, 1, 99, 5]]]);
    });
  });
});
