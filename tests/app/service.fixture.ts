import { scoreParquet } from '../../lib/adapters/files/scoreParquet.ts';
import { scratchFolder } from '../../lib/adapters/files/scratchFolder.ts';
import { memoryEventBus } from '../../lib/adapters/memory/memoryEventBus.ts';
import { memoryExecutor } from '../../lib/adapters/memory/memoryExecutor.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { prepareRun } from '../../lib/app/prepareRun.ts';
import { publishRun } from '../../lib/app/publishRun.ts';
import { BACKTEST, runBacktest } from '../../lib/app/runBacktest.ts';
import { runChanges } from '../../lib/app/runChanges.ts';
import { runComplexity } from '../../lib/app/runComplexity.ts';
import { runEntry } from '../../lib/app/runEntry.ts';
import { runGravity } from '../../lib/app/runGravity.ts';
import { runNoise } from '../../lib/app/runNoise.ts';
import { scoreShard } from '../../lib/app/scoreShard.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { startRun } from '../../lib/app/startRun.ts';
import { tabulateRun } from '../../lib/app/tabulateRun.ts';
import { encodeArrays } from '../../lib/core/arrays.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';
import { noisyWorld } from '../core/scoring/world.fixture.ts';
import { api } from '../handlers/apiClient.fixture.ts';
import { dropOf, flowDataset } from './records.fixture.ts';

const anyFlows = (seed: number) => noisyWorld({ countries: 7, products: 9, scale: 1e5, seed, noise: () => 0.8 });

/** The whole of a run on stores in memory, step by step as the state machine takes them. */
export function service() {
  const front = api();
  const { catalog, pages } = front;
  const [lake, artifacts, bus, executor] = [
    memoryObjectStore(),
    memoryObjectStore(),
    memoryEventBus(),
    memoryExecutor(),
  ];
  const clock = () => new Date('2026-01-10T00:00:00Z');
  let dropped = 0;
  return {
    ...front,
    lake,
    artifacts,
    /** Stores a file of one year of a made world; a file of the same name replaces the one before. */
    async drop(name: string, year: number, seed: number, level = 6, flows: Flows = anyFlows(seed)) {
      const { countries, products, ...columns } = flows;
      dropped++;
      const dataset = flowDataset(
        { dataset: `${name}-${seed}`, key: `drops/${name}.csv`, lastModified: `2026-01-0${dropped}T00:00:00Z`, level },
        [year],
      );
      const { exporterN, importerN, productN, valueN } = columns;
      await lake.put(
        dataset.years![0]!.columnsKey,
        encodeArrays(
          { countries: countries.codes, products: products.codes },
          { exporterN, importerN, productN, valueN },
        ),
      );
      await catalog.putDataset(dataset);
      await catalog.putDrop(dropOf(dataset, { sequencer: String(dropped).padStart(2, '0') }));
    },
    /** Runs everything up to publish. */
    async publish({ codeVersion = 'c1', floorUsd = SETTINGS.floorUsd as number } = {}) {
      const settings = { ...SETTINGS, minimumExportsUsd: 0, minimumTradeUsd: 0, floorUsd };
      const started = await startRun({ catalog, executor, clock, settings, codeVersion })();
      if (started.outcome !== 'started') throw new Error(started.outcome);
      executor.running.clear();
      const attempt = { run: started.run, slot: started.slot, attempt: started.attempt };
      const { shards } = await prepareRun({ lake, artifacts, catalog })(attempt);
      await runComplexity({ artifacts, settings })(attempt);
      await runGravity({ artifacts })(attempt);
      await runEntry({ artifacts })(attempt);
      const score = scoreShard({ artifacts, lake, catalog, pages, settings, countryNames: new Map() });
      for (const shard of shards) await score(shard);
      await publishRun({ artifacts, catalog, bus, clock })(attempt);
      return {
        ...attempt,
        changes: (seen: Pick<Catalog, 'pointer'> = catalog) =>
          runChanges({ lake, artifacts, catalog: { ...catalog, ...seen }, pages, settings })(attempt),
        tabulate: (seen: Pick<Catalog, 'pointer'> = catalog) =>
          tabulateRun({ lake, catalog: { ...catalog, ...seen }, pages, write: scoreParquet, workspace: scratchFolder })(
            attempt,
          ),
        noise: (seen: Pick<Catalog, 'pointer'> = catalog) =>
          runNoise({ artifacts, catalog: { ...catalog, ...seen }, pages })(attempt),
        backtest: (over: { eventUsd?: number; draws?: number; mostCells?: number } = {}) =>
          runBacktest({
            lake,
            artifacts,
            catalog,
            pages,
            regionOf: (code) => (code < 'C0004' ? 'north' : 'south'),
            settings: { ...BACKTEST, draws: 30, ...over },
          })(attempt),
        settings,
      };
    },
  };
}
export type Attempt = Awaited<ReturnType<ReturnType<typeof service>['publish']>>;
