import { Failure } from '../core/errors.ts';
import { FORECAST_YEARS } from '../core/forecast/flowForecast.ts';
import { latestValues } from '../core/trade/latestValues.ts';
import { mergeYears } from '../core/trade/mergeYears.ts';
import { oneYear } from '../core/trade/oneYear.ts';
import { windowYears } from '../core/trade/windowYears.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { holdsLease } from './publishRun.ts';
import { artifactKeys, encodeFlows } from './runArtifacts.ts';
import { statementsOf, storeCovariates } from './runCovariates.ts';
import { storeTraining } from './runTraining.ts';
import { planShards, type Shard, shardName } from './shards.ts';
import { slicesOf } from './slices.ts';

interface Attempt {
  readonly run: string;
  readonly slot: number;
  readonly attempt: number;
}

/**
 * The plan step: merges the inputs that the run's manifest names into one table of flows, what is known beside trade onto the
 * same countries, the trade of the year to back-test from onto axes of its own, and cuts the work into shards. What the shards
 * are is written into the run before it is returned: publish asks each of them for its receipt.
 */
export function prepareRun(deps: { lake: ObjectStore; artifacts: ObjectStore; catalog: Catalog }) {
  const { lake, artifacts, catalog } = deps;
  return async ({ run, slot, attempt }: Attempt): Promise<Attempt & { shards: (Attempt & Shard)[] }> => {
    await holdsLease(catalog, run, attempt);
    const record = await catalog.getRun(run);
    if (!record)
      throw new Failure('store.inconsistent', { what: `run ${run}` }, `run ${run} was started and is not there`);

    const { inputs, earlier } = record.manifest;
    const slices = await slicesOf(lake, inputs);
    const flows = mergeYears(slices);
    const window = windowYears(flows, slices);
    const latestN = latestValues(flows, window, FORECAST_YEARS);
    await artifacts.put(artifactKeys(run).flows, encodeFlows(flows, latestN, oneYear(flows, window)));
    const before = earlier && mergeYears(await slicesOf(lake, earlier.inputs));
    if (before) await artifacts.put(artifactKeys(run).earlier, encodeFlows(before));

    const statements = await statementsOf(lake, record.manifest);
    const covariates = await storeCovariates(artifacts, run, record.manifest, flows, statements);
    await storeTraining(deps, run, record.manifest, before, statements);

    const shards = planShards(flows.countries.codes.length, flows.exporterN, flows.importerN);
    const facts = {
      countries: flows.countries.codes.length,
      products: flows.products.codes.length,
      flows: flows.valueN.length,
      tradeUsd: flows.valueN.reduce((sum, value) => sum + value, 0),
      shards: shards.map(shardName),
      covariates,
    };
    await catalog.putRun({ ...record, facts });
    return { run, slot, attempt, shards: shards.map((shard) => ({ run, slot, attempt, ...shard })) };
  };
}
