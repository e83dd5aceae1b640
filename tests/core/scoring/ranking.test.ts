import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { percentile, rankOrder, setPercentilesWithin } from '../../../lib/core/scoring/ranking.ts';

describe('rankOrder', () => {
  it('opportunity, then what is missing, then product, then importer', () => {
    const order = rankOrder({
      opportunityN: Float64Array.of(0, 7, 7, 0, 9, 7, 7),
      potentialN: Float64Array.of(1, 4, 6, 5, Number.NaN, 2, 3),
      actualN: Float64Array.of(0, 2, 3, 0, 0, 0, 1),
      productN: Uint16Array.of(0, 4, 0, 0, 0, 3, 3),
      importerN: Uint16Array.of(0, 0, 0, 0, 0, 8, 2),
    });
    expect([...order]).toEqual([4, 2, 6, 5, 1, 3, 0]);
  });

  it('is a sort by comparison, over any sizes and with ties', () => {
    const size = fc.oneof(fc.double({ min: 0, max: 1e12, noNaN: true }), fc.constantFrom(0, 1, 5e-324, 1e300));
    const cell = fc.record({ opportunity: size, unrealised: size, product: fc.nat(3), importer: fc.nat(300) });
    const cells = fc.uniqueArray(cell, {
      selector: ({ product, importer }) => product * 1000 + importer,
      maxLength: 200,
    });
    fc.assert(
      fc.property(cells, (drawn) => {
        const order = rankOrder({
          opportunityN: Float64Array.from(drawn, ({ opportunity }) => opportunity),
          potentialN: Float64Array.from(drawn, ({ unrealised }) => unrealised),
          actualN: new Float64Array(drawn.length),
          productN: Uint16Array.from(drawn, ({ product }) => product),
          importerN: Uint16Array.from(drawn, ({ importer }) => importer),
        });
        const expected = drawn.toSorted(
          (x, y) =>
            y.opportunity - x.opportunity ||
            y.unrealised - x.unrealised ||
            x.product - y.product ||
            x.importer - y.importer,
        );
        expect(Array.from(order, (n) => drawn[n])).toEqual(expected);
      }),
    );
  });
});

describe('many cells', () => {
  /** Ties of a few, of some hundreds and of thousands. */
  const random = pseudoRandom(3);
  const cells = 9_000;
  const drawn = Array.from({ length: cells }, (_, n) => ({
    opportunity: n < 3_000 ? 0 : n < 4_000 ? 5 + Math.floor(5 * random()) : Math.floor(2_500 * random()) / 7,
    unrealised: Math.floor(random() * 40),
    product: Math.floor(random() * 1_000),
    importer: n % 200,
    group: Math.floor(3 * random() ** 2),
  }));
  const candidates = {
    opportunityN: Float64Array.from(drawn, ({ opportunity }) => opportunity),
    potentialN: Float64Array.from(drawn, ({ unrealised }) => unrealised),
    actualN: new Float64Array(cells),
    productN: Uint16Array.from(drawn, ({ product }) => product),
    importerN: Uint16Array.from(drawn, ({ importer }) => importer),
  };
  const before = (x: number, y: number) =>
    drawn[y]!.opportunity - drawn[x]!.opportunity ||
    drawn[y]!.unrealised - drawn[x]!.unrealised ||
    drawn[x]!.product - drawn[y]!.product ||
    drawn[x]!.importer - drawn[y]!.importer;
  const expected = Uint32Array.from(drawn.keys()).sort(before);

  it('are ranked as by comparison, however many tie', () => {
    const key = (n: number) => Object.values({ ...drawn[n], group: 0 }).join();
    expect(Array.from(rankOrder(candidates), key)).toEqual(Array.from(expected, key));
  });

  it('have percentiles within their group as if each group were ranked alone, all or the best of them', () => {
    const scoreN = new Float64Array(cells);
    const groupN = Uint8Array.from(drawn, ({ group }) => group);
    for (const ranked of [1, 7, 100, 5_000, Number.POSITIVE_INFINITY]) {
      scoreN.fill(-1);
      setPercentilesWithin(groupN, 4, candidates, scoreN, ranked);
      for (const group of [0, 1, 2]) {
        const own = expected.filter((n) => drawn[n]!.group === group);
        expect(Array.from(own, (n) => scoreN[n])).toEqual(
          Array.from(own, (_, rank) => (rank < ranked ? percentile(rank, own.length) : 0)),
        );
      }
    }
  });
});

describe('percentile', () => {
  it('100 for the best, the share that ranks no higher for the others', () => {
    expect([0, 1, 2, 3].map((rank) => percentile(rank, 4))).toEqual([100, 75, 50, 25]);
    expect(percentile(0, 1)).toBe(100);
  });
});
