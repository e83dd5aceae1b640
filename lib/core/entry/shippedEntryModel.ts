import { WITH_COVARIATES } from './shippedWithCovariates.ts';
import { WITHOUT_COVARIATES } from './shippedWithoutCovariates.ts';
import type { EntryModel, TrainedOn } from './trainEntryModel.ts';

export type ShippedEntryModel = EntryModel & { readonly trainedOn: TrainedOn };

/**
 * The model for data without a second vintage. What it was trained on is part of it: another level of products, or another horizon, is a guess.
 *
 * @param hasCovariates whether the context has covariates, without which the better model has terms that are not there
 */
export const shippedEntryModel = (hasCovariates: boolean): ShippedEntryModel =>
  hasCovariates ? WITH_COVARIATES : WITHOUT_COVARIATES;
