import type { Additive } from './additive.ts';
import { binner } from './bins.ts';
import { ALL_ENTRY_TERMS, type EntryFeatures, valuesOf } from './entryFeatures.ts';

/**
 * The score of whole rows of cells.
 *
 * @param model whose terms are of `ALL_ENTRY_TERMS`
 * @returns for an exporter's features a function that writes eta of every product in one importer
 * @throws RangeError for a term that does not exist, and then for features without a term that the model uses
 */
export function scorer({ intercept, shapes }: Additive) {
  const steps = shapes.map(({ term, edges, effects }) => {
    const known = ALL_ENTRY_TERMS.find((each) => each.term === term);
    if (!known) throw new RangeError(`scorer: there is no term ${term}`);
    return { ...known, bin: binner(edges), effectB: Float64Array.from(effects) };
  });
  return (features: EntryFeatures) => {
    const nProducts = features.supply.length;
    const binP = new Uint8Array(nProducts);
    const add = ({ bin, effectB }: (typeof steps)[number], valueP: Float32Array, etaP: Float64Array) => {
      bin(valueP, binP);
      for (let p = 0; p < nProducts; p++) etaP[p]! += effectB[binP[p]!]!;
    };
    // what is the same in all markets, once
    const baseP = new Float64Array(nProducts).fill(intercept);
    for (const step of steps) if (step.perProduct) add(step, valuesOf(features, step.term), baseP);
    const inMarkets = steps
      .filter(({ perProduct }) => !perProduct)
      .map((step) => ({ ...step, values: valuesOf(features, step.term) }));
    return (importer: number, etaP: Float64Array): void => {
      etaP.set(baseP);
      const row = importer * nProducts;
      for (const step of inMarkets) add(step, step.values.subarray(row, row + nProducts), etaP);
    };
  };
}
