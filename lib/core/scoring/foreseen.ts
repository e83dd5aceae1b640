import { ENTRY_BASES } from '../entry/bases.ts';
import type { EntryContext } from '../entry/entryContext.ts';
import { entryFeatures } from '../entry/entryFeatures.ts';
import { entryPredictor } from '../entry/predictor.ts';
import type { EntryModel } from '../entry/trainEntryModel.ts';
import { potentialOf } from '../gravity/potential.ts';
import { GROWTH_TERMS, growthTerms } from '../growth/growthFeatures.ts';
import { expectedGain, type GrowthModel, growthScore } from '../growth/trainGrowthModel.ts';
import { setPercentilesWithin } from './ranking.ts';
import { unrealisedRaw } from './unrealised.ts';

/** Kinds of cells, by what the exporter does already: each competes with its own kind. */
export const KINDS = [...ENTRY_BASES, 'existing'] as const;

/** Every cell of an exporter whose importer buys the product, by importer, then product; row n of every array is the same cell. */
export interface Foreseen {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** position in KINDS */
  readonly kindN: Uint8Array;
  /** USD; 0 when the cell is empty */
  readonly actualN: Float64Array;
  /** three-way potential, USD; 0 where the exporter does not sell the product or the pair never traded */
  readonly potentialN: Float64Array;
  /** that an empty cell reaches the size of an entry; NaN for a cell that exists */
  readonly probabilityN: Float64Array;
  /** E[max(v later − v, 0)], USD: of an empty cell probability times worth, of an existing one its expected gain */
  readonly opportunityN: Float64Array;
  /** percentile 0–100 of the opportunity within exporter and kind */
  readonly scoreN: Float64Array;
}

export interface ForesightModels {
  readonly entry: EntryModel;
  readonly growth: GrowthModel;
}

/**
 * What the models foresee of all cells of an exporter.
 *
 * @returns a function of the exporter
 * @cost a pass over all flows, and a step per term and cell
 * @source METHODS 9.9
 */
export function foresee(context: EntryContext, { entry, growth }: ForesightModels): (exporter: number) => Foreseen {
  const { flows, startE, totals, fits } = context;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const featuresOf = entryFeatures(context);
  const predictorOf = entryPredictor(entry, totals);
  const potential = potentialOf(fits.threeWay);
  const bought = totals.importerProduct.data;
  const terms = new Float32Array(GROWTH_TERMS.length);
  return (exporter) => {
    const features = featuresOf(exporter);
    const rowOf = predictorOf(exporter, features);
    let cells = 0;
    for (let m = 0; m < nCountries; m++)
      if (m !== exporter) for (let p = 0; p < nProducts; p++) if (bought[m * nProducts + p]! > 0) cells++;
    const foreseen = {
      importerN: new Uint16Array(cells),
      productN: new Uint16Array(cells),
      kindN: new Uint8Array(cells),
      actualN: new Float64Array(cells),
      potentialN: new Float64Array(cells),
      probabilityN: new Float64Array(cells),
      opportunityN: new Float64Array(cells),
      scoreN: new Float64Array(cells),
    };
    const end = startE[exporter + 1]!;
    let flow = startE[exporter]!;
    let n = 0;
    for (let importer = 0; importer < nCountries; importer++) {
      if (importer === exporter) continue;
      const { basisP, probabilityP, worthP } = rowOf(importer);
      for (let product = 0; product < nProducts; product++) {
        if (!(bought[importer * nProducts + product]! > 0)) continue;
        foreseen.importerN[n] = importer;
        foreseen.productN[n] = product;
        foreseen.potentialN[n] = potential({ exporter, importer, product });
        // flows come in the same order
        const exists = flow < end && flows.importerN[flow] === importer && flows.productN[flow] === product;
        if (exists) {
          const value = flows.valueN[flow++]!;
          growthTerms(features, importer, product, value, terms);
          foreseen.kindN[n] = KINDS.length - 1;
          foreseen.actualN[n] = value;
          foreseen.probabilityN[n] = Number.NaN;
          foreseen.opportunityN[n] = expectedGain(growth, growthScore(growth, terms), value);
        } else {
          foreseen.kindN[n] = basisP[product]!;
          foreseen.probabilityN[n] = probabilityP[product]!;
          foreseen.opportunityN[n] = probabilityP[product]! * worthP[product]!;
        }
        n++;
      }
    }
    setPercentiles(foreseen);
    return foreseen;
  };
}

/** By opportunity within each kind, ties by what is unrealised, then product and importer. */
function setPercentiles({ importerN, productN, kindN, actualN, potentialN, opportunityN, scoreN }: Foreseen): void {
  const unrealisedN = actualN.map((actual, n) => unrealisedRaw(potentialN[n]!, actual));
  setPercentilesWithin(kindN, KINDS.length, { importerN, productN, opportunityN, unrealisedN }, scoreN);
}
