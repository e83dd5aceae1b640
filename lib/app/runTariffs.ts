import type { Statements } from '../core/covariates/statements.ts';
import { type Tariffs, tariffs } from '../core/covariates/tariffs.ts';
import type { Axis } from '../core/labels.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeIfKnown, encodeIfKnown, required } from './runArtifacts.ts';

/** How many rates a run knows, and of how many importers; null where no tariffs are loaded. */
export type TariffFacts = { readonly rates: number; readonly importers: number } | null;

/** Keeps what importers charge with the run's artifacts, on its axes. */
export async function storeTariffs(
  artifacts: ObjectStore,
  run: string,
  axes: { readonly countries: Axis; readonly products: Axis },
  year: number,
  statements: readonly Statements[],
): Promise<TariffFacts> {
  const known = tariffs(axes.countries, axes.products, year, statements);
  await artifacts.put(artifactKeys(run).tariffs, encodeIfKnown(known && { ...known }));
  if (!known) return null;
  const importers = axes.countries.codes.filter((_, m) => (known.startM[m + 1] ?? 0) > (known.startM[m] ?? 0)).length;
  return { rates: known.percentN.length, importers };
}

/** What importers charge, as the plan step left it; null where nothing is known. */
export async function loadTariffs(artifacts: ObjectStore, run: string): Promise<Tariffs | null> {
  return decodeIfKnown(await required(artifacts, artifactKeys(run).tariffs));
}
