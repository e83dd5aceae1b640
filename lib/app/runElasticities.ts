import { type Elasticities, elasticities, incomeElasticitiesOf } from '../core/covariates/elasticities.ts';
import type { Statements } from '../core/covariates/statements.ts';
import type { Axis } from '../core/labels.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeIfKnown, encodeIfKnown, required } from './runArtifacts.ts';

/** Of how many products a run knows each elasticity, and of how many importers those of income for themselves; null where it knows none. */
export type ElasticityFacts = { readonly income: number; readonly price: number; readonly importers: number } | null;

/** Keeps what files say of how imports answer income and prices with the run's artifacts, on its axes. */
export async function storeElasticities(
  artifacts: ObjectStore,
  run: string,
  axes: { readonly countries: Axis; readonly products: Axis },
  statements: readonly Statements[],
): Promise<ElasticityFacts> {
  const known = elasticities(axes.countries, axes.products, statements);
  await artifacts.put(artifactKeys(run).elasticities, encodeIfKnown(known && { ...known }));
  if (!known) return null;
  const stated = (values: Float64Array | Float32Array) => values.filter((value) => !Number.isNaN(value)).length;
  const importers = axes.countries.codes.filter((_, m) => {
    const own = incomeElasticitiesOf(known, m);
    return own && stated(own) > 0;
  });
  return { income: stated(known.incomeP), price: stated(known.priceP), importers: importers.length };
}

/** What the plan step knew of elasticities; null where nothing. */
export async function loadElasticities(artifacts: ObjectStore, run: string): Promise<Elasticities | null> {
  return decodeIfKnown(await required(artifacts, artifactKeys(run).elasticities));
}
