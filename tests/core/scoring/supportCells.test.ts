import fc from 'fast-check';
import { expect, it } from 'vitest';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { supportCells } from '../../../lib/core/scoring/supportCells.ts';
import { actualOf } from '../../../lib/core/trade/actualOf.ts';
import { exporterStarts } from '../../../lib/core/trade/flows.ts';
import { anyTrade } from './world.fixture.ts';

it('meets every fitted cell once, in order, with its potential and actual value', () => {
  fc.assert(
    fc.property(anyTrade, fc.constantFrom(1e-9, 1000), (flows, fromUsd) => {
      const fit = threeWayFit(flows);
      const potential = potentialOf(fit);
      const actual = actualOf(flows);
      const nCountries = flows.countries.codes.length;
      for (let exporter = 0; exporter < nCountries; exporter++) {
        const met: number[][] = [];
        supportCells(flows, exporterStarts(flows), fit, exporter, fromUsd, (...cell) => met.push(cell));
        const expected: number[][] = [];
        for (let importer = 0; importer < nCountries; importer++)
          for (let product = 0; product < flows.products.codes.length; product++) {
            const cell = { exporter, importer, product };
            const forced = fit.forced.some(
              (each) => each.exporter === exporter && each.importer === importer && each.product === product,
            );
            if (potential(cell) >= fromUsd && !forced)
              expected.push([importer, product, potential(cell), actual(cell)]);
          }
        expect(met).toEqual(expected);
      }
    }),
  );
});
