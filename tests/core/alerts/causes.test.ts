import { expect, it } from 'vitest';
import { best } from '../../../lib/core/alerts/best.ts';
import { causesBetween } from '../../../lib/core/alerts/causes.ts';

const made = (over: object = {}) => ({
  codeVersion: 'c1',
  rankedBy: 'm1',
  settings: { a: 1, b: 2 },
  inputs: [{ year: 2022, contentHash: 'x' }],
  covariates: [{ measure: 'gdp', contentHash: 'g' }],
  ...over,
});

it.each([
  ['the same run', {}, []],
  ['settings in another order', { settings: { b: 2, a: 1 } }, []],
  [
    'a year more',
    {
      inputs: [
        { year: 2022, contentHash: 'x' },
        { year: 2023, contentHash: 'y' },
      ],
    },
    ['marketMove'],
  ],
  ['a year revised', { inputs: [{ year: 2022, contentHash: 'z' }] }, ['dataRevision']],
  ['other covariates', { covariates: [{ measure: 'gdp', contentHash: 'h' }] }, ['dataRevision']],
  ['other code', { codeVersion: 'c2' }, ['modelVersion']],
  ['another setting', { settings: { a: 1, b: 3 } }, ['modelVersion']],
  ['models trained anew', { rankedBy: 'm2' }, ['modelVersion']],
  [
    'another year, by other code',
    { codeVersion: 'c2', inputs: [{ year: 2023, contentHash: 'y' }] },
    ['marketMove', 'modelVersion'],
  ],
])('%s', (_, over, causes) => expect(causesBetween(made(), made(over))).toEqual(causes));

it('the best of many are kept, the others counted', () => {
  const kept = best<number>(3);
  for (let n = 0; n < 100; n++) kept.add(n, n % 50);
  expect([kept.total, kept.items]).toEqual([100, [49, 99, 48]]);
});
