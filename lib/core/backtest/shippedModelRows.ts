import { entryContext } from '../entry/entryContext.ts';
import { entryCovariates } from '../entry/entryCovariates.ts';
import { entryFeatures } from '../entry/entryFeatures.ts';
import { type EntryRow, entryPredictor } from '../entry/predictor.ts';
import { type ShippedEntryModel, shippedEntryModel } from '../entry/shippedEntryModel.ts';
import type { BaseYear } from './baselines.ts';

/**
 * What the shipped model foresees of empty cells.
 *
 * @returns the model with what it was trained on, and for an exporter a function of the importer. Cheap where cells are asked for importer by importer; the function
 *   of one exporter is of no use any more once the next is asked for, nor a row once the next importer is
 */
export function shippedModelRows({ flows, covariates }: BaseYear): {
  readonly model: ShippedEntryModel;
  readonly rowsOf: (exporter: number) => (importer: number) => EntryRow;
} {
  const context = entryContext(flows, { covariates: covariates && entryCovariates(flows, covariates) });
  const model = shippedEntryModel(context.covariates !== null);
  const featuresOf = entryFeatures(context);
  const foreseen = entryPredictor(model, context.totals);
  return {
    model,
    rowsOf: (exporter) => {
      const rowOf = foreseen(exporter, featuresOf(exporter));
      let at = -1;
      let row: EntryRow;
      return (importer) => {
        if (importer !== at) row = rowOf(importer);
        at = importer;
        return row;
      };
    },
  };
}
