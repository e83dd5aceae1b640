import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { complexity } from '../../lib/core/complexity/complexity.ts';
import { continuousProximity } from '../../lib/core/complexity/continuousProximity.ts';
import { CONVENTIONS } from '../../lib/core/complexity/conventions.ts';
import { density } from '../../lib/core/complexity/density.ts';
import { fitness } from '../../lib/core/complexity/fitness.ts';
import { moments, standardise } from '../../lib/core/complexity/moments.ts';
import { outlookGain } from '../../lib/core/complexity/outlook.ts';
import { proximity } from '../../lib/core/complexity/proximity.ts';
import { sumsOver } from '../../lib/core/complexity/proximitySums.ts';
import { reflections } from '../../lib/core/complexity/reflections.ts';
import { transposed } from '../../lib/core/complexity/transposed.ts';
import { largestError, mirrored, readMatrix, readReference, readRows, readVector } from './complexityReferences.ts';

/**
 * The numbers of py-ecomplexity 0.5.2 and of R's economiccomplexity 2.0.0, each reproduced by its named convention. Errors
 * are relative to the expected number, or to a hundredth where it is smaller: complexity and gains pass through 0.
 */
const WITHIN = 1e-9;
const UNIT = 0.01;

const folders = [
  { name: 'ec_toy', at: new URL('./ec_toy/', import.meta.url), iterations: 40 },
  { name: 'ec_synth60', at: new URL('./ec_synth60/', import.meta.url), iterations: 20 },
  { name: 'ec_world9800', at: new URL('../../../shared/golden/ec_world9800/', import.meta.url), iterations: 20 },
];

for (const { name, at: folder, iterations } of folders) {
  if (!existsSync(folder)) {
    test.skip(`${name} (its data may not be distributed, and ../shared is not here)`);
    continue;
  }

  describe(name, () => {
    const { exporters, products, exports } = readReference(folder);
    const country = (file: string, column: string) => readVector(folder, file, 'country', column, exporters);
    const product = (file: string, column: string) => readVector(folder, file, 'product', column, products);
    const cells = (file: string, column: string) =>
      readMatrix(folder, file, ['country', 'product'], column, exporters, products).data;

    describe('py', () => {
      const ours = complexity(exports, CONVENTIONS.py);

      test('presence, diversity and ubiquity, to the unit', () => {
        expect(ours.presence.data).toEqual(cells('py_cells', 'mcp'));
        expect(ours.diversity).toEqual(country('py_country', 'diversity'));
        expect(ours.ubiquity).toEqual(product('py_product', 'ubiquity'));
        expect(ours.dropped).toEqual({ exporters: [], products: [] });
      });

      test('rca', () => {
        expect(largestError(ours.rca.data, cells('py_cells', 'rca'), UNIT)).toBeLessThan(WITHIN);
      });

      test('proximity', () => {
        const upper = readMatrix(
          folder,
          'py_proximity_upper',
          ['product_1', 'product_2'],
          'proximity',
          products,
          products,
        );
        for (const diagonal of [0, 1] as const) {
          const phi = proximity(ours.presence, { diagonal });
          expect(largestError(phi.data, mirrored(upper, diagonal).data, UNIT)).toBeLessThan(WITHIN);
        }
      });

      test('density, with the proximity matrix and without', () => {
        const expected = cells('py_cells', 'density');
        expect(largestError(ours.density.data, expected, UNIT)).toBeLessThan(WITHIN);
        const overMatrix = density(ours.presence, sumsOver(proximity(ours.presence, { diagonal: 1 })));
        expect(largestError(overMatrix.data, expected, UNIT)).toBeLessThan(WITHIN);
      });

      test('eci and pci', () => {
        expect(largestError(ours.eci, country('py_country', 'eci'), UNIT)).toBeLessThan(WITHIN);
        expect(largestError(ours.pci, product('py_product', 'pci'), UNIT)).toBeLessThan(WITHIN);
        expect(ours.residual).toBeLessThan(1e-14);
        expect(ours.unstable).toBe(false);
      });

      test('outlook index and gain', () => {
        expect(largestError(ours.outlookIndex, country('py_country', 'coi'), UNIT)).toBeLessThan(WITHIN);
        expect(largestError(ours.outlookGain.data, cells('py_cells', 'cog'), UNIT)).toBeLessThan(WITHIN);
      });
    });

    describe('r', () => {
      const ours = complexity(exports, CONVENTIONS.r);

      test('eci and pci', () => {
        expect(largestError(ours.eci, country('r_country', 'eigenvalues'), UNIT)).toBeLessThan(WITHIN);
        expect(largestError(ours.pci, product('r_product', 'eigenvalues'), UNIT)).toBeLessThan(WITHIN);
      });

      test('density', () => {
        expect(largestError(ours.density.data, cells('r_cells', 'density'), UNIT)).toBeLessThan(WITHIN);
      });

      test('outlook index and gain, the gain over the proximity matrix too', () => {
        const expected = cells('r_cells', 'cog');
        expect(largestError(ours.outlookIndex, country('r_country', 'coi_eigen'), UNIT)).toBeLessThan(WITHIN);
        expect(largestError(ours.outlookGain.data, expected, UNIT)).toBeLessThan(WITHIN);
        const overMatrix = outlookGain(ours.presence, ours.pci, sumsOver(proximity(ours.presence, { diagonal: 1 })));
        expect(largestError(overMatrix.data, expected, UNIT)).toBeLessThan(WITHIN);
      });

      test('proximity of exporters', () => {
        const upper = readMatrix(folder, 'r_proximity_country_upper', ['a', 'b'], 'proximity', exporters, exporters);
        const phi = proximity(transposed(ours.presence));
        expect(largestError(phi.data, mirrored(upper, 0).data, UNIT)).toBeLessThan(WITHIN);
      });

      test('fitness and complexity after 20 iterations', () => {
        const { fitnessE, complexityP } = fitness(ours.presence);
        expect(largestError(fitnessE, country('r_country', 'fitness'), 1e-6)).toBeLessThan(1e-12);
        expect(largestError(complexityP, product('r_product', 'fitness'), 1e-6)).toBeLessThan(1e-12);
        if (name === 'ec_world9800') {
          const shipped = country('shipped_fitness_country', 'fitness_shipped');
          expect(largestError(fitnessE, shipped, 1e-6)).toBeLessThan(1e-12);
          const shippedP = product('shipped_fitness_product', 'fitness_shipped');
          expect(largestError(complexityP, shippedP, 1e-6)).toBeLessThan(1e-12);
        }
      });

      test('method of reflections, as far as R’s own rounding goes', () => {
        // R keeps the constant that the sequence converges to: its z-scores carry an error of up to 6e-8 where
        // extended precision agrees with ours to 1e-11
        const { kcE, kpP } = reflections(ours.presence, iterations);
        const own = (values: Float64Array) => standardise(values, moments(values, 'sample'));
        expect(largestError(own(kcE), country('r_country', 'reflections'), 1)).toBeLessThan(1e-7);
        expect(largestError(own(kpP), product('r_product', 'reflections'), 1)).toBeLessThan(1e-7);
      });
    });
  });
}

test('proximity on ec_toy, conditional and continuous', () => {
  const folder = new URL('./ec_toy/', import.meta.url);
  const { exports, products } = readReference(folder);
  const read = (file: string) => readMatrix(folder, file, ['product_1', 'product_2'], 'proximity', products, products);
  const { presence, rca } = complexity(exports, CONVENTIONS.py);
  const conditional = proximity(presence, { proximity: 'conditional' });
  expect(largestError(conditional.data, read('py_proximity_asymmetric').data, UNIT)).toBeLessThan(WITHIN);
  const continuous = continuousProximity(rca);
  const expected = mirrored(read('py_proximity_continuous_upper'), 0);
  expect(largestError(continuous.data, expected.data, UNIT)).toBeLessThan(WITHIN);
});

test('the two conventions disagree on the sign of ECI where diversity and reflections do', () => {
  const { exports } = readReference(new URL('./ec_toy/', import.meta.url));
  const [py, r] = [complexity(exports, CONVENTIONS.py), complexity(exports, CONVENTIONS.r)];
  const inSample = py.eci.map((eci) => -eci * Math.sqrt(4 / 5));
  expect(largestError(r.eci, inSample, UNIT)).toBeLessThan(1e-12);
});

test('Datawheel’s ECI is the reflections of R, on a proximity without its diagonal', () => {
  const folder = new URL('./ec_synth60/', import.meta.url);
  const { exports } = readReference(folder);
  const ours = complexity(exports, CONVENTIONS.datawheel);
  const expected = Float64Array.from(readRows(folder, 'r_country'), ({ reflections: value }) => Number(value));
  expect(largestError(ours.eci, expected, 1)).toBeLessThan(1e-7);
  const without = density(ours.presence, sumsOver(proximity(ours.presence, { diagonal: 0 })));
  expect(largestError(ours.density.data, without.data, UNIT)).toBeLessThan(1e-12);
});
