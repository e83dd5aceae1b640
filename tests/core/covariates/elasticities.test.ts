import { expect, it } from 'vitest';
import { elasticities, incomeElasticitiesOf } from '../../../lib/core/covariates/elasticities.ts';
import { axis } from '../../../lib/core/labels.ts';
import { byProduct } from './byProduct.fixture.ts';

const countries = axis(['DEU', 'MEX', 'USA']);
const products = axis(['0101', '0102', '0801', '8701']);

it('are those of the product itself, else of what it is part of, else the mean over its parts', () => {
  const known = elasticities(countries, products, [
    byProduct('incomeElasticity', { '01': 0.5, '0102': 0.7, '080110': 1, '080120': 2, '870120': 9, '8701': 1.4 }),
  ])!;
  expect([...known.incomeP]).toEqual([0.5, 0.7, 1.5, 1.4]);
  expect([...known.priceP]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});

it('of two files the later holds, code by code', () => {
  const known = elasticities(countries, products, [
    byProduct('priceElasticity', { '0101': 2, '0801': 3 }),
    byProduct('priceElasticity', { '0101': 4 }),
  ])!;
  expect([...known.priceP]).toEqual([4, Number.NaN, 3, Number.NaN]);
});

it('of one importer go before those of all, and are brought onto products by themselves', () => {
  const known = elasticities(countries, products, [
    byProduct('incomeElasticity', { '0101': 0.5, '8701': 1.25 }),
    byProduct('incomeElasticity', { '01': 2 }, 'MEX'),
    byProduct('incomeElasticity', { '0102': 3 }, 'MEX'),
    byProduct('incomeElasticity', { '0101': 9 }, 'FRA'),
  ])!;
  expect([...known.incomeP]).toEqual([0.5, Number.NaN, Number.NaN, 1.25]);
  expect([...incomeElasticitiesOf(known, 1)!]).toEqual([2, 3, Number.NaN, Number.NaN]);
  expect([...incomeElasticitiesOf(known, 0)!]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  // of importers alone, and of none by name
  const alone = elasticities(countries, products, [byProduct('incomeElasticity', { '08': 2 }, 'USA')])!;
  expect([...incomeElasticitiesOf(alone, 2)!]).toEqual([Number.NaN, Number.NaN, 2, Number.NaN]);
  expect([...alone.incomeP].every(Number.isNaN)).toBe(true);
  expect(
    incomeElasticitiesOf(elasticities(countries, products, [byProduct('incomeElasticity', { '08': 2 })])!, 0),
  ).toBeNull();
  expect(elasticities(countries, products, [byProduct('incomeElasticity', { '08': 2 }, 'FRA')])).toBeNull();
});

it('are none where no file speaks of a product of the run', () => {
  expect(elasticities(countries, products, [])).toBeNull();
  expect(
    elasticities(countries, products, [
      byProduct('incomeElasticity', { '9001': 2 }),
      byProduct('gdpUsd', { '0101': 3 }),
    ]),
  ).toBeNull();
});
