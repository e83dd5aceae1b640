import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlertCells, NO_RIVAL } from '../../../lib/core/alerts/cells.ts';
import { compareMarkets, firstMarkets } from '../../../lib/core/alerts/compareMarkets.ts';
import { markets } from '../../../lib/core/alerts/markets.ts';
import { axis } from '../../../lib/core/labels.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';

const COUNTRIES = axis(['AAA', 'BBB', 'CCC', 'DDD']);
const PRODUCTS = axis(['01', '02']);

/** rows of exporter, importer, product, value */
const flowsOf = (rows: readonly (readonly [number, number, number, number])[]): Flows =>
  sortFlows(COUNTRIES, PRODUCTS, {
    exporterN: rows.map(([e]) => e),
    importerN: rows.map(([, m]) => m),
    productN: rows.map(([, , p]) => p),
    valueN: rows.map(([, , , value]) => value),
  });

/** one cell: importer DDD, product 01 */
const CELL = {
  importerN: Uint16Array.of(3),
  productN: Uint16Array.of(0),
} as AlertCells;

const SEEN = { beforeN: Int32Array.of(0), lingering: new Int32Array() };

/** What DDD buys of 01 from AAA, BBB and CCC, in USD, run after run; what is said to AAA after each. */
function followed(...runs: [number, number, number][]) {
  let memory = firstMarkets(0, CELL, null);
  return runs.map((bought) => {
    const known = markets(flowsOf(bought.flatMap((value, e) => (value > 0 ? [[e, 3, 0, value] as const] : []))));
    const compared = compareMarkets(0, memory, CELL, SEEN, null, known);
    memory = compared.memory;
    const { factorOf, rivalOf } = compared.changes;
    return { factor: factorOf.get(0), rival: rivalOf.get(0) };
  });
}
const NOTHING = { factor: undefined, rival: undefined };

describe('markets', () => {
  it('the largest supplier beside the exporter, and any flow, as a look through all of them finds it', () => {
    const rows = fc.uniqueArray(
      fc.tuple(fc.nat(3), fc.nat(3), fc.nat(1), fc.integer({ min: 1, max: 9 })).filter(([e, m]) => e !== m),
      { selector: ([e, m, p]) => `${e} ${m} ${p}`, maxLength: 20 },
    );
    fc.assert(
      fc.property(rows, fc.nat(3), fc.nat(3), fc.nat(1), (all, e, m, p) => {
        const known = markets(flowsOf(all));
        const sellers = all.filter(([, importer, product]) => importer === m && product === p);
        const [rival] = sellers
          .filter(([seller]) => seller !== e)
          .sort(([a, , , x], [b, , , y]) => y - x || a - b)
          .map(([seller]) => seller);
        expect(known.rivalOf(e, m, p)).toBe(rival ?? NO_RIVAL);
        expect(known.valueOf(e, m, p)).toBe(sellers.find(([seller]) => seller === e)?.[3] ?? 0);
        expect(known.importsMP.data[m * 2 + p]).toBe(sellers.reduce((sum, [, , , value]) => sum + value, 0));
      }),
    );
  });
});

describe('comparing markets', () => {
  it('imports that grow by less than a quarter are waited for until they have grown by more', () => {
    expect(followed([0, 100, 0], [0, 120, 0], [0, 126, 0], [0, 130, 0])).toEqual([
      NOTHING,
      NOTHING,
      { factor: 1.26, rival: undefined },
      NOTHING,
    ]);
  });

  it('imports that fall to less than four fifths', () => {
    expect(followed([0, 100, 0], [0, 81, 0], [0, 79, 0]).map(({ factor }) => factor)).toEqual([
      undefined,
      undefined,
      0.79,
    ]);
  });

  it('another supplier leads only when it is 5 points ahead; the exporter is no competitor of itself', () => {
    const [first, level, ahead, back] = followed([900, 60, 40], [900, 45, 55], [850, 45, 105], [850, 77, 73]);
    expect([first, level]).toEqual([NOTHING, NOTHING]);
    expect(ahead).toEqual({ factor: undefined, rival: { rival: 2, before: 1, share: 0.105 } });
    expect(back).toEqual(NOTHING);
  });

  it('where nobody else sells there is no rival to compare with, and one that stops is remembered', () => {
    const [first, nobody, again] = followed([10, 90, 0], [100, 0, 0], [10, 0, 90]);
    expect([first, nobody]).toEqual([NOTHING, NOTHING]);
    expect(again?.rival).toEqual({ rival: 2, before: 1, share: 0.9 });
  });

  it('without flows nothing changes and nothing is forgotten', () => {
    const before = { marketN: Float32Array.of(7), rivalN: Uint16Array.of(2) };
    const { changes, memory } = compareMarkets(0, before, CELL, SEEN, null, null);
    expect([changes.factorOf.size, changes.rivalOf.size]).toEqual([0, 0]);
    expect(memory).toEqual(before);
  });

  it('a supplier is found again on another axis', () => {
    const before = { marketN: Float32Array.of(100), rivalN: Uint16Array.of(0) };
    const known = markets(flowsOf([[1, 3, 0, 100]]));
    const shift = { importerM: Int32Array.of(1, 0, 2, 3), productP: Int32Array.of(0, 1) };
    expect(compareMarkets(0, before, CELL, SEEN, shift, known).changes.rivalOf.size).toBe(0);
  });
});
