import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { type Matrix, matrix } from '../../../lib/core/matrix.ts';
import { exporterRelatedness } from '../../../lib/core/relatedness/exporterRelatedness.ts';
import { importerRelatedness } from '../../../lib/core/relatedness/importerRelatedness.ts';
import { nearNeighbours } from '../../../lib/core/relatedness/neighbours.ts';
import { productRelatedness, relatedProducts } from '../../../lib/core/relatedness/productRelatedness.ts';
import { relatednessOfCells } from '../../../lib/core/relatedness/relatednessOfCells.ts';
import { relatednessShare } from '../../../lib/core/relatedness/shares.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { totals } from '../../../lib/core/trade/totals.ts';
import { exportsMatrix } from '../../../lib/core/trade/tradeMatrix.ts';
import { grid, rowsOf } from '../complexity/fiveBySix.ts';
import { tradeAmong } from '../scoring/world.fixture.ts';

const KINDS = ['product', 'importer', 'exporter'] as const;
type ByKind = Record<(typeof KINDS)[number], Matrix>;

/** The three measures of one exporter, in levels. */
function levels(flows: Flows, phi: Matrix, distanceKm: Matrix, exporter: number): ByKind {
  const near = nearNeighbours(distanceKm);
  return {
    product: productRelatedness(flows, relatedProducts(phi))(exporter),
    importer: importerRelatedness(flows, near)(exporter),
    exporter: exporterRelatedness(flows, near)(exporter),
  };
}

function shares(flows: Flows, of: ByKind, exporter: number): ByKind {
  const share = (kind: (typeof KINDS)[number]) => relatednessShare(kind, of[kind], totals(flows), exporter);
  return { product: share('product'), importer: share('importer'), exporter: share('exporter') };
}

const sum = (n: number, term: (k: number) => number) =>
  Array.from({ length: n }, (_, k) => term(k)).reduce((a, b) => a + b, 0);

/** The equations as the paper writes them, one cell at a time, with the neighbour itself left out. */
function literal(flows: Flows, phi: Matrix, distanceKm: Matrix) {
  const C = flows.countries.codes.length;
  const P = flows.products.codes.length;
  const x = new Map<string, number>();
  for (const [n, value] of flows.valueN.entries())
    x.set(`${flows.exporterN[n]} ${flows.importerN[n]} ${flows.productN[n]}`, value);
  const v = (o: number, d: number, p: number) => x.get(`${o} ${d} ${p}`) ?? 0;
  const near = (a: number, b: number) => {
    const km = distanceKm.data[a * C + b]!;
    return a === b || Number.isNaN(km) ? 0 : 1 / km;
  };
  const weighted = (n: number, weight: (k: number) => number, value: (k: number) => number, whole: number) => {
    const all = sum(n, weight);
    if (all === 0) return { level: 0, share: 0 };
    return {
      level: sum(n, (k) => (weight(k) / all) * value(k)),
      share: whole === 0 ? 0 : sum(n, (k) => ((weight(k) / all) * value(k)) / whole),
    };
  };
  return (o: number, d: number, p: number) => ({
    product: weighted(
      P,
      (q) => (q === p ? 0 : phi.data[p * P + q]!),
      (q) => v(o, d, q),
      sum(P, (q) => v(o, d, q)),
    ),
    importer: weighted(
      C,
      (m) => near(d, m),
      (m) => v(o, m, p),
      sum(C, (m) => v(o, m, p)),
    ),
    exporter: weighted(
      C,
      (e) => near(o, e),
      (e) => v(e, d, p),
      sum(C, (e) => v(e, d, p)),
    ),
  });
}

/** Worlds of up to five countries and six products with gaps, distances of which some are missing, and the proximity of their own exports. */
const anyWorld = fc
  .record({ countries: fc.integer({ min: 2, max: 5 }), products: fc.integer({ min: 1, max: 6 }) })
  .chain(({ countries, products }) => {
    const value = fc.oneof(
      { weight: 2, arbitrary: fc.constant(0) },
      { weight: 3, arbitrary: fc.integer({ min: 1, max: 1_000_000 }) },
    );
    const distance = fc.oneof(
      { weight: 5, arbitrary: fc.integer({ min: 50, max: 19_000 }) },
      { weight: 1, arbitrary: fc.constant(Number.NaN) },
    );
    const many = (arbitrary: fc.Arbitrary<number>, n: number) => fc.array(arbitrary, { minLength: n, maxLength: n });
    return fc
      .record({ values: many(value, countries ** 2 * products), km: many(distance, countries ** 2) })
      .map(({ values, km }) => {
        const flows = tradeAmong(countries, products, (e, m, p) => values[(e * countries + m) * products + p]!);
        const distanceKm = matrix(countries, countries, Float64Array.from(km));
        return { flows, distanceKm, phi: proximity(presence(exportsMatrix(flows)), { diagonal: 1 }) };
      });
  });

/** Calls back with every cell between two countries. */
function eachCell({ countries, products }: Flows, visit: (o: number, d: number, p: number) => void) {
  for (let o = 0; o < countries.codes.length; o++)
    for (let d = 0; d < countries.codes.length; d++)
      for (let p = 0; p < products.codes.length; p++) if (o !== d) visit(o, d, p);
}

const VALUES: Record<string, number> = { AB0: 6, AB1: 9, AC0: 12, AC2: 3, BC0: 30, BC1: 8, CB1: 20 };
const ABC = tradeAmong(3, 3, (e, m, p) => VALUES[`${'ABC'[e]}${'ABC'[m]}${p}`] ?? 0);
const KM = grid([0, 100, 300], [100, 0, 200], [300, 200, 0]);
const PHI = grid([1, 0.5, 0.25], [0.5, 1, 0], [0.25, 0, 1]);

describe('relatedness of A in a world of 3 × 3 × 3, on paper', () => {
  //            A → B   A → C   B → C   C → B        weights of products   0: 1 two thirds, 2 one third;  1: 0;  2: 0
  // product 0      6      12      30       ·        neighbours of A       B 3/4, C 1/4
  // product 1      9       ·       8      20                     of B     A 2/3, C 1/3
  // product 2      ·       3       ·       ·                     of C     A 2/5, B 3/5
  const level = levels(ABC, PHI, KM, 0);
  const close = (rows: readonly (readonly number[])[]) =>
    rows.map((row) => row.map((each) => expect.closeTo(each, 12)));

  test('products: what A sells to each of the related', () => {
    expect(rowsOf(level.product)).toEqual(
      close([
        [0, 0, 0],
        [6, 6, 6], // ⅔·9, 6, 6
        [1, 12, 12], // ⅓·3, 12, 12
      ]),
    );
  });

  test('importers: what A sells of it to the neighbours of each', () => {
    expect(rowsOf(level.importer)).toEqual(
      close([
        [0, 0, 0],
        [4, 0, 1], // ⅓ of what C buys: 12, 0, 3
        [3.6, 5.4, 0], // ⅗ of what B buys: 6, 9, 0
      ]),
    );
  });

  test('exporters: what the neighbours of A sell of it', () => {
    expect(rowsOf(level.exporter)).toEqual(
      close([
        [0, 0, 0],
        [0, 5, 0], // ¼ of what C sells to B
        [22.5, 6, 0], // ¾ of what B sells to C
      ]),
    );
  });

  test('as shares of the pair, of the product, of the market', () => {
    const share = shares(ABC, level, 0);
    expect(rowsOf(share.product).slice(1)).toEqual(
      close([
        [6 / 15, 6 / 15, 6 / 15],
        [1 / 15, 12 / 15, 12 / 15],
      ]),
    );
    expect(rowsOf(share.importer).slice(1)).toEqual(
      close([
        [4 / 18, 0, 1 / 3],
        [3.6 / 18, 5.4 / 9, 0],
      ]),
    );
    // C buys 42 of product 0, B 29 and C 8 of product 1
    expect(rowsOf(share.exporter).slice(1)).toEqual(
      close([
        [0, 5 / 29, 0],
        [22.5 / 42, 6 / 8, 0],
      ]),
    );
  });

  test('of single cells', () => {
    const near = nearNeighbours(KM);
    const cells = { exporterN: [0, 0, 0], importerN: [2, 0, 1], productN: [0, 1, 1] };
    const found = relatednessOfCells(ABC, { products: relatedProducts(PHI), importers: near, exporters: near }, cells);
    const columns = [found.productRelatedN, found.importerRelatedN, found.exporterRelatedN].map((each) => [...each]);
    expect(columns).toEqual(
      close([
        [1, 0, 6],
        [3.6, 0, 0],
        [22.5, 0, 5],
      ]),
    );
  });
});

describe('relatedness of any world', () => {
  test('is its definition, in levels and in shares', () => {
    fc.assert(
      fc.property(anyWorld, ({ flows, phi, distanceKm }) => {
        const expected = literal(flows, phi, distanceKm);
        const P = flows.products.codes.length;
        const found = flows.countries.codes.map((_, o) => {
          const level = levels(flows, phi, distanceKm, o);
          return { level, share: shares(flows, level, o) };
        });
        eachCell(flows, (o, d, p) => {
          for (const kind of KINDS) {
            const { level, share } = expected(o, d, p)[kind];
            expect(Math.abs(found[o]!.level[kind].data[d * P + p]! - level)).toBeLessThanOrEqual(1e-13 * level);
            expect(Math.abs(found[o]!.share[kind].data[d * P + p]! - share)).toBeLessThanOrEqual(1e-13 * share);
          }
        });
      }),
    );
  });

  test('is the same cell by cell', () => {
    fc.assert(
      fc.property(anyWorld, ({ flows, phi, distanceKm }) => {
        const cells = { exporterN: [] as number[], importerN: [] as number[], productN: [] as number[] };
        // last cell first: any order will do
        eachCell(flows, (o, d, p) => {
          cells.exporterN.unshift(o);
          cells.importerN.unshift(d);
          cells.productN.unshift(p);
        });
        const near = nearNeighbours(distanceKm);
        const found = relatednessOfCells(
          flows,
          { products: relatedProducts(phi), importers: near, exporters: near },
          cells,
        );
        const P = flows.products.codes.length;
        const of = flows.countries.codes.map((_, o) => levels(flows, phi, distanceKm, o));
        for (const [n, o] of cells.exporterN.entries()) {
          const at = cells.importerN[n]! * P + cells.productN[n]!;
          for (const kind of KINDS) {
            const level = of[o]![kind].data[at]!;
            expect(Math.abs(found[`${kind}RelatedN`][n]! - level)).toBeLessThanOrEqual(1e-13 * level);
          }
        }
      }),
    );
  });

  test('of a cell does not depend on what the cell itself is worth', () => {
    fc.assert(
      fc.property(anyWorld, fc.nat(), ({ flows, phi, distanceKm }, pick) => {
        fc.pre(flows.valueN.length > 0);
        const n = pick % flows.valueN.length;
        const at = flows.importerN[n]! * flows.products.codes.length + flows.productN[n]!;
        const other = { ...flows, valueN: flows.valueN.with(n, flows.valueN[n]! * 1000) };
        const [one, two] = [flows, other].map((each) => levels(each, phi, distanceKm, flows.exporterN[n]!));
        for (const kind of KINDS) expect(two![kind].data[at]).toBe(one![kind].data[at]);
      }),
    );
  });

  test('scales with the unit in levels, not in shares', () => {
    fc.assert(
      fc.property(anyWorld, fc.constantFrom(1e-3, 1000, 1.7), ({ flows, phi, distanceKm }, unit) => {
        const scaled = { ...flows, valueN: flows.valueN.map((value) => value * unit) };
        for (let o = 0; o < flows.countries.codes.length; o++) {
          const [one, two] = [flows, scaled].map((each) => levels(each, phi, distanceKm, o));
          const [shareOne, shareTwo] = [shares(flows, one!, o), shares(scaled, two!, o)];
          for (const kind of KINDS) {
            for (const [at, level] of one![kind].data.entries()) {
              expect(Math.abs(two![kind].data[at]! / unit - level)).toBeLessThanOrEqual(1e-12 * level);
              const share = shareOne[kind].data[at]!;
              expect(Math.abs(shareTwo[kind].data[at]! - share)).toBeLessThanOrEqual(1e-12 * share);
            }
          }
        }
      }),
    );
  });

  test('does not depend on the order of countries and products', () => {
    fc.assert(
      fc.property(anyWorld, ({ flows, phi, distanceKm }) => {
        const C = flows.countries.codes.length;
        const P = flows.products.codes.length;
        // both axes backwards
        const value = new Map<number, number>();
        for (const [n, each] of flows.valueN.entries())
          value.set((flows.exporterN[n]! * C + flows.importerN[n]!) * P + flows.productN[n]!, each);
        const backwards = tradeAmong(C, P, (e, m, p) => value.get(((C - 1 - e) * C + C - 1 - m) * P + P - 1 - p) ?? 0);
        const turned = ({ rows, cols, data }: Matrix) => matrix(rows, cols, data.toReversed());
        for (let o = 0; o < C; o++) {
          const one = levels(flows, phi, distanceKm, o);
          const two = levels(backwards, turned(phi), turned(distanceKm), C - 1 - o);
          for (const kind of KINDS)
            for (const [at, level] of one[kind].data.entries())
              expect(Math.abs(turned(two[kind]).data[at]! - level)).toBeLessThanOrEqual(1e-13 * level);
        }
      }),
    );
  });

  test('fills the matrices given, whatever they held', () => {
    const near = nearNeighbours(KM);
    for (const fill of [
      productRelatedness(ABC, relatedProducts(PHI)),
      importerRelatedness(ABC, near),
      exporterRelatedness(ABC, near),
    ]) {
      const out = matrix(3, 3, new Float64Array(9).fill(99));
      expect(fill(0, out)).toBe(out);
      expect(out).toEqual(fill(0));
    }
  });
});

describe('edges', () => {
  test('a product unrelated to any other, or outside the universe of φ, is alone', () => {
    const { weightPP, aloneP } = relatedProducts(grid([1, 0, 0.5], [0, 1, Number.NaN], [0.5, Number.NaN, 1]));
    expect([...aloneP]).toEqual([0, 1, 0]);
    expect(rowsOf(weightPP)).toEqual([
      [0, 0, 1],
      [0, 0, 0],
      [1, 0, 0],
    ]);
    expect(rowsOf(productRelatedness(ABC, { weightPP, aloneP })(0))[1]).toEqual([0, 0, 6]);
  });

  test('a proximity that is not symmetric is taken by its rows', () => {
    const related = relatedProducts(grid([0, 1, 0], [0, 0, 1], [1, 0, 0]));
    expect(rowsOf(productRelatedness(ABC, related)(0))[1]).toEqual([9, 0, 6]);
  });

  test('nothing trades: everything is 0', () => {
    const empty = tradeAmong(2, 2, () => 0);
    const level = levels(empty, matrix(2, 2), matrix(2, 2, new Float64Array(4).fill(100)), 0);
    for (const kind of KINDS) expect(level[kind].data).toEqual(new Float64Array(4));
    for (const kind of KINDS) expect(shares(empty, level, 0)[kind].data).toEqual(new Float64Array(4));
  });

  test('weights of another world: both sizes named', () => {
    expect(() => productRelatedness(ABC, relatedProducts(matrix(2, 2)))).toThrow('weights of 2 products, expected 3');
    expect(() => importerRelatedness(ABC, nearNeighbours(matrix(2, 2)))).toThrow('weights of 2 countries, expected 3');
    expect(() => exporterRelatedness(ABC, nearNeighbours(matrix(2, 2)))).toThrow('weights of 2 countries, expected 3');
    expect(() => relatedProducts(matrix(2, 3))).toThrow('proximity is 2×3');
  });
});
