import type { Additive } from '../entry/additive.ts';
import type { EntryFeatures } from '../entry/entryFeatures.ts';
import { stepSums } from '../entry/stepSums.ts';
import type { Flows } from '../trade/flows.ts';
import { GROWTH_TERMS, growthColumn } from './growthFeatures.ts';

/** So many flows go through all terms together: their values and sums stay in the nearest cache. */
const AT_ONCE = 1024;

/**
 * ln(v after / v before) as expected of many flows: `growthScore` of their `growthTerms`, term by term instead of flow by flow.
 *
 * @param model its shapes in the order of `GROWTH_TERMS`
 * @returns for an exporter's features and its flows, `from` up to `end`, a function that gives the score of each
 */
export function growthScorer({ intercept, shapes }: Additive) {
  const sums = stepSums(
    shapes.map(({ edges, effects }) => ({ edges, effects: [effects, new Float64Array(effects.length)] })),
    AT_ONCE,
  );
  const column = new Float32Array(AT_ONCE);
  const cellN = new Uint32Array(AT_ONCE);
  return (features: EntryFeatures, { importerN, productN, valueN }: Flows, from: number, end: number): Float64Array => {
    const nProducts = features.supply.length;
    const scoreN = new Float64Array(end - from);
    for (let start = from; start < end; start += AT_ONCE) {
      const length = Math.min(AT_ONCE, end - start);
      const flows = {
        productX: productN.subarray(start, start + length),
        cellX: cellN.subarray(0, length),
        valueX: valueN.subarray(start, start + length),
      };
      for (let n = 0; n < length; n++) cellN[n] = importerN[start + n]! * nProducts + productN[start + n]!;
      sums.sum.fill(intercept);
      for (let t = 0; t < shapes.length; t++) {
        const termX = column.subarray(0, length);
        growthColumn(GROWTH_TERMS[t]!, features, flows, termX);
        sums.take(termX);
        sums.add(t);
      }
      for (let n = 0; n < length; n++) scoreN[start - from + n] = sums.sum[2 * n]!;
    }
    return scoreN;
  };
}
