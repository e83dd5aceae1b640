import { decodeArrays } from '../core/arrays.ts';
import {
  type COUNTRY_COLUMNS,
  type CovariateFacts,
  type Covariates,
  covariates,
  type PAIR_COLUMNS,
} from '../core/covariates/covariates.ts';
import type { Statements } from '../core/covariates/statements.ts';
import type { Axis } from '../core/labels.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { RunManifest } from './records.ts';
import { artifactKeys, decodeStep, encodeStep, required } from './runArtifacts.ts';
import { type ElasticityFacts, storeElasticities } from './runElasticities.ts';
import { storeTariffs, type TariffFacts } from './runTariffs.ts';

/** The statements of the files that a run's manifest names, in the order in which they speak. */
export function statementsOf(lake: ObjectStore, manifest: RunManifest): Promise<Statements[]> {
  return Promise.all(
    manifest.covariates.map(async ({ columnsKey }): Promise<Statements> => {
      const { meta, arrays } = decodeArrays<
        Pick<Statements, 'measure' | 'countries' | 'products' | 'years'>,
        'yearN' | 'firstN' | 'secondN' | 'productN' | 'valueN'
      >(await required(lake, columnsKey));
      return {
        ...meta,
        yearN: arrays.yearN as Uint16Array,
        firstN: arrays.firstN as Uint16Array,
        secondN: arrays.secondN as Uint16Array,
        productN: arrays.productN as Uint16Array,
        valueN: arrays.valueN as Float64Array,
      };
    }),
  );
}

/** Brings what the run knows beside trade onto its axes, keeps it with the run's artifacts, and says how much there is. */
export async function storeCovariates(
  artifacts: ObjectStore,
  run: string,
  manifest: RunManifest,
  axes: { readonly countries: Axis; readonly products: Axis },
  statements: readonly Statements[],
): Promise<CovariateFacts & { readonly tariffs: TariffFacts; readonly elasticities: ElasticityFacts }> {
  const year = Math.max(...manifest.years);
  const known = covariates(axes.countries, year, statements);
  await artifacts.put(artifactKeys(run).covariates, encodeStep(known.facts, {}, { ...known.covariates }));
  return {
    ...known.facts,
    tariffs: await storeTariffs(artifacts, run, axes, year, statements),
    elasticities: await storeElasticities(artifacts, run, axes, statements),
  };
}

/** What the run knows beside trade, on its axis of countries. */
export async function loadCovariates(artifacts: ObjectStore, run: string): Promise<Covariates> {
  const bytes = await required(artifacts, artifactKeys(run).covariates);
  type Name = (typeof PAIR_COLUMNS)[number] | (typeof COUNTRY_COLUMNS)[number];
  const { vectors } = decodeStep<CovariateFacts, never, Name>(bytes);
  return vectors as unknown as Covariates;
}
