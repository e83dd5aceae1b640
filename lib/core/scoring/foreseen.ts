import { ENTRY_BASES } from '../entry/bases.ts';
import type { EntryContext } from '../entry/entryContext.ts';
import { entryFeatures } from '../entry/entryFeatures.ts';
import { entryPredictor } from '../entry/predictor.ts';
import type { EntryModel } from '../entry/trainEntryModel.ts';
import { growthScorer } from '../growth/growthScorer.ts';
import { expectedGain, type GrowthModel } from '../growth/trainGrowthModel.ts';
import type { PotentialWalk } from '../potential/potentialCells.ts';
import { markets } from '../trade/markets.ts';
import { contributionsTo } from './contributions.ts';
import { rankingSpace, setPercentilesWithin } from './ranking.ts';
import { BASES } from './scoredCells.ts';

/** Every cell of an exporter whose importer buys the product, by importer, then product; row n of every array is the same cell. Until the next exporter is asked for. */
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
  /** percentile 0–100 of the opportunity within exporter and basis; 0 for a cell that was not to be ranked */
  readonly scoreN: Float64Array;
  /** rows from the best to the worst on whatever basis: at least those that are ranked */
  readonly order: Uint32Array;
  /** what each of CONTRIBUTION_GROUPS adds to the scores of cells of the exporter: cells × groups */
  readonly contributions: (cells: Pick<Foreseen, 'importerN' | 'productN' | 'actualN'>) => Float32Array;
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
 * @param ranked how many of each basis get a score, the best; all when not given
 * @returns a function of the exporter; what it returns is overwritten by the next call
 * @cost a pass over all flows, and a step per term and cell
 * @source METHODS 9.9
 */
export function foresee(
  context: EntryContext,
  { entry, growth }: ForesightModels,
  potentials: PotentialWalk,
  ranked?: number,
): (exporter: number) => Foreseen {
  const { flows, startE, totals } = context;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const featuresOf = entryFeatures(context);
  const bought = markets(totals);
  const { importerX, productX, startM, placeMP } = bought;
  const predictorOf = entryPredictor(entry, totals, bought);
  const contributionsOf = contributionsTo({ entry, growth });
  const growthOf = growthScorer(growth);
  // kept from exporter to exporter: fresh memory is paid for page by page
  const most = importerX.length;
  const kept = {
    importerN: new Uint16Array(most),
    productN: new Uint16Array(most),
    basisN: new Uint8Array(most),
    actualN: new Float64Array(most),
    potentialN: new Float64Array(most),
    probabilityN: new Float64Array(most),
    opportunityN: new Float64Array(most),
    scoreN: new Float64Array(most),
  };
  const space = rankingSpace(most);
  return (exporter) => {
    // all that is bought, but by the exporter itself
    const [ownStart, ownEnd] = [startM[exporter]!, startM[exporter + 1]!];
    const own = ownEnd - ownStart;
    const cells = most - own;
    const foreseen = {
      importerN: kept.importerN.subarray(0, cells),
      productN: kept.productN.subarray(0, cells),
      basisN: kept.basisN.subarray(0, cells),
      actualN: kept.actualN.subarray(0, cells).fill(0),
      potentialN: kept.potentialN.subarray(0, cells).fill(Number.NaN),
      probabilityN: kept.probabilityN.subarray(0, cells),
      opportunityN: kept.opportunityN.subarray(0, cells),
      scoreN: kept.scoreN.subarray(0, cells),
    };
    const { importerN, productN, basisN, actualN, potentialN, probabilityN, opportunityN } = foreseen;
    for (const [column, all] of [
      [importerN, importerX],
      [productN, productX],
    ] as const) {
      column.set(all.subarray(0, ownStart));
      column.set(all.subarray(ownEnd), ownStart);
    }
    const rowAt = (importer: number, product: number) =>
      placeMP[importer * nProducts + product]! - (importer > exporter ? own : 0);
    potentials(exporter, Number.MIN_VALUE, (importer, product, potential) => {
      potentialN[rowAt(importer, product)] = potential;
    });

    // every cell as if it were empty
    const features = featuresOf(exporter);
    const rowOf = predictorOf(exporter, features);
    for (let importer = 0, n = 0; importer < nCountries; importer++) {
      if (importer === exporter) continue;
      const { basisP, probabilityP, worthP } = rowOf(importer);
      for (let x = startM[importer]!; x < startM[importer + 1]!; x++, n++) {
        const product = productX[x]!;
        basisN[n] = BASIS_OF_ENTRY[basisP[product]!]!;
        probabilityN[n] = probabilityP[product]!;
        opportunityN[n] = probabilityP[product]! * worthP[product]!;
      }
    }

    // those that exist
    const [start, end] = [startE[exporter]!, startE[exporter + 1]!];
    const growthN = growthOf(features, flows, start, end);
    for (let flow = start; flow < end; flow++) {
      const n = rowAt(flows.importerN[flow]!, flows.productN[flow]!);
      basisN[n] = EXISTING;
      actualN[n] = flows.valueN[flow]!;
      probabilityN[n] = Number.NaN;
      opportunityN[n] = expectedGain(growth, growthN[flow - start]!, actualN[n]!);
    }
    // by opportunity within each basis, ties by what is unrealised, then product and importer
    const order = setPercentilesWithin(foreseen.basisN, BASES.length, foreseen, foreseen.scoreN, ranked, space);
    return { ...foreseen, order, contributions: (some) => contributionsOf(features, some) };
  };
}
