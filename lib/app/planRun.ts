import { createHash } from 'node:crypto';
import type { Dataset, Drop, RunInput, RunManifest } from './records.ts';
import type { Settings } from './settings.ts';

/**
 * Decides what a run over everything stored so far would score: which datasets speak for which year, in which order, and which do
 * not take part and why. Pure: the same catalog content gives the same manifest and the same run id. Null when there are no flows.
 */
export function planRun(
  stored: { datasets: readonly Dataset[]; drops: readonly Drop[] },
  settings: Settings,
  codeVersion: string,
): { run: string; manifest: RunManifest } | null {
  const unused: { dataset: string; reason: string }[] = [];

  // a key that now stands for other content has replaced the dataset it stood for before
  const standsFor = new Map<string, Set<string>>();
  for (const drop of stored.drops)
    if (drop.dataset) standsFor.set(drop.dataset, new Set([...(standsFor.get(drop.dataset) ?? []), drop.key]));
  const active = stored.datasets.filter((dataset) => {
    if (standsFor.has(dataset.dataset)) return true;
    unused.push({ dataset: dataset.dataset, reason: `${dataset.key} was dropped again with other content` });
    return false;
  });

  // older first: a later one wins
  const speaking = active.toSorted((a, b) => compare(a.lastModified, b.lastModified) || compare(a.key, b.key));
  const flows = speaking.filter((dataset) => dataset.kind === 'flows');
  const newest = flows.at(-1);
  if (!newest) return null;

  // one product classification per run: that of the newest flows
  const level = newest.level ?? 0;
  const hsRevision = newest.hsRevision ?? 'HS';
  const sameProducts = flows.filter((dataset) => {
    const same = dataset.level === level && (dataset.hsRevision ?? 'HS') === hsRevision;
    if (!same) {
      const its = `${dataset.hsRevision ?? 'HS'} at ${dataset.level} digits`;
      unused.push({
        dataset: dataset.dataset,
        reason: `its products are ${its}, the newest flows are ${hsRevision} at ${level} digits`,
      });
    }
    return same;
  });

  // the window: the latest year and those before it
  const slices = sameProducts.flatMap((dataset) =>
    (dataset.years ?? []).map((slice) => ({ dataset: dataset.dataset, ...slice })),
  );
  const latest = Math.max(...slices.map((slice) => slice.year));
  const inputsOf = (takesPart: (year: number) => boolean): RunInput[] =>
    slices
      .filter(({ year }) => takesPart(year))
      .map(({ dataset, year, columnsKey, contentHash }) => ({ dataset, year, columnsKey, contentHash }))
      .toSorted((a, b) => a.year - b.year); // stable: within a year the speaking order stays
  const inWindow = (year: number) => year > latest - settings.windowYears;
  const inputs = inputsOf(inWindow);

  // the year to back-test from, and those after it that the window does not hold
  const base = baseYear(
    slices.map((slice) => slice.year),
    latest,
    settings.backtestYears,
  );
  const earlier =
    base === null
      ? null
      : {
          year: base,
          inputs: inputsOf((year) => year === base),
          between: inputsOf((year) => year > base && !inWindow(year)),
        };
  const takesPart = new Set(
    [...inputs, ...(earlier?.inputs ?? []), ...(earlier?.between ?? [])].map(({ dataset }) => dataset),
  );
  for (const dataset of sameProducts) {
    if (!takesPart.has(dataset.dataset)) {
      unused.push({
        dataset: dataset.dataset,
        reason: `all its years are before ${latest - settings.windowYears + 1}, the first of the window`,
      });
    }
  }

  // names: general product dictionaries first, that of the same revision last, so that it wins
  const dictionaries = speaking
    .flatMap(({ dataset, kind, entriesKey, contentHash, hsRevision: revision }) =>
      kind !== 'flows' && kind !== 'covariates' && entriesKey && contentHash
        ? [{ dataset, kind, entriesKey, contentHash, matches: revision === hsRevision }]
        : [],
    )
    .toSorted((a, b) => Number(a.matches) - Number(b.matches))
    .map(({ matches: _, ...dictionary }) => dictionary);

  // what is known beside trade, by the latest year of the window
  const covariates = speaking
    .filter(({ kind }) => kind === 'covariates')
    .flatMap(({ dataset, measures }) => {
      const known = (measures ?? []).filter(({ years }) => years.length === 0 || (years[0] ?? 0) <= latest);
      if (known.length === 0)
        unused.push({ dataset, reason: `all its years are after ${latest}, the latest year of the flows` });
      return known.map(({ measure, columnsKey, contentHash }) => ({ dataset, measure, columnsKey, contentHash }));
    })
    .toSorted((a, b) => compare(a.measure, b.measure)); // stable: within a measure the speaking order stays

  const manifest: RunManifest = {
    codeVersion,
    settings: { ...settings },
    level,
    hsRevision,
    years: [...new Set(inputs.map((input) => input.year))],
    inputs,
    earlier,
    dictionaries,
    covariates,
    unused,
    synthetic: sameProducts.some((dataset) => dataset.key.includes('synthetic')),
  };
  return { run: runId(manifest), manifest };
}

/** Between these many years before the latest a back-test can begin: entries take years, and much older trade says little of today's. */
export const HORIZON = { least: 3, most: 10 } as const;

/** The stored year whose distance from the latest is nearest to the one wished, the later of two; null when none is possible or wished. */
function baseYear(years: readonly number[], latest: number, wished: number): number | null {
  if (wished === 0) return null;
  const possible = years.filter((year) => latest - year >= HORIZON.least && latest - year <= HORIZON.most);
  const offBy = (year: number) => Math.abs(latest - year - wished);
  return possible.sort((a, b) => offBy(a) - offBy(b) || b - a)[0] ?? null;
}

const contentOf = ({ year, contentHash }: RunInput) => [year, contentHash];

/** A run's id: 16 hex digits of a hash over what its numbers depend on, and nothing else (not names of files, not times). */
function runId(manifest: RunManifest): string {
  const { codeVersion, settings, level, hsRevision, inputs, earlier, dictionaries, covariates, synthetic } = manifest;
  const dependsOn = {
    codeVersion,
    settings: Object.entries(settings).toSorted(([a], [b]) => compare(a, b)),
    level,
    hsRevision,
    inputs: inputs.map(contentOf),
    earlier: earlier && [earlier.year, earlier.inputs.map(contentOf), earlier.between.map(contentOf)],
    dictionaries: dictionaries.map((dictionary) => [dictionary.kind, dictionary.contentHash]),
    covariates: covariates.map(({ measure, contentHash }) => [measure, contentHash]),
    synthetic,
  };
  return createHash('sha256').update(JSON.stringify(dependsOn)).digest('hex').slice(0, 16);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
