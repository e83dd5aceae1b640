import { type Markets, markets } from '../trade/markets.ts';
import type { Totals } from '../trade/totals.ts';
import { ENTRY_BASES, entryBasisOf } from './bases.ts';
import { logitsOn, probabilityOf } from './calibration.ts';
import type { EntryFeatures } from './entryFeatures.ts';
import { sizeLogit } from './exporterSize.ts';
import { scorers } from './scorer.ts';
import type { EntryModel } from './trainEntryModel.ts';

/** What is foreseen of the empty cells of an exporter in one importer, by product. */
export interface EntryRow {
  /** position in ENTRY_BASES */
  readonly basisP: Uint8Array;
  /** that the cell is entered, in (0, 1) */
  readonly probabilityP: Float64Array;
  /** E[v | entered], USD */
  readonly worthP: Float64Array;
}

/**
 * Foresees entries, importer by importer. Of cells that are not empty, or whose importer does not buy the product, the numbers mean nothing.
 *
 *     P(entered) = 1 / (1 + e^−logit),    logit = curve of the kind of entry at eta + what the exporter's size adds
 *
 * @returns for an exporter and its features a function of the importer; what it returns is overwritten by the next call
 * @throws RangeError for features without a term that the model uses: a model with covariates, and a context without
 */
export function entryPredictor(
  model: EntryModel,
  totals: Totals,
  { startM, productX }: Pick<Markets, 'startM' | 'productX'> = markets(totals),
) {
  const nProducts = totals.productP.length;
  const scoresOf = scorers([model, model.worth], nProducts);
  const basisOf = entryBasisOf(totals);
  const logits = ENTRY_BASES.map((basis) => logitsOn(model.curves[basis]));
  const smear = ENTRY_BASES.map((basis) => model.worth.smear[basis]);
  return (exporter: number, features: EntryFeatures) => {
    const rowOf = scoresOf(features);
    const size = sizeLogit(model.exporterSize, totals.exporterE[exporter]!);
    const row: EntryRow = {
      basisP: new Uint8Array(nProducts),
      probabilityP: new Float64Array(nProducts),
      worthP: new Float64Array(nProducts),
    };
    const { basisP, probabilityP, worthP } = row;
    return (importer: number): EntryRow => {
      const etaPM = rowOf(importer);
      for (let x = startM[importer]!; x < startM[importer + 1]!; x++) {
        const product = productX[x]!;
        const basis = basisOf({ exporter, importer, product });
        basisP[product] = basis;
        probabilityP[product] = probabilityOf(logits[basis]!(etaPM[2 * product]!) + size);
        worthP[product] = smear[basis]! * Math.exp(etaPM[2 * product + 1]!);
      }
      return row;
    };
  };
}
