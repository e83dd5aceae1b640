import { ENTRY_BASES } from '../entry/bases.ts';
import type { EntryContext } from '../entry/entryContext.ts';
import { entryFeatures } from '../entry/entryFeatures.ts';
import { entryPredictor } from '../entry/predictor.ts';
import type { EntryModel } from '../entry/trainEntryModel.ts';
import { GROWTH_TERMS, growthTerms } from '../growth/growthFeatures.ts';
import { expectedGain, type GrowthModel, growthScore } from '../growth/trainGrowthModel.ts';
import type { PotentialWalk } from '../potential/potentialCells.ts';
import { contributionsTo } from './contributions.ts';
import { setPercentilesWithin } from './ranking.ts';
import { BASES } from './scoredCells.ts';
import { unrealisedRaw } from './unrealised.ts';

/** Every cell of an exporter whose importer buys the product, by importer, then product; row n of every array is the same cell. */
export interface Foreseen {
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** position in BASES */
  readonly basisN: Uint8Array;
  /** USD; 0 when the cell is empty */
  readonly actualN: Float64Array;
  /** USD; NaN where no model speaks of the cell */
  readonly potentialN: Float64Array;
  /** that an empty cell reaches the size of an entry; NaN for a cell that exists */
  readonly probabilityN: Float64Array;
  /** E[max(v later − v, 0)], USD: of an empty cell probability times worth, of an existing one its expected gain */
  readonly opportunityN: Float64Array;
  /** percentile 0–100 of the opportunity within exporter and basis */
  readonly scoreN: Float64Array;
  /** writes what each of CONTRIBUTION_GROUPS adds to the score of cell n; until the next exporter is asked for */
  readonly contributions: (n: number, out: Float64Array) => void;
}

export interface ForesightModels {
  readonly entry: EntryModel;
  readonly growth: GrowthModel;
}

/** Where the kinds of empty cells are in BASES. */
const BASIS_OF_ENTRY = ENTRY_BASES.map((basis) => BASES.indexOf(basis));
const EXISTING = BASES.indexOf('existing');

/**
 * What the models foresee of all cells of an exporter.
 *
 * @param potentials the walk over cells with a potential; the same flows as the context's
 * @returns a function of the exporter
 * @cost a pass over all flows, and a step per term and cell
 * @source METHODS 9.9
 */
export function foresee(
  context: EntryContext,
  { entry, growth }: ForesightModels,
  potentials: PotentialWalk,
): (exporter: number) => Foreseen {
  const { flows, startE, totals } = context;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const featuresOf = entryFeatures(context);
  const predictorOf = entryPredictor(entry, totals);
  const bought = totals.importerProduct.data;
  const contributionsOf = contributionsTo({ entry, growth });
  const terms = new Float32Array(GROWTH_TERMS.length);
  const potentialMP = new Float64Array(nCountries * nProducts);
  return (exporter) => {
    const features = featuresOf(exporter);
    const rowOf = predictorOf(exporter, features);
    potentialMP.fill(Number.NaN);
    potentials(exporter, Number.MIN_VALUE, (m, p, potential) => {
      potentialMP[m * nProducts + p] = potential;
    });
    let cells = 0;
    for (let m = 0; m < nCountries; m++)
      if (m !== exporter) for (let p = 0; p < nProducts; p++) if (bought[m * nProducts + p]! > 0) cells++;
    const foreseen: Foreseen = {
      importerN: new Uint16Array(cells),
      productN: new Uint16Array(cells),
      basisN: new Uint8Array(cells),
      actualN: new Float64Array(cells),
      potentialN: new Float64Array(cells),
      probabilityN: new Float64Array(cells),
      opportunityN: new Float64Array(cells),
      scoreN: new Float64Array(cells),
      contributions: (n: number, out: Float64Array) =>
        contributionsOf(features, foreseen.importerN[n]!, foreseen.productN[n]!, foreseen.actualN[n]!, out),
    };
    const end = startE[exporter + 1]!;
    let flow = startE[exporter]!;
    let n = 0;
    for (let importer = 0; importer < nCountries; importer++) {
      if (importer === exporter) continue;
      const { basisP, probabilityP, worthP } = rowOf(importer);
      for (let product = 0; product < nProducts; product++) {
        const at = importer * nProducts + product;
        if (!(bought[at]! > 0)) continue;
        foreseen.importerN[n] = importer;
        foreseen.productN[n] = product;
        foreseen.potentialN[n] = potentialMP[at]!;
        // flows come in the same order
        const exists = flow < end && flows.importerN[flow] === importer && flows.productN[flow] === product;
        if (exists) {
          const value = flows.valueN[flow++]!;
          growthTerms(features, importer, product, value, terms);
          foreseen.basisN[n] = EXISTING;
          foreseen.actualN[n] = value;
          foreseen.probabilityN[n] = Number.NaN;
          foreseen.opportunityN[n] = expectedGain(growth, growthScore(growth, terms), value);
        } else {
          foreseen.basisN[n] = BASIS_OF_ENTRY[basisP[product]!]!;
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

/** By opportunity within each basis, ties by what is unrealised, then product and importer. */
function setPercentiles({ importerN, productN, basisN, actualN, potentialN, opportunityN, scoreN }: Foreseen): void {
  const unrealisedN = actualN.map((actual, n) => unrealisedRaw(potentialN[n]!, actual) || 0);
  setPercentilesWithin(basisN, BASES.length, { importerN, productN, opportunityN, unrealisedN }, scoreN);
}
