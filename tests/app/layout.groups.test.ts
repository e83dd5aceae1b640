import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupRows, planPages } from '../../lib/app/layout/groups.ts';

describe('planPages', () => {
  it('lets small neighbours share and gives a large group pages of its own', () => {
    expect(planPages([3, 0, 4, 2, 25, 1, 9], 10)).toEqual([
      {
        sequence: 0,
        pages: 1,
        stretches: [
          { group: 0, from: 0, to: 3 },
          { group: 2, from: 0, to: 4 },
          { group: 3, from: 0, to: 2 },
        ],
      },
      { sequence: 0, pages: 3, stretches: [{ group: 4, from: 0, to: 10 }] },
      { sequence: 1, pages: 3, stretches: [{ group: 4, from: 10, to: 20 }] },
      { sequence: 2, pages: 3, stretches: [{ group: 4, from: 20, to: 25 }] },
      {
        sequence: 0,
        pages: 1,
        stretches: [
          { group: 5, from: 0, to: 1 },
          { group: 6, from: 0, to: 9 },
        ],
      },
    ]);
  });

  it('cuts a large group where it is told to', () => {
    const plans = planPages([12], 5, (_, from) => from + 4);
    expect(plans.map(({ stretches }) => stretches[0]?.to)).toEqual([4, 8, 12]);
  });

  it('holds every row once, fills no shared page beyond its capacity, and a group starts on the last page at or before it', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 20 }), (sizes, capacity) => {
        const plans = planPages(sizes, capacity);
        const rows = plans.flatMap(({ stretches }) =>
          stretches.flatMap(({ group, from, to }) =>
            Array.from({ length: to - from }, (_, n) => `${group}:${from + n}`),
          ),
        );
        expect(rows).toEqual(sizes.flatMap((size, group) => Array.from({ length: size }, (_, n) => `${group}:${n}`)));
        for (const { stretches } of plans) {
          expect(stretches.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThanOrEqual(capacity);
        }
        // keys as (first group, sequence)
        for (const [group, size] of sizes.entries()) {
          if (size === 0) continue;
          const page = plans.findLast(
            ({ stretches: [first], sequence }) => first!.group < group || (first!.group === group && sequence === 0),
          );
          expect(page?.stretches.some((each) => each.group === group && each.from === 0)).toBe(true);
        }
      }),
    );
  });
});

describe('groupRows', () => {
  it('is a stable sort by group', () => {
    const { start, rows } = groupRows([2, 0, 2, 1, 0], 4);
    expect([...start]).toEqual([0, 2, 3, 5, 5]);
    expect([...rows]).toEqual([1, 4, 3, 0, 2]);
  });
});
