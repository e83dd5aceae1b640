import { entryContext } from '../entry/entryContext.ts';
import { entryCovariates } from '../entry/entryCovariates.ts';
import { entryFeatures } from '../entry/entryFeatures.ts';
import { entryPredictor } from '../entry/predictor.ts';
import { type ShippedEntryModel, shippedEntryModel } from '../entry/shippedEntryModel.ts';
import type { BaseYear, CellScore } from './baselines.ts';

/**
 * The probability of entry that the shipped model gives, as a score of empty cells.
 *
 * @returns the model with what it was trained on, and for an exporter a function of importer and product in (0, 1). Cheap where cells are asked for importer
 *   by importer; the function of one exporter is of no use any more once the next is asked for
 */
export function shippedModelScore({ flows, covariates }: BaseYear): {
  readonly model: ShippedEntryModel;
  readonly scoreOf: (exporter: number) => CellScore;
} {
  const context = entryContext(flows, { covariates: covariates && entryCovariates(flows, covariates) });
  const model = shippedEntryModel(context.covariates !== null);
  const featuresOf = entryFeatures(context);
  const foreseen = entryPredictor(model, context.totals);
  return {
    model,
    scoreOf: (exporter) => {
      const rowOf = foreseen(exporter, featuresOf(exporter));
      let at = -1;
      let probabilityP: Float64Array = new Float64Array();
      return (importer, product) => {
        if (importer !== at) {
          at = importer;
          probabilityP = rowOf(importer).probabilityP;
        }
        return probabilityP[product]!;
      };
    },
  };
}
