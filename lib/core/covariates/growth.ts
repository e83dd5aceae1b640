import type { Column } from './covariates.ts';

/** Years over which past growth is measured where none is expected. */
export const TREND_YEARS = 5;

/**
 * Growth per year: as a file expects it, else what it was over about the five years past.
 *
 *     g = (x_t / x_s)^{1/(t − s)}        t the latest year up to the run's own, s the latest up to five years before that
 *
 * Nothing after the run's year is looked at, so that the run of an earlier year can be judged by what came later.
 *
 * @param expected per year, from a file
 * @param now levels, the latest up to the run's year
 * @param before levels, the latest up to TREND_YEARS before it
 * @returns NaN where neither is known
 */
export function growthOf(expected: Column, now: Column, before: Column): Column & { readonly derived: number } {
  const value = expected.value.slice();
  const year = expected.year.slice();
  let derived = 0;
  for (let c = 0; c < value.length; c++) {
    const years = now.year[c]! - before.year[c]!;
    if (!Number.isNaN(value[c]!) || !(years > 0)) continue;
    value[c] = (now.value[c]! / before.value[c]!) ** (1 / years);
    if (Number.isNaN(value[c]!)) continue;
    year[c] = now.year[c]!;
    derived++;
  }
  return { value, year, borrowed: expected.borrowed, derived };
}
