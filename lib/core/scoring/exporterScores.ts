import type { EntryContext } from '../entry/entryContext.ts';
import { pick } from '../pick.ts';
import { modelValue } from '../potential/modelValue.ts';
import { agreement, agreementByte } from './confidence.ts';
import { noiseSd } from './dispersion.ts';
import { bitsWhere, isLumpy, isPassedOn } from './flags.ts';
import { type Foreseen, type ForesightModels, foresee } from './foreseen.ts';
import { BASES, NEW_PRODUCT, type ScoredCells } from './scoredCells.ts';
import type { ScoringInputs } from './scoringInputs.ts';
import { sizeAlone } from './staticIndex.ts';
import { unrealisedRaw, unrealisedShrunk } from './unrealised.ts';

export interface ScoreSettings {
  /** a cell with a potential is an opportunity from this much unrealised value before shrinking, USD */
  readonly floorUsd?: number;
  /** of cells without a potential at most this many of a basis are kept, best first */
  readonly extensiveKept?: number;
}

/** What opportunities are ranked by: the features of entries, and the models that read them. */
export interface Foresight {
  readonly context: EntryContext;
  readonly models: ForesightModels;
}

/** From this position in BASES on a cell may be an opportunity without a potential: nobody has sold anything that says how much. */
const MAY_LACK_POTENTIAL = BASES.indexOf('newPair');

/**
 * The opportunities of one exporter after another, on all bases, in the default order.
 *
 * The score is the percentile of the expected gain O = E[max(v later − v, 0)] among all cells of the exporter on the basis, kept or not. Kept are the cells whose
 * potential exceeds what is sold by the floor and by more than noise explains, and the best of those that have no potential; none of an exporter of nothing.
 * Scores of different exporters or bases do not compare; O does.
 *
 * @returns a function of the exporter
 * @source METHODS 9.6 and 9.9; decisions/0097
 */
export function exporterScores(
  inputs: ScoringInputs,
  { context, models }: Foresight,
): (exporter: number, settings?: ScoreSettings) => ScoredCells {
  const foreseenOf = foresee(context, models, inputs.potentials);
  const { totals, dispersion } = inputs;
  const compared = inputs.blended?.models;
  const nProducts = totals.productP.length;
  const lumpyP = Uint8Array.from(inputs.flows.products.codes, (code) => (isLumpy(code) ? 1 : 0));
  return (exporter, { floorUsd = 10_000, extensiveKept = 1_000 } = {}) => {
    const foreseen = foreseenOf(exporter);
    const { basisN, actualN, potentialN, scoreN } = foreseen;

    // which cells
    const countB = new Float64Array(BASES.length);
    for (let n = 0; n < basisN.length; n++) countB[basisN[n]!]!++;
    // score = 100 (n − rank) / n
    const leastB = countB.map((cells) => (100 * (cells - extensiveKept)) / cells + 1e-9);
    const shrunkOf = (product: number, potential: number, actual: number) =>
      unrealisedShrunk(potential, actual, noiseSd(dispersion, product, potential));
    const isKeptN = new Uint8Array(basisN.length);
    const sellsNothing = !(totals.exporterE[exporter]! > 0);
    for (let n = 0; n < basisN.length && !sellsNothing; n++) {
      const [basis, potential, actual] = [basisN[n]!, potentialN[n]!, actualN[n]!];
      const isKept =
        potential > 0
          ? unrealisedRaw(potential, actual) >= floorUsd && shrunkOf(foreseen.productN[n]!, potential, actual) > 0
          : basis >= MAY_LACK_POTENTIAL && scoreN[n]! > leastB[basis]!;
      if (isKept) isKeptN[n] = 1;
    }
    const rows = inOrder(foreseen, isKeptN);

    // what is known of them
    const cells = rows.length;
    const own = {
      basisN: pick(basisN, rows, new Uint8Array(cells)),
      importerN: pick(foreseen.importerN, rows, new Uint16Array(cells)),
      productN: pick(foreseen.productN, rows, new Uint16Array(cells)),
      actualN: pick(actualN, rows, new Float64Array(cells)),
      potentialN: pick(potentialN, rows, new Float64Array(cells)),
      probabilityN: pick(foreseen.probabilityN, rows, new Float64Array(cells)),
      opportunityN: pick(foreseen.opportunityN, rows, new Float64Array(cells)),
      scoreN: pick(scoreN, rows, new Float64Array(cells)),
    };
    const shrunkN = new Float64Array(cells);
    const sizeN = new Float64Array(cells).fill(Number.NaN);
    const agreementN = new Uint8Array(cells).fill(agreementByte(null));
    const flagN = new Uint8Array(cells);
    const isOneYear = liesInOneYear(inputs, exporter);
    for (let n = 0; n < cells; n++) {
      const [importer, product, potential] = [own.importerN[n]!, own.productN[n]!, own.potentialN[n]!];
      const at = importer * nProducts + product;
      const bought = totals.importerProduct.data[at]!;
      shrunkN[n] = shrunkOf(product, potential, own.actualN[n]!);
      if (own.basisN[n] !== NEW_PRODUCT)
        sizeN[n] = sizeAlone(
          totals.exporterProduct.data[exporter * nProducts + product]!,
          bought,
          totals.productP[product]!,
        );
      if (compared) {
        const cell = { exporter, importer, product };
        agreementN[n] = agreementByte(
          agreement(modelValue(compared, 'threeWay', cell), modelValue(compared, 'gravity', cell)),
        );
      }
      flagN[n] = bitsWhere({
        lumpy: lumpyP[product] === 1,
        passedOn: isPassedOn(totals.exporterProduct.data[at]!, bought),
        oneYear: isOneYear(at, product),
      });
    }
    return { ...own, shrunkN, sizeN, contributionNG: foreseen.contributions(own), agreementN, flagN };
  };
}

/** The rows that are kept, basis by basis, the best first. */
function inOrder({ order, basisN }: Foreseen, isKeptN: Uint8Array): Uint32Array {
  const best = order.filter((n) => isKeptN[n] === 1);
  const rows = new Uint32Array(best.length);
  let at = 0;
  for (const basis of BASES.keys()) for (const n of best) if (basisN[n] === basis) rows[at++] = n;
  return rows;
}

/** Whether what is sold, or what the exporter sells or the importer buys of the product, lies in one year of the window. */
function liesInOneYear({ oneYear, flows, startE, totals }: ScoringInputs, exporter: number) {
  if (!oneYear) return () => false;
  const nProducts = totals.productP.length;
  const singleAt = new Set<number>();
  for (let row = startE[exporter]!; row < startE[exporter + 1]!; row++)
    if (oneYear.flowN[row]) singleAt.add(flows.importerN[row]! * nProducts + flows.productN[row]!);
  return (at: number, product: number): boolean =>
    oneYear.exporterProduct[exporter * nProducts + product] === 1 ||
    oneYear.importerProduct[at] === 1 ||
    singleAt.has(at);
}
