import type { TypedArray } from '../core/arrays.ts';
import { entryContext, type PreparedEntries, prepareEntries } from '../core/entry/entryContext.ts';
import { entryCovariates } from '../core/entry/entryCovariates.ts';
import { shippedEntryModel } from '../core/entry/shippedEntryModel.ts';
import type { TrainedOn } from '../core/entry/trainEntryModel.ts';
import { SHIPPED_GROWTH_MODEL } from '../core/growth/shippedGrowthModel.ts';
import type { Matrix } from '../core/matrix.ts';
import type { Foresight } from '../core/scoring/exporterScores.ts';
import type { ForesightModels } from '../core/scoring/foreseen.ts';
import type { ScoringInputs } from '../core/scoring/scoringInputs.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeFlows, decodeStep, encodeStep, required } from './runArtifacts.ts';
import { loadCovariates } from './runCovariates.ts';

/** The models that rank opportunities, and what they were trained on. */
export interface TrainedModels {
  readonly entry: ForesightModels['entry'] & { readonly trainedOn: TrainedOn };
  readonly growth: ForesightModels['growth'] & { readonly trainedOn: TrainedOn };
}

const FITS = ['roots', 'fourthRoots', 'largeFlows', 'anyFlows'] as const;

/**
 * The entry step: what the models of entries and growth look at, as far as it takes time: fits of damped trade, who is like whom, which
 * products are related. What it returns is for the log.
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
    return { related: relatives.productX.length };
  };
}

/**
 * What the entry step has left, ready to score with: with gravity and near countries where distances are known, else by the model of trade
 * alone.
 */
export async function loadForesight(
  artifacts: ObjectStore,
  run: string,
  { flows, factors, blended }: ScoringInputs,
): Promise<Foresight & { readonly models: TrainedModels }> {
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
  return {
    context: entryContext(flows, { threeWay: factors, prepared, covariates }),
    models: { entry: shippedEntryModel(covariates !== null), growth: SHIPPED_GROWTH_MODEL },
  };
}

function found<Value>(of: Readonly<Record<string, Value>>, name: string): Value {
  const value = of[name];
  if (value === undefined) throw new RangeError(`entry.bin has no ${name}`);
  return value;
}
