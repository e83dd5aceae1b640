import { expect, it } from 'vitest';
import { elasticities } from '../../../lib/core/covariates/elasticities.ts';
import type { Measure } from '../../../lib/core/covariates/measures.ts';
import { NOBODY, type Statements } from '../../../lib/core/covariates/statements.ts';
import { axis } from '../../../lib/core/labels.ts';

const products = axis(['0101', '0102', '0801', '8701']);

function stated(measure: Measure, of: Readonly<Record<string, number>>): Statements {
  const codes = Object.keys(of).sort();
  const none = new Uint16Array(codes.length).fill(NOBODY);
  return {
    measure,
    countries: [],
    products: codes,
    years: [],
    yearN: new Uint16Array(codes.length),
    firstN: none,
    secondN: none,
    productN: Uint16Array.from(codes, (_, n) => n),
    valueN: Float64Array.from(codes, (code) => of[code]!),
  };
}

it('are those of the product itself, else of what it is part of, else the mean over its parts', () => {
  const known = elasticities(products, [
    stated('incomeElasticity', { '01': 0.5, '0102': 0.7, '080110': 1, '080120': 2, '870120': 9, '8701': 1.4 }),
  ])!;
  expect([...known.incomeP]).toEqual([0.5, 0.7, 1.5, 1.4]);
  expect([...known.priceP]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
});

it('of two files the later holds, code by code', () => {
  const known = elasticities(products, [
    stated('priceElasticity', { '0101': 2, '0801': 3 }),
    stated('priceElasticity', { '0101': 4 }),
  ])!;
  expect([...known.priceP]).toEqual([4, Number.NaN, 3, Number.NaN]);
});

it('are none where no file speaks of a product of the run', () => {
  expect(elasticities(products, [])).toBeNull();
  expect(
    elasticities(products, [stated('incomeElasticity', { '9001': 2 }), stated('gdpUsd', { '0101': 3 })]),
  ).toBeNull();
});
