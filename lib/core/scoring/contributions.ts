import { binOf } from '../entry/bins.ts';
import { ALL_ENTRY_TERMS, type EntryFeatures, featureAt } from '../entry/entryFeatures.ts';
import { GROWTH_TERMS, growthTerms } from '../growth/growthFeatures.ts';
import type { ForesightModels } from './foreseen.ts';

/** What terms of the models speak of; each model adds its terms up by these. */
export const CONTRIBUTION_GROUPS = [
  'size and ease',
  'gravity',
  'product space',
  'related products',
  'similar exporters',
  'similar importers',
] as const;
export type ContributionGroup = (typeof CONTRIBUTION_GROUPS)[number];

const groupOf = (group: ContributionGroup): number => CONTRIBUTION_GROUPS.indexOf(group);

/**
 * What each group of terms adds to the score of a cell:
 *
 *     entry    eta = intercept + Σ_groups,     probability = 1 / (1 + e^−(curve(eta) + size of the exporter))
 *     growth   ln(v later / v) as expected = intercept + Σ_groups
 *
 * @returns for an exporter's features, a cell and what is sold there (USD, 0 for an empty cell) a function that writes the sums by group into `out`
 */
export function contributionsTo({ entry, growth }: ForesightModels) {
  const entrySteps = entry.shapes.map((shape) => {
    const term = ALL_ENTRY_TERMS.find((each) => each.term === shape.term);
    if (!term) throw new RangeError(`contributionsTo: there is no term ${shape.term}`);
    return { ...shape, term, group: groupOf(term.group) };
  });
  const growthSteps = growth.shapes.map((shape, t) => {
    const term = GROWTH_TERMS[t];
    if (term?.term !== shape.term) throw new RangeError(`contributionsTo: term ${t} of growth is ${shape.term}`);
    return { ...shape, group: groupOf(term.group) };
  });
  const values = new Float32Array(GROWTH_TERMS.length);
  return (features: EntryFeatures, importer: number, product: number, actual: number, out: Float64Array): void => {
    out.fill(0);
    if (actual > 0) {
      growthTerms(features, importer, product, actual, values);
      for (const [t, { edges, effects, group }] of growthSteps.entries())
        out[group]! += effects[binOf(edges, values[t]!)]!;
      return;
    }
    for (const { term, edges, effects, group } of entrySteps)
      out[group]! += effects[binOf(edges, featureAt(features, term, importer, product))]!;
  };
}
