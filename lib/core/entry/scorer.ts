import type { Additive } from './additive.ts';
import { binner } from './bins.ts';
import { ENTRY_TERMS, type EntryFeatures } from './entryFeatures.ts';

/**
 * The score of whole rows of cells.
 *
 * @param model whose terms are `ENTRY_TERMS` or some of them
 * @returns for an exporter's features a function that writes eta of every product in one importer
 * @throws RangeError for a term that does not exist
 */
export function scorer({ intercept, shapes }: Additive) {
  const steps = shapes.map(({ term, edges, effects }) => {
    const known = ENTRY_TERMS.find((each) => each.term === term);
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
    for (const step of steps) if (step.perProduct) add(step, features[step.term], baseP);
    const inMarkets = steps.filter(({ perProduct }) => !perProduct);
    return (importer: number, etaP: Float64Array): void => {
      etaP.set(baseP);
      const row = importer * nProducts;
      for (const step of inMarkets) add(step, features[step.term].subarray(row, row + nProducts), etaP);
    };
  };
}
