import { expect, it } from 'vitest';
import { elasticities } from '../../../lib/core/covariates/elasticities.ts';
import { axis } from '../../../lib/core/labels.ts';
import { byProduct } from './byProduct.fixture.ts';

const products = axis(['0101', '0102', '0801', '8701']);

it('are those of the product itself, else of what it is part of, else the mean over its parts', () => {
  const known = elasticities(products, [
    byProduct('incomeElasticity', { '01': 0.5, '0102': 0.7, '080110': 1, '080120': 2, '870120': 9, '8701': 1.4 }),
  ])!;
  expect([...known.incomeP]).toEqual([0.5, 0.7, 1.5, 1.4]);
  expect([...known.priceP]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});

it('of two files the later holds, code by code', () => {
  const known = elasticities(products, [
    byProduct('priceElasticity', { '0101': 2, '0801': 3 }),
    byProduct('priceElasticity', { '0101': 4 }),
  ])!;
  expect([...known.priceP]).toEqual([4, Number.NaN, 3, Number.NaN]);
});

it('are none where no file speaks of a product of the run', () => {
  expect(elasticities(products, [])).toBeNull();
  expect(
    elasticities(products, [byProduct('incomeElasticity', { '9001': 2 }), byProduct('gdpUsd', { '0101': 3 })]),
  ).toBeNull();
});
