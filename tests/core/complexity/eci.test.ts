import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eci } from '../../../lib/core/complexity/eci.ts';
import { margins } from '../../../lib/core/complexity/margins.ts';
import { correlation } from '../../../lib/core/complexity/moments.ts';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { transposed } from '../../../lib/core/complexity/transposed.ts';
import { anyExports, anyExportsAndOrder, difference, exporterOperator, permuted } from './definitions.ts';
import { grid, PRESENCE, rowsOf } from './fiveBySix.ts';

/** Half a unit of the tenth decimal: the digits that the hand-worked case prints. */
const PRINTED = 5.1e-11;

describe('eci of five exporters and six products, worked out by hand', () => {
  test('eigenvalues', () => {
    const known = [1, 0.772512527, 0.4120362428, 0.25, 0.0654512302];
    expect(difference(eci(PRESENCE).eigenvalues, known)).toBeLessThan(PRINTED);
  });

  test('py: ECI with the population deviation, PCI by the moments of ECI', () => {
    const { eciE, pciP, instabilities } = eci(PRESENCE);
    expect(difference(eciE, [-0.7698099098, 0.1745598793, 1.0409143542, -1.486578678, 1.0409143542])).toBeLessThan(
      PRINTED,
    );
    expect(
      difference(pciP, [-1.486578678, -0.4114255257, 0.7605452843, 1.3212834242, -0.4114255257, 0.7605452843]),
    ).toBeLessThan(PRINTED);
    expect(instabilities).toEqual([]);
  });

  test('stata: the same with the sample deviation', () => {
    const { eciE, pciP } = eci(PRESENCE, { normalisation: 'stata' });
    const sample = [-0.6885389152, 0.1561311025, 0.9310221019, -1.3296363911, 0.9310221019];
    expect(difference(eciE, sample)).toBeLessThan(PRINTED);
    const pciByEci = eci(PRESENCE).pciP.map((pci) => pci * Math.sqrt(4 / 5));
    expect(difference(pciP, pciByEci)).toBeLessThan(1e-14);
  });

  test.each(['r', 'datawheel'] as const)('%s: PCI by its own moments', (normalisation) => {
    const { eciE, pciP } = eci(PRESENCE, { normalisation });
    const sample = [-0.6885389152, 0.1561311025, 0.9310221019, -1.3296363911, 0.9310221019];
    expect(difference(eciE, sample)).toBeLessThan(PRINTED);
    // the fixture prints PCI with the population deviation
    const ownPopulation = [-1.6600412129, -0.5271254713, 0.7078094554, 1.2986732446, -0.5271254713, 0.7078094554];
    expect(
      difference(
        pciP.map((pci) => pci * Math.sqrt(6 / 5)),
        ownPopulation,
      ),
    ).toBeLessThan(1.2 * PRINTED);
  });
});

describe('eci', () => {
  const anyPresence = anyExports.map((x) => presence(x));
  const identified = (m: typeof PRESENCE) => {
    const result = eci(m);
    const [, second = 0, third = 0] = result.eigenvalues;
    fc.pre(result.instabilities.length === 0 && second - third > 1e-3 && second < 1 - 1e-3);
    fc.pre(Math.abs(correlation(margins(m).rows, result.eciE)) > 1e-3);
    return result;
  };

  test('is the mean PCI of the basket', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        const { eciE, pciP } = identified(m);
        const means = rowsOf(m).map((basket) => {
          const products = [...pciP].filter((_, p) => basket[p] === 1);
          return products.reduce((sum, pci) => sum + pci, 0) / products.length;
        });
        expect(difference(eciE, means)).toBeLessThan(1e-9);
      }),
    );
  });

  test('solves D⁻¹ M U⁻¹ Mᵀ kc = λ₂ kc, up to the constant that the mean took away', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        const { eciE, eigenvalues, residual } = identified(m);
        const left = rowsOf(exporterOperator(m)).map(
          (row, e) => row.reduce((sum, element, f) => sum + element * eciE[f]!, 0) - eigenvalues[1]! * eciE[e]!,
        );
        expect(
          difference(
            left,
            left.map(() => left[0]!),
          ),
        ).toBeLessThan(1e-9);
        expect(residual).toBeLessThan(1e-14 * m.rows);
      }),
    );
  });

  test('belongs to the largest eigenvalue below the trivial one: nothing else varies more smoothly', () => {
    fc.assert(
      fc.property(anyPresence, fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })), (m, draws) => {
        const { rows: diversityE, total } = margins(m);
        const draw = Float64Array.from(diversityE, () => draws.next().value as number);
        const mean = draw.reduce((sum, value, e) => sum + diversityE[e]! * value, 0) / total;
        const x = draw.map((value) => value - mean);
        const image = rowsOf(exporterOperator(m)).map((row) => row.reduce((sum, a, f) => sum + a * x[f]!, 0));
        const quotient =
          image.reduce((sum, value, e) => sum + diversityE[e]! * x[e]! * value, 0) /
          x.reduce((sum, value, e) => sum + diversityE[e]! * value * value, 0);
        fc.pre(Number.isFinite(quotient));
        expect(quotient).toBeLessThanOrEqual((eci(m).eigenvalues[1] ?? 0) + 1e-12);
      }),
    );
  });

  test('has the eigenvalues of the operator: their sum is its trace', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        const trace = exporterOperator(m).data.filter((_, at) => at % (m.rows + 1) === 0);
        const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
        const { eigenvalues } = eci(m);
        expect(Math.abs(sum(eigenvalues) - sum(trace))).toBeLessThan(1e-12);
        expect(eigenvalues.every((value) => value >= 0 && value < 1 + 1e-12)).toBe(true);
      }),
    );
  });

  test('is the same from the side of the exporters and of the products', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        fc.pre(m.rows !== m.cols);
        const { eigenvalues } = identified(m);
        const turned = eci(transposed(m));
        expect(difference(turned.eigenvalues, eigenvalues)).toBeLessThan(1e-12);
        const own = eci(m, { normalisation: 'r' });
        const otherSide = eci(transposed(m), { normalisation: 'r' });
        const sign = Math.sign(correlation(own.pciP, otherSide.eciE));
        expect(
          difference(
            own.pciP,
            otherSide.eciE.map((value) => sign * value),
          ),
        ).toBeLessThan(1e-9);
        expect(
          difference(
            own.eciE,
            otherSide.pciP.map((value) => sign * value),
          ),
        ).toBeLessThan(1e-9);
      }),
    );
  });

  test('follows its exporters and products into another order', () => {
    fc.assert(
      fc.property(anyExportsAndOrder, ({ exports: x, rowTo, colTo }) => {
        const m = presence(x);
        const { eciE, pciP } = identified(m);
        const moved = eci(permuted(m, rowTo, colTo));
        expect(
          difference(
            eciE,
            rowTo.map((to) => moved.eciE[to]!),
          ),
        ).toBeLessThan(1e-9);
        expect(
          difference(
            pciP,
            colTo.map((to) => moved.pciP[to]!),
          ),
        ).toBeLessThan(1e-9);
      }),
    );
  });

  test('correlates positively with diversity', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        expect(correlation(margins(m).rows, identified(m).eciE)).toBeGreaterThan(0);
      }),
    );
  });

  /** PCI less what the exporters' mean ECI says, PCI[p] − mean ECI over the exporters of p / λ₂: one constant for all products. */
  const beyondExporters = (m: typeof PRESENCE) => {
    const { eciE, pciP, eigenvalues } = eci(m);
    const rows = rowsOf(m);
    return [...pciP].map((pci, p) => {
      const exporters = [...eciE].filter((_, e) => rows[e]![p] === 1);
      return pci - exporters.reduce((sum, value) => sum + value, 0) / exporters.length / eigenvalues[1]!;
    });
  };

  test('of products differs as the mean ECI of their exporters, over λ₂', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        fc.pre(identified(m).eigenvalues[1]! > 1e-3);
        const rest = beyondExporters(m);
        expect(
          difference(
            rest,
            rest.map(() => rest[0]!),
          ),
        ).toBeLessThan(1e-8);
      }),
    );
  });

  test('takes a product that everybody exports like any other', () => {
    const everywhere = grid([1, 1, 0, 1], [1, 1, 1, 0], [1, 0, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0]);
    expect(eci(everywhere).instabilities).toEqual([]);
    const rest = beyondExporters(everywhere);
    expect(
      difference(
        rest,
        rest.map(() => rest[0]!),
      ),
    ).toBeLessThan(1e-12);
  });

  test('refuses an exporter without products', () => {
    expect(() => eci(grid([1, 1], [0, 0]))).toThrow(RangeError);
  });
});

describe('an eci that is not identified says why', () => {
  test.each([
    [
      'the graph falls apart',
      grid([1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]),
      ['disconnected'],
    ],
    ['it falls into three', grid([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]), ['disconnected', 'tied']],
    ['two vectors do equally well', grid([1, 1, 0], [0, 1, 1], [1, 0, 1]), ['tied', 'sign']],
    ['every basket is equally long', grid([1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]), ['sign']],
    ['the long basket is in the middle', grid([1, 0], [1, 1], [0, 1]), ['sign']],
  ])('%s', (_, m, expected) => {
    const { instabilities, eciE } = eci(m);
    expect(instabilities).toEqual(expect.arrayContaining(expected));
    expect(eciE.every(Number.isFinite)).toBe(true);
  });

  test.each([
    ['all baskets are alike', grid([1, 1, 1], [1, 1, 1])],
    ['there is one exporter', grid([1, 1, 1])],
    ['there is one product', grid([1], [1])],
  ])('%s: NaN, degenerate', (_, m) => {
    const { instabilities, eciE, pciP } = eci(m);
    expect(instabilities).toEqual(['degenerate']);
    expect([...eciE, ...pciP].every(Number.isNaN)).toBe(true);
  });

  test.each([
    ['', grid([1, 0], [1, 1], [0, 1])],
    [' four in a chain', grid([1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1])],
    [' the long basket last but one', grid([1, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 0])],
  ])('with a sign that is at least always the same: who stands out first is positive%s', (_, m) => {
    const { eciE, instabilities } = eci(m);
    expect(instabilities).toEqual(['sign']);
    const furthest = Math.max(...eciE.map(Math.abs));
    expect(eciE.find((value) => Math.abs(value) > furthest - 1e-9)).toBeGreaterThan(0);
  });
});
