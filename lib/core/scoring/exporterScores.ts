import type { EntryContext } from '../entry/entryContext.ts';
import { modelValue } from '../potential/modelValue.ts';
import { agreement, agreementByte } from './confidence.ts';
import { CONTRIBUTION_GROUPS } from './contributions.ts';
import { noiseSd } from './dispersion.ts';
import { flagBits, flagsWhere, isLumpy, isPassedOn } from './flags.ts';
import { type ForesightModels, foresee } from './foreseen.ts';
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
  const { totals, dispersion, oneYear } = inputs;
  const compared = inputs.blended?.models;
  const nProducts = totals.productP.length;
  const lumpyP = Uint8Array.from(inputs.flows.products.codes, (code) => (isLumpy(code) ? 1 : 0));
  return (exporter, { floorUsd = 10_000, extensiveKept = 1_000 } = {}) => {
    const { importerN, productN, basisN, actualN, potentialN, probabilityN, opportunityN, scoreN, contributions } =
      foreseenOf(exporter);

    // which cells
    const countB = new Float64Array(BASES.length);
    for (const basis of basisN) countB[basis]!++;
    // score = 100 (n − rank) / n
    const leastB = countB.map((cells) => (100 * (cells - extensiveKept)) / cells + 1e-9);
    const shrunkOf = (n: number) =>
      unrealisedShrunk(potentialN[n]!, actualN[n]!, noiseSd(dispersion, productN[n]!, potentialN[n]!));
    const kept: number[] = [];
    const sellsNothing = !(totals.exporterE[exporter]! > 0);
    for (let n = 0; n < basisN.length && !sellsNothing; n++) {
      const isKept =
        potentialN[n]! > 0
          ? unrealisedRaw(potentialN[n]!, actualN[n]!) >= floorUsd && shrunkOf(n) > 0
          : basisN[n]! >= MAY_LACK_POTENTIAL && scoreN[n]! > leastB[basisN[n]!]!;
      if (isKept) kept.push(n);
    }
    kept.sort((x, y) => basisN[x]! - basisN[y]! || scoreN[y]! - scoreN[x]!);

    // what is known of them
    const own = exporter * nProducts;
    const sizeOf = (n: number) =>
      basisN[n] === NEW_PRODUCT
        ? Number.NaN
        : sizeAlone(
            totals.exporterProduct.data[own + productN[n]!]!,
            totals.importerProduct.data[importerN[n]! * nProducts + productN[n]!]!,
            totals.productP[productN[n]!]!,
          );
    const flagsOf = (n: number) => {
      const at = importerN[n]! * nProducts + productN[n]!;
      const marked =
        oneYear && (oneYear.exporterProduct[own + productN[n]!] === 1 || oneYear.importerProduct[at] === 1);
      return flagBits(
        flagsWhere({
          lumpy: lumpyP[productN[n]!] === 1,
          passedOn: isPassedOn(totals.exporterProduct.data[at]!, totals.importerProduct.data[at]!),
          oneYear: marked || singleAt.has(at),
        }),
      );
    };
    // flows of its own that lie in one year
    const singleAt = new Set<number>();
    for (let row = inputs.startE[exporter]!; row < inputs.startE[exporter + 1]!; row++)
      if (oneYear?.flowN[row]) singleAt.add(inputs.flows.importerN[row]! * nProducts + inputs.flows.productN[row]!);
    const agreementIn = (n: number) => {
      if (!compared) return agreementByte(null);
      const cell = { exporter, importer: importerN[n]!, product: productN[n]! };
      return agreementByte(agreement(modelValue(compared, 'threeWay', cell), modelValue(compared, 'gravity', cell)));
    };
    const width = CONTRIBUTION_GROUPS.length;
    const contributionNG = new Float32Array(kept.length * width);
    const sums = new Float64Array(width);
    for (let at = 0; at < kept.length; at++) {
      contributions(kept[at]!, sums);
      contributionNG.set(sums, at * width);
    }
    return {
      basisN: Uint8Array.from(kept, (n) => basisN[n]!),
      importerN: Uint16Array.from(kept, (n) => importerN[n]!),
      productN: Uint16Array.from(kept, (n) => productN[n]!),
      actualN: Float64Array.from(kept, (n) => actualN[n]!),
      potentialN: Float64Array.from(kept, (n) => potentialN[n]!),
      shrunkN: Float64Array.from(kept, shrunkOf),
      sizeN: Float64Array.from(kept, sizeOf),
      probabilityN: Float64Array.from(kept, (n) => probabilityN[n]!),
      opportunityN: Float64Array.from(kept, (n) => opportunityN[n]!),
      scoreN: Float64Array.from(kept, (n) => scoreN[n]!),
      contributionNG,
      agreementN: Uint8Array.from(kept, agreementIn),
      flagN: Uint8Array.from(kept, flagsOf),
    };
  };
}
