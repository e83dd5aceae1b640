import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { density } from '../../../lib/core/complexity/density.ts';
import { eci } from '../../../lib/core/complexity/eci.ts';
import { outlookGain, outlookIndex } from '../../../lib/core/complexity/outlook.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { minimumProximitySums, sumsOver } from '../../../lib/core/complexity/proximitySums.ts';
import { anyPresence, densityByShares, difference, gainByNeighbours, proximityByProbabilities } from './definitions.ts';
import { grid, PRESENCE, rowsOf } from './fiveBySix.ts';

const PRINTED = 5.1e-11;
const sums = minimumProximitySums(PRESENCE, 0);
const { pciP } = eci(PRESENCE);

describe('outlook of five exporters and six products, worked out by hand', () => {
  test('index', () => {
    const index = outlookIndex(density(PRESENCE, sums), PRESENCE, pciP);
    const known = [0.7605452843, -0.1652952538, 0.2157024319, -0.1645702103, 0.2157024319];
    expect(difference(index, known)).toBeLessThan(PRINTED);
  });

  test('gain', () => {
    const gain = rowsOf(outlookGain(PRESENCE, pciP, sums));
    expect(difference(gain[0]!, [0, 0, 0.8507780331, 0.3802726421, 0, 0.8507780331])).toBeLessThan(PRINTED);
  });

  test('gain of the book: what the product gave from outside, density times PCI, is taken off', () => {
    const book = rowsOf(outlookGain(PRESENCE, pciP, sums, 'book'))[0]!;
    // density of exporter 1 around products 3 and 6 is 1/2, around product 4 it is 0
    const known = [0, 0, 0.8507780331 - 0.7605452843 / 2, 0.3802726421, 0, 0.8507780331 - 0.7605452843 / 2];
    expect(difference(book, known)).toBeLessThan(2 * PRINTED);
  });
});

describe('outlook', () => {
  const withWeights = anyPresence.chain((m) =>
    fc.record({
      m: fc.constant(m),
      weightP: fc
        .array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: m.cols, maxLength: m.cols })
        .map((values) => Float64Array.from(values)),
      diagonal: fc.constantFrom(0 as const, 1 as const),
    }),
  );

  test('gain is the sum over absent neighbours that the definition writes', () => {
    fc.assert(
      fc.property(withWeights, ({ m, weightP, diagonal }) => {
        const phi = proximity(m, { diagonal });
        const literal = gainByNeighbours(m, proximityByProbabilities(m, diagonal), weightP);
        expect(difference(outlookGain(m, weightP, minimumProximitySums(m, diagonal)).data, literal.data)).toBeLessThan(
          1e-13,
        );
        expect(difference(outlookGain(m, weightP, sumsOver(phi)).data, literal.data)).toBeLessThan(1e-13);
      }),
    );
  });

  test('gain of Datawheel divides by the proximity around the product and takes density times PCI off everywhere', () => {
    fc.assert(
      fc.property(withWeights, ({ m, weightP }) => {
        const phi = proximityByProbabilities(m, 0);
        const shareEP = rowsOf(densityByShares(m, phi));
        const around = rowsOf(phi).map((row) => row.reduce((sum, value) => sum + value, 0));
        const literal = rowsOf(m).flatMap((basket, e) =>
          around.map((total, p) => {
            const absent = rowsOf(phi).reduce((sum, row, q) => sum + (1 - basket[q]!) * weightP[q]! * row[p]!, 0);
            return (total > 0 ? absent / total : 0) - shareEP[e]![p]! * weightP[p]!;
          }),
        );
        const gain = outlookGain(m, weightP, minimumProximitySums(m, 0), 'datawheel');
        expect(difference(gain.data, literal)).toBeLessThan(1e-13);
      }),
    );
  });

  test('index adds what lies outside the basket only', () => {
    fc.assert(
      fc.property(withWeights, ({ m, weightP, diagonal }) => {
        const densityEP = densityByShares(m, proximityByProbabilities(m, diagonal));
        const literal = rowsOf(m).map((basket, e) =>
          basket.reduce((sum, present, p) => sum + (1 - present) * rowsOf(densityEP)[e]![p]! * weightP[p]!, 0),
        );
        expect(difference(outlookIndex(densityEP, m, weightP), literal)).toBeLessThan(1e-13);
      }),
    );
  });

  test('of an exporter of everything is nothing: no product is left to take up', () => {
    const m = grid([1, 1, 1], [1, 0, 0], [0, 1, 1]);
    const own = minimumProximitySums(m, 0);
    const pci = Float64Array.of(-1, 0.5, 2);
    expect(outlookIndex(density(m, own), m, pci)[0]).toBe(0);
    expect(rowsOf(outlookGain(m, pci, own))[0]).toEqual([0, 0, 0]);
  });
});
