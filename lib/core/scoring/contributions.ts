import { binner } from '../entry/bins.ts';
import { ALL_ENTRY_TERMS, type EntryFeatures, valuesOf } from '../entry/entryFeatures.ts';
import { GROWTH_TERMS, growthColumn } from '../growth/growthFeatures.ts';
import { pick, rowsWhere } from '../pick.ts';
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

/** Cells of one exporter; row n of every array is the same cell. */
interface Cells {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** USD; 0 for an empty cell */
  readonly actualN: Float64Array;
}

/**
 * What each group of terms adds to the scores of cells:
 *
 *     entry    eta = intercept + Σ_groups,     probability = 1 / (1 + e^−(curve(eta) + size of the exporter))
 *     growth   ln(v later / v) as expected = intercept + Σ_groups
 *
 * @returns for an exporter's features and cells of its a function that gives their sums, cells × CONTRIBUTION_GROUPS
 */
export function contributionsTo({ entry, growth }: ForesightModels) {
  const entrySteps = entry.shapes.map(({ term: name, edges, effects }) => {
    const term = ALL_ENTRY_TERMS.find((each) => each.term === name);
    if (!term) throw new RangeError(`contributionsTo: there is no term ${name}`);
    return { term, effects, group: groupOf(term.group), setBins: binner(edges) };
  });
  const growthSteps = growth.shapes.map(({ term: name, edges, effects }, t) => {
    const term = GROWTH_TERMS[t];
    if (term?.term !== name) throw new RangeError(`contributionsTo: term ${t} of growth is ${name}`);
    return { term, effects, group: groupOf(term.group), setBins: binner(edges) };
  });
  return (features: EntryFeatures, { importerN, productN, actualN }: Cells): Float32Array => {
    const nProducts = features.supply.length;
    const width = CONTRIBUTION_GROUPS.length;
    const sums = new Float64Array(actualN.length * width);
    // term by term, of the cells that its model is for
    const columnsOf = (rows: Uint32Array) => ({
      productX: pick(productN, rows, new Uint16Array(rows.length)),
      cellX: rows.map((n) => importerN[n]! * nProducts + productN[n]!),
      valueX: pick(actualN, rows, new Float64Array(rows.length)),
      binX: new Uint8Array(rows.length),
      termX: new Float32Array(rows.length),
    });
    const add = (rows: Uint32Array, binX: Uint8Array, effects: readonly number[], group: number) => {
      for (let x = 0; x < rows.length; x++) sums[rows[x]! * width + group]! += effects[binX[x]!]!;
    };
    const empty = rowsWhere(actualN.length, (n) => !(actualN[n]! > 0));
    const { productX, cellX, binX, termX } = columnsOf(empty);
    for (const { term, effects, group, setBins } of entrySteps) {
      setBins(pick(valuesOf(features, term.term), term.perProduct ? productX : cellX, termX), binX);
      add(empty, binX, effects, group);
    }
    const existing = rowsWhere(actualN.length, (n) => actualN[n]! > 0);
    const flows = columnsOf(existing);
    for (const { term, effects, group, setBins } of growthSteps) {
      growthColumn(term, features, flows, flows.termX);
      setBins(flows.termX, flows.binX);
      add(existing, flows.binX, effects, group);
    }
    return new Float32Array(sums);
  };
}
