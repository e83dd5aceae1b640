import { type Covariates, covariates } from '../core/covariates/covariates.ts';
import type { Statements } from '../core/covariates/statements.ts';
import { type TrainedForesight, trainForesight } from '../core/scoring/trainForesight.ts';
import type { Flows } from '../core/trade/flows.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { RunManifest } from './records.ts';
import { artifactKeys, decodeFlows, decodeStep, encodeFlows, encodeStep, required } from './runArtifacts.ts';
import { yearOnAxes } from './slices.ts';

/** Over fewer years less is entered, and a chance would mean something else than that of the shipped models, which is of seven. */
const LEAST_YEARS = 5;

/** Between which years models are trained. */
interface TrainingFacts {
  readonly before: number;
  readonly after: number;
  readonly level: number;
  /** empty cells that are looked at, at most */
  readonly mostCells: number;
  /** whether anything is known beside trade */
  readonly hasCovariates: boolean;
}

/**
 * Puts what models are trained on beside the run's other artifacts, so that the step that trains needs nothing else; or that there is nothing to train on.
 *
 * @param before the flows of the earlier year; null without one
 */
export async function storeTraining(
  { lake, artifacts }: { lake: ObjectStore; artifacts: ObjectStore },
  run: string,
  { earlier, inputs, years, level, settings, covariates: known }: RunManifest,
  before: Flows | null,
  statements: readonly Statements[],
): Promise<void> {
  const keys = artifactKeys(run);
  const mostCells = Number(settings.trainingCells ?? 0);
  const after = Math.max(...years);
  if (!earlier || !before || mostCells === 0 || after - earlier.year < LEAST_YEARS) {
    await artifacts.put(keys.training, encodeStep(null, {}));
    return;
  }
  await artifacts.put(keys.outcome, encodeFlows(await yearOnAxes(lake, inputs, after, before)));
  const facts: TrainingFacts = { before: earlier.year, after, level, mostCells, hasCovariates: known.length > 0 };
  const columns = covariates(before.countries, earlier.year, statements).covariates;
  await artifacts.put(keys.training, encodeStep(facts, {}, { ...columns }));
}

/** Trains what can be trained and keeps it for the score step. Null where there is no earlier year to train on. */
export async function trainModels(artifacts: ObjectStore, run: string): Promise<TrainedForesight | null> {
  const keys = artifactKeys(run);
  const { facts, vectors } = decodeStep<TrainingFacts | null, never, keyof Covariates>(
    await required(artifacts, keys.training),
  );
  const trained = facts && (await train(facts));
  await artifacts.put(keys.models, new TextEncoder().encode(JSON.stringify(trained)), 'application/json');
  return trained;

  async function train({ before, after, level, mostCells, hasCovariates }: TrainingFacts): Promise<TrainedForesight> {
    const flowsOf = async (key: string): Promise<Flows> => decodeFlows(await required(artifacts, key));
    return trainForesight(
      {
        before: {
          year: before,
          flows: await flowsOf(keys.earlier),
          covariates: hasCovariates ? (vectors as unknown as Covariates) : null,
        },
        after: { year: after, flows: await flowsOf(keys.outcome) },
        level,
      },
      mostCells,
    );
  }
}

/** The models as the step that trains left them; null where nothing was trained. */
export async function loadModels(artifacts: ObjectStore, run: string): Promise<TrainedForesight | null> {
  return JSON.parse(new TextDecoder().decode(await required(artifacts, artifactKeys(run).models)));
}
