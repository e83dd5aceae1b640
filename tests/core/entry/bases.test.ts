import { expect, it } from 'vitest';
import { ENTRY_BASES, entryBasisOf } from '../../../lib/core/entry/bases.ts';
import { powerFit } from '../../../lib/core/entry/dampedFits.ts';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { totals } from '../../../lib/core/trade/totals.ts';
import { flowsOf } from '../gravity/worlds.fixture.ts';

// E0 sells P0 to M0 and P1 to M1; E1 sells P1 to M0 alone; M1 and M0 buy both products
const flows = flowsOf([
  [
    [5, 0],
    [0, 5],
  ],
  [
    [0, 7],
    [0, 0],
  ],
]);
const cell = (exporter: number, importer: number, product: number) => ({ exporter, importer: 2 + importer, product });

it('goes by what the exporter sells, then by whether the pair trades', () => {
  const basis = entryBasisOf(totals(flows));
  const name = (e: number, m: number, p: number) => ENTRY_BASES[basis(cell(e, m, p))];
  expect(name(0, 0, 1)).toBe('newMarket');
  expect(name(1, 1, 1)).toBe('newPair');
  expect(name(1, 0, 0)).toBe('newProduct');
  // new to the product and to the pair
  expect(name(1, 1, 0)).toBe('newProduct');
});

it('a fit of three totals is 0 on new pairs and new products', () => {
  const potential = potentialOf(powerFit(flows, 1 / 2));
  expect([cell(1, 1, 1), cell(1, 0, 0), cell(1, 1, 0)].map(potential)).toEqual([0, 0, 0]);
});
