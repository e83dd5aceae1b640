import { exporterSample, reportingInBoth } from '../backtest/exporterSample.ts';
import type { Covariates } from '../covariates/covariates.ts';
import { EVENT_USD, entryContext } from '../entry/entryContext.ts';
import { entryCovariates } from '../entry/entryCovariates.ts';
import { shippedEntryModel } from '../entry/shippedEntryModel.ts';
import {
  type EntryModel,
  logLoss,
  probabilityOfRows,
  type TrainedOn,
  trainEntryModel,
  trainingRows,
} from '../entry/trainEntryModel.ts';
import { SHIPPED_GROWTH_MODEL } from '../growth/shippedGrowthModel.ts';
import {
  type GrowthModel,
  growthRows,
  growthScoreOfRows,
  squaredError,
  trainGrowthModel,
} from '../growth/trainGrowthModel.ts';
import type { Flows } from '../trade/flows.ts';

/** Two years of a world, and what is known beside the first. */
export interface TwoYears {
  readonly before: { readonly year: number; readonly flows: Flows; readonly covariates: Covariates | null };
  /** on the axes of the first */
  readonly after: { readonly year: number; readonly flows: Flows };
  /** digits of the products */
  readonly level: number;
}

/** A model, and why it is the one that is used. */
export interface Chosen<Model> {
  readonly model: Model & { readonly trainedOn: TrainedOn };
  readonly choice: Choice;
}

export interface Choice {
  readonly used: 'trained' | 'shipped';
  /** a whole sentence */
  readonly reason: string;
  /** how well each foresees cells whose exporter and importer the trained one has not seen, less is better; null where none was trained */
  readonly losses: { readonly trained: number; readonly shipped: number } | null;
}

export interface TrainedForesight {
  readonly entry: Chosen<EntryModel>;
  readonly growth: Chosen<GrowthModel>;
}

/** With fewer a model would learn the accidents of a few countries. */
const LEAST_EXPORTERS = 20;
const LEAST_ENTRIES = 2_000;
const LEAST_FLOWS = 10_000;

/**
 * Trains the models of entries and growth on two years of one world, and compares each with the shipped one on the same cells: those of exporters and importers that
 * the trained one has not seen (folds crossed by both). Entries by the mean logarithmic score of the probabilities, growth by the mean squared error of
 * ln(v after / v before). The better one is used.
 *
 *     loss of entries = −Σ w [y ln p + (1 − y) ln(1 − p)] / Σ w
 *
 * A shipped model that was trained on the same years has seen the outcomes and wins; it is then the same model in all but the exporters.
 *
 * @param mostCells of empty cells that are walked; where the world has more, exporters are drawn
 * @cost as trainingRows and ten fits of each model: at HS4 with 30 million cells about two minutes and 1.5 GB
 */
export function trainForesight({ before, after, level }: TwoYears, mostCells: number): TrainedForesight {
  const { flows } = before;
  const { codes } = flows.countries;
  const exporterE = exporterSample(flows, reportingInBoth(flows, after.flows), mostCells, 1);
  const covariates = before.covariates && entryCovariates(flows, before.covariates);
  const shipped = { entry: shippedEntryModel(covariates !== null), growth: SHIPPED_GROWTH_MODEL };
  const without = (what: string): Choice => ({
    used: 'shipped',
    reason: `${what} from ${before.year} to ${after.year}: too few to train on.`,
    losses: null,
  });
  if (exporterE.length < LEAST_EXPORTERS) {
    const choice = without(`${exporterE.length} exporters with flows in both years can be looked at`);
    return { entry: { model: shipped.entry, choice }, growth: { model: shipped.growth, choice } };
  }

  const context = entryContext(flows, { covariates });
  const question = { after: after.flows, exporterE, unknownPairs: new Set<number>() };
  const trainedOn = { before: before.year, after: after.year, level, exporters: exporterE.length };
  return { entry: entries(), growth: growth() };

  function entries(): Chosen<EntryModel> {
    const rows = trainingRows(context, question, EVENT_USD);
    const positives = rows.outcomeN.reduce((sum, y) => sum + y, 0);
    if (positives < LEAST_ENTRIES) return { model: shipped.entry, choice: without(`${positives} entries were found`) };
    const { exporterE: exportsE } = context.totals;
    const { model, converged, probabilityN } = trainEntryModel(rows, {
      countries: codes,
      exportsE,
      eventUsd: EVENT_USD,
    });
    const losses = {
      trained: logLoss(rows.outcomeN, rows.weightN, probabilityN),
      shipped: logLoss(rows.outcomeN, rows.weightN, probabilityOfRows(shipped.entry, rows, exportsE)),
    };
    const cells = Math.round(rows.weightN.reduce((sum, weight) => sum + weight, 0));
    return better({ ...model, trainedOn: { ...trainedOn, cells, positives } }, shipped.entry, converged, losses);
  }

  function growth(): Chosen<GrowthModel> {
    const rows = growthRows(context, question);
    const cells = rows.beforeN.length;
    if (cells < LEAST_FLOWS) return { model: shipped.growth, choice: without(`${cells} flows lived on`) };
    const { model, converged, scoreN } = trainGrowthModel(rows, codes);
    const losses = {
      trained: squaredError(rows, scoreN),
      shipped: squaredError(rows, growthScoreOfRows(shipped.growth, rows)),
    };
    return better({ ...model, trainedOn: { ...trainedOn, cells, positives: null } }, shipped.growth, converged, losses);
  }

  function better<Model>(
    trained: Model & { trainedOn: TrainedOn },
    other: Model & { trainedOn: TrainedOn },
    converged: boolean,
    losses: NonNullable<Choice['losses']>,
  ): Chosen<Model> {
    const years = `${before.year} to ${after.year}`;
    if (!converged)
      return { model: other, choice: { used: 'shipped', reason: `The fit to ${years} has not settled.`, losses } };
    if (losses.trained < losses.shipped) {
      const reason = `Trained on ${years} of these data, it foresees cells of countries that it has not seen better than the shipped model.`;
      return { model: trained, choice: { used: 'trained', reason, losses } };
    }
    const reason = `A model trained on ${years} of these data foresees cells of countries that it has not seen no better.`;
    return { model: other, choice: { used: 'shipped', reason, losses } };
  }
}
