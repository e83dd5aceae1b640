import { entryContext } from '../entry/entryContext.ts';
import { entryCovariates } from '../entry/entryCovariates.ts';
import { entryFeatures } from '../entry/entryFeatures.ts';
import { type EntryRow, entryPredictor } from '../entry/predictor.ts';
import { type ShippedEntryModel, shippedEntryModel } from '../entry/shippedEntryModel.ts';
import type { BaseYear, CellScore } from './baselines.ts';

/**
 * What the shipped model foresees of empty cells: the probability of entry, and the expected gain that lists rank by, probability times worth.
 *
 * @returns the model with what it was trained on, and for an exporter functions of importer and product, in (0, 1) and in USD. Cheap where cells are asked for importer
 *   by importer; the function of one exporter is of no use any more once the next is asked for
 */
export function shippedModelScore({ flows, covariates }: BaseYear): {
  readonly model: ShippedEntryModel;
  readonly scoreOf: (exporter: number) => CellScore;
  readonly gainOf: (exporter: number) => CellScore;
} {
  const context = entryContext(flows, { covariates: covariates && entryCovariates(flows, covariates) });
  const model = shippedEntryModel(context.covariates !== null);
  const featuresOf = entryFeatures(context);
  const foreseen = entryPredictor(model, context.totals);
  const scored = (of: (row: EntryRow, product: number) => number) => (exporter: number) => {
    const rowOf = foreseen(exporter, featuresOf(exporter));
    let at = -1;
    let row: EntryRow;
    return (importer: number, product: number) => {
      if (importer !== at) {
        at = importer;
        row = rowOf(importer);
      }
      return of(row, product);
    };
  };
  return {
    model,
    scoreOf: scored(({ probabilityP }, product) => probabilityP[product]!),
    gainOf: scored(({ probabilityP, worthP }, product) => probabilityP[product]! * worthP[product]!),
  };
}
