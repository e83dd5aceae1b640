import type { TypedArray } from '../core/arrays.ts';
import { entryContext, type PreparedEntries, prepareEntries } from '../core/entry/entryContext.ts';
import { entryCovariates } from '../core/entry/entryCovariates.ts';
import { termsOf } from '../core/entry/entryFeatures.ts';
import { shippedEntryModel } from '../core/entry/shippedEntryModel.ts';
import type { TrainedOn } from '../core/entry/trainEntryModel.ts';
import { SHIPPED_GROWTH_MODEL } from '../core/growth/shippedGrowthModel.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Foresight } from '../core/scoring/exporterScores.ts';
import type { ForesightModels } from '../core/scoring/foreseen.ts';
import type { ScoringInputs } from '../core/scoring/scoringInputs.ts';
import type { Choice } from '../core/scoring/trainForesight.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeFlows, decodeStep, encodeStep, required } from './runArtifacts.ts';
import { loadCovariates } from './runCovariates.ts';
import { loadModels, trainModels } from './runTraining.ts';

/** The models that rank opportunities, and what they were trained on. */
export interface TrainedModels {
  readonly entry: ForesightModels['entry'] & { readonly trainedOn: TrainedOn };
  readonly growth: ForesightModels['growth'] & { readonly trainedOn: TrainedOn };
}

/** Why these models; null where there was no earlier year to train on. */
export type TrainingChoices = { readonly entry: Choice; readonly growth: Choice } | null;

const FITS = ['roots', 'fourthRoots', 'largeFlows', 'anyFlows'] as const;

/**
 * The entry step: what the models of entries and growth look at, as far as it takes time: fits of damped trade, who is like whom, which
 * products are related; and where an earlier year is stored, models trained on it. What it returns is for the log.
 */
export function runEntry({ artifacts }: { artifacts: ObjectStore }) {
  return async ({ run }: { run: string }) => {
    const keys = artifactKeys(run);
    const flows = decodeFlows(await required(artifacts, keys.flows));
    const { fits, similarExporters, similarImporters, relatives, density } = prepareEntries(flows);
    const matrices: Record<string, Matrix> = {
      density,
      similarExporters: similarExporters.weightCC,
      similarImporters: similarImporters.weightCC,
    };
    for (const fit of FITS)
      for (const effect of ['a', 'b', 'c'] as const) matrices[`${fit}.${effect}`] = fits[fit][effect];
    const vectors: Record<string, TypedArray> = {
      exportersAlone: similarExporters.aloneC,
      importersAlone: similarImporters.aloneC,
      ...relatives,
    };
    await artifacts.put(keys.entry, encodeStep(null, matrices, vectors));
    const trained = await trainModels(artifacts, run);
    return {
      related: relatives.productX.length,
      entryModel: trained?.entry.choice ?? null,
      growthModel: trained?.growth.choice ?? null,
    };
  };
}

/**
 * What the entry step has left, ready to score with: with gravity and near countries where distances are known, else by the model of trade
 * alone; with the models that were trained in the run, or the shipped ones.
 */
export async function loadForesight(
  artifacts: ObjectStore,
  run: string,
  { flows, factors, blended }: ScoringInputs,
): Promise<Foresight & { readonly models: TrainedModels; readonly choices: TrainingChoices }> {
  const { matrices, vectors } = decodeStep<null, string, string>(await required(artifacts, artifactKeys(run).entry));
  const matrixOf = (name: string) => found(matrices, name);
  const fitOf = (name: (typeof FITS)[number]) => ({
    a: matrixOf(`${name}.a`),
    b: matrixOf(`${name}.b`),
    c: matrixOf(`${name}.c`),
  });
  const prepared: PreparedEntries = {
    fits: {
      roots: fitOf('roots'),
      fourthRoots: fitOf('fourthRoots'),
      largeFlows: fitOf('largeFlows'),
      anyFlows: fitOf('anyFlows'),
    },
    similarExporters: {
      weightCC: matrixOf('similarExporters'),
      aloneC: found(vectors, 'exportersAlone') as Uint8Array,
    },
    similarImporters: {
      weightCC: matrixOf('similarImporters'),
      aloneC: found(vectors, 'importersAlone') as Uint8Array,
    },
    relatives: {
      startP: found(vectors, 'startP') as Uint32Array,
      productX: found(vectors, 'productX') as Uint16Array,
      weightX: found(vectors, 'weightX') as Float32Array,
    },
    density: matrixOf('density'),
  };
  const covariates = blended?.models.gravity
    ? entryCovariates(flows, await loadCovariates(artifacts, run), {
        effects: blended.models.gravity,
        groupP: blended.models.groupP,
        zeros: blended.gravityZeros,
      })
    : null;
  const trained = await loadModels(artifacts, run);
  const known = new Set<string>(termsOf({ covariates }).map(({ term }) => term));
  // an earlier year of which more was known has a model that asks for more than there is now
  const isUsable = trained?.entry.model.shapes.every(({ term }) => known.has(term));
  return {
    context: entryContext(flows, { threeWay: factors, prepared, covariates }),
    models: {
      entry: trained && isUsable ? trained.entry.model : shippedEntryModel(covariates !== null),
      growth: trained ? trained.growth.model : SHIPPED_GROWTH_MODEL,
    },
    choices: trained && { entry: trained.entry.choice, growth: trained.growth.choice },
  };
}

function found<Value>(of: Readonly<Record<string, Value>>, name: string): Value {
  const value = of[name];
  if (value === undefined) throw new RangeError(`entry.bin has no ${name}`);
  return value;
}
