import { type Elasticities, elasticities } from '../core/covariates/elasticities.ts';
import type { Statements } from '../core/covariates/statements.ts';
import type { Axis } from '../core/labels.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeIfKnown, encodeIfKnown, required } from './runArtifacts.ts';

/** Of how many products a run knows each elasticity; null where it knows none. */
export type ElasticityFacts = { readonly income: number; readonly price: number } | null;

/** Keeps what files say of how imports answer income and prices with the run's artifacts, on its axis of products. */
export async function storeElasticities(
  artifacts: ObjectStore,
  run: string,
  products: Axis,
  statements: readonly Statements[],
): Promise<ElasticityFacts> {
  const known = elasticities(products, statements);
  await artifacts.put(artifactKeys(run).elasticities, encodeIfKnown(known && { ...known }));
  const stated = (valueP: Float64Array) => valueP.filter((value) => !Number.isNaN(value)).length;
  return known && { income: stated(known.incomeP), price: stated(known.priceP) };
}

/** What the plan step knew of elasticities; null where nothing. */
export async function loadElasticities(artifacts: ObjectStore, run: string): Promise<Elasticities | null> {
  return decodeIfKnown(await required(artifacts, artifactKeys(run).elasticities));
}
