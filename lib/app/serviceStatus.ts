import type { Catalog } from '../ports/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { Published, PublishedScores } from './layout/publishedScores.ts';
import { cents } from './opportunity.ts';
import type { Drop } from './records.ts';

/** Refused drops that the status names: the latest. */
const FAILED_DROPS = 20;

export interface ServiceStatus {
  readonly now: string;
  readonly published: Published | null;
  readonly ageSeconds: number | null;
  /** stored rows that the current run speaks from */
  readonly rows: number | null;
  readonly coverage: Coverage | null;
  /** the run under way */
  readonly running: { readonly run: string; readonly attempt: number; readonly startedAt: string } | null;
  /** the newest failed run that no published one has followed */
  readonly failed: { readonly run: string; readonly attempt: number; readonly reason: string } | null;
  readonly drops: Record<Drop['outcome'], number>;
  readonly failedDrops: readonly { readonly key: string; readonly lastModified: string; readonly reason: string }[];
}

export interface Coverage {
  readonly years: readonly number[];
  readonly exporters: number;
  readonly importers: number;
  readonly products: number;
  readonly worldTradeUsd: number;
}

/** Whether the service is well: what is published and how old it is, what is under way, what went wrong. */
export function serviceStatus(deps: { catalog: Catalog; scores: PublishedScores; clock: Clock }) {
  const { catalog, scores, clock } = deps;
  return async (): Promise<ServiceStatus> => {
    const [published, drops, datasets, runs] = await Promise.all([
      scores.currentOrNull(),
      catalog.drops(),
      catalog.datasets(),
      catalog.runs(10),
    ]);
    const now = clock();
    const rowsOf = ({ dataset, year }: { dataset: string; year: number }) =>
      datasets.find((each) => each.dataset === dataset)?.years?.find((each) => each.year === year)?.rows ?? 0;
    const since = runs.findIndex(({ status }) => status === 'published');
    const latest = since < 0 ? runs : runs.slice(0, since);
    const running = latest.find(({ status }) => status === 'running');
    const failed = latest.find(({ status }) => status === 'failed');
    const refused = drops.filter(({ outcome }) => outcome === 'refused');
    const count = (outcome: Drop['outcome']) => drops.filter((drop) => drop.outcome === outcome).length;

    return {
      now: now.toISOString(),
      published,
      ageSeconds: published
        ? Math.max(0, Math.round((now.getTime() - Date.parse(published.publishedAt)) / 1000))
        : null,
      rows: published?.manifest.inputs.reduce((sum, input) => sum + rowsOf(input), 0) ?? null,
      coverage: published && {
        years: published.manifest.years,
        exporters: published.world.countryFacts.filter(({ exportsUsd }) => exportsUsd > 0).length,
        importers: published.world.countryFacts.filter(({ importsUsd }) => importsUsd > 0).length,
        products: published.world.productFacts.length,
        worldTradeUsd:
          cents(published.world.productFacts.reduce((sum, product) => sum + product.worldTradeUsd, 0)) ?? 0,
      },
      running: running ? { run: running.run, attempt: running.attempt, startedAt: running.startedAt } : null,
      failed: failed
        ? { run: failed.run, attempt: failed.attempt, reason: failed.reason ?? 'no reason was recorded' }
        : null,
      drops: { stored: count('stored'), storedWithRejects: count('storedWithRejects'), refused: count('refused') },
      failedDrops: refused
        .sort((a, b) => (a.lastModified < b.lastModified ? 1 : -1))
        .slice(0, FAILED_DROPS)
        .map(({ key, lastModified, reason }) => ({ key, lastModified, reason: reason ?? 'no reason was recorded' })),
    };
  };
}
