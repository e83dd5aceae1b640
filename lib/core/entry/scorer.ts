import type { Additive } from './additive.ts';
import { binOf, type Edges } from './bins.ts';
import { ALL_ENTRY_TERMS, type AnyEntryTerm, type EntryFeatures, valuesOf } from './entryFeatures.ts';
import { type Steps, stepSums } from './stepSums.ts';

/** A term with its bins, and what it adds to each of two models that draw it in these bins. */
interface Step extends Steps {
  readonly term: AnyEntryTerm;
  readonly effects: readonly [Float64Array, Float64Array];
}

/**
 * The scores of whole rows of cells by two models. Where both draw a term in the same bins, values are put into them once.
 *
 * @param models whose terms are of `ALL_ENTRY_TERMS`
 * @param nProducts the length of a row
 * @returns for an exporter's features a function of the importer: eta[2p], eta[2p + 1] of product p by either model; what it returns is overwritten by the next call, and the
 *   function is of no use any more once the next exporter's is asked for
 * @throws RangeError for a term that does not exist, and then for features without a term that a model uses
 */
export function scorers(models: readonly [Additive, Additive], nProducts: number) {
  const steps = stepsOf(models);
  const sums = stepSums(steps, nProducts);
  const baseN = new Float64Array(sums.sum.length);
  return (features: EntryFeatures) => {
    // what is the same in all markets, once
    for (let p = 0; p < nProducts; p++)
      for (const [m, { intercept }] of models.entries()) sums.sum[2 * p + m] = intercept;
    for (const [s, { term }] of steps.entries())
      if (term.perProduct) {
        sums.take(valuesOf(features, term.term));
        sums.add(s);
      }
    baseN.set(sums.sum);
    const inMarkets = [...steps.entries()]
      .filter(([, { term }]) => !term.perProduct)
      .map(([s, { term, edges, effects }]) => {
        const zero = binOf(edges, 0);
        return { s, values: valuesOf(features, term.term), zeros: [effects[0][zero]!, effects[1][zero]!] as const };
      });
    return (importer: number): Float64Array => {
      const [row, end] = [importer * nProducts, (importer + 1) * nProducts];
      sums.sum.set(baseN);
      // most pairs never traded: half of the terms are 0 in all their cells
      let [one, other] = [0, 0];
      for (const { s, values, zeros } of inMarkets) {
        sums.take(values.subarray(row, end));
        if (sums.isAny()) sums.add(s);
        else {
          one += zeros[0];
          other += zeros[1];
        }
      }
      for (let n = 0; n < sums.sum.length; n += 2) {
        sums.sum[n]! += one;
        sums.sum[n + 1]! += other;
      }
      return sums.sum;
    };
  };
}

/** The terms of both models, those in the same bins together. */
function stepsOf(models: readonly [Additive, Additive]): Step[] {
  const steps: Step[] = [];
  for (const [model, { shapes }] of models.entries())
    for (const { term, edges, effects } of shapes) {
      let step = steps.find((each) => each.term.term === term && sameEdges(each.edges, edges));
      if (!step) {
        const known = ALL_ENTRY_TERMS.find((each) => each.term === term);
        if (!known) throw new RangeError(`scorer: there is no term ${term}`);
        step = { term: known, edges, effects: [new Float64Array(effects.length), new Float64Array(effects.length)] };
        steps.push(step);
      }
      step.effects[model as 0 | 1].set(effects);
    }
  return steps;
}

/** The same by one model, written by product. */
export function scorer(model: Additive, nProducts: number) {
  const rowsOf = scorers([model, { intercept: 0, shapes: [] }], nProducts);
  return (features: EntryFeatures) => {
    const rowOf = rowsOf(features);
    return (importer: number, etaP: Float64Array): void => {
      const sum = rowOf(importer);
      for (let p = 0; p < nProducts; p++) etaP[p] = sum[2 * p]!;
    };
  };
}

const sameEdges = (one: Edges, other: Edges) =>
  one === other || (one.length === other.length && one.every((edge, at) => edge === other[at]));
