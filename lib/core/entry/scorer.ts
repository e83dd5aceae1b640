import type { Additive } from './additive.ts';
import { binner, binOf, type Edges } from './bins.ts';
import { ALL_ENTRY_TERMS, type AnyEntryTerm, type EntryFeatures, valuesOf } from './entryFeatures.ts';

/** A term with its bins, and what it adds to each of the models that draw it in these bins. */
type Step = AnyEntryTerm & {
  readonly edges: Edges;
  readonly bin: ReturnType<typeof binner>;
  readonly added: { readonly model: number; readonly effectB: Float64Array }[];
};

/**
 * The scores of whole rows of cells by one or more models. Where models draw a term in the same bins, values are put into them once.
 *
 * @param models whose terms are of `ALL_ENTRY_TERMS`
 * @returns for an exporter's features a function that writes eta of every product in one importer, by model
 * @throws RangeError for a term that does not exist, and then for features without a term that a model uses
 */
export function scorers(models: readonly Additive[]) {
  const steps: Step[] = [];
  for (const [model, { shapes }] of models.entries())
    for (const { term, edges, effects } of shapes) {
      const known = ALL_ENTRY_TERMS.find((each) => each.term === term);
      if (!known) throw new RangeError(`scorer: there is no term ${term}`);
      const added = { model, effectB: Float64Array.from(effects) };
      const step = steps.find((each) => each.term === term && sameEdges(each.edges, edges));
      if (step) step.added.push(added);
      else steps.push({ ...known, edges, bin: binner(edges), added: [added] });
    }
  return (features: EntryFeatures) => {
    const nProducts = features.supply.length;
    const binP = new Uint8Array(nProducts);
    const add = ({ bin, added }: Step, valueP: Float32Array, etaMP: readonly Float64Array[]) => {
      bin(valueP, binP);
      for (const { model, effectB } of added) {
        const etaP = etaMP[model]!;
        for (let p = 0; p < nProducts; p++) etaP[p]! += effectB[binP[p]!]!;
      }
    };
    // what is the same in all markets, once
    const baseMP = models.map(({ intercept }) => new Float64Array(nProducts).fill(intercept));
    for (const step of steps) if (step.perProduct) add(step, valuesOf(features, step.term), baseMP);
    const inMarkets = steps
      .filter(({ perProduct }) => !perProduct)
      .map((step) => ({ step, values: valuesOf(features, step.term), atZero: binOf(step.edges, 0), isZero: false }));
    return (importer: number, etaMP: readonly Float64Array[]): void => {
      const [row, end] = [importer * nProducts, (importer + 1) * nProducts];
      for (const each of inMarkets) each.isZero = allZero(each.values, row, end);
      // most pairs never traded: half of the terms are 0 in all their cells
      for (const [model, baseP] of baseMP.entries()) {
        let shift = 0;
        for (const { step, atZero, isZero } of inMarkets)
          if (isZero) for (const each of step.added) if (each.model === model) shift += each.effectB[atZero]!;
        const etaP = etaMP[model]!;
        for (let p = 0; p < nProducts; p++) etaP[p] = baseP[p]! + shift;
      }
      for (const { step, values, isZero } of inMarkets) if (!isZero) add(step, values.subarray(row, end), etaMP);
    };
  };
}

function allZero(values: Float32Array, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (values[at] !== 0) return false;
  return true;
}

/** The same by one model. */
export function scorer(model: Additive) {
  const rowsOf = scorers([model]);
  return (features: EntryFeatures) => {
    const rowOf = rowsOf(features);
    return (importer: number, etaP: Float64Array): void => rowOf(importer, [etaP]);
  };
}

const sameEdges = (one: Edges, other: Edges) =>
  one === other || (one.length === other.length && one.every((edge, at) => edge === other[at]));
