/**
 * Compares two runs of the world at HS4 on stores in memory: the year beside the project, then the same with every value moved, as another year and as a
 * revision under other code.
 *
 *     node tests/bench/changes.ts
 *
 * Prints one JSON line a case: causes, seconds of the changes step, write units of its pages, the largest of them, peak megabytes.
 */
import { readFileSync } from 'node:fs';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryEventBus } from '../../lib/adapters/memory/memoryEventBus.ts';
import { memoryExecutor } from '../../lib/adapters/memory/memoryExecutor.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { readChanges } from '../../lib/app/layout/changesPages.ts';
import { prepareRun } from '../../lib/app/prepareRun.ts';
import { publishRun } from '../../lib/app/publishRun.ts';
import { runChanges } from '../../lib/app/runChanges.ts';
import { runComplexity } from '../../lib/app/runComplexity.ts';
import { runEntry } from '../../lib/app/runEntry.ts';
import { runGravity } from '../../lib/app/runGravity.ts';
import { scoreShard } from '../../lib/app/scoreShard.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { startRun } from '../../lib/app/startRun.ts';
import { encodeArrays } from '../../lib/core/arrays.ts';
import { normal, stream } from '../../lib/core/random.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import type { Page } from '../../lib/ports/pageStore.ts';
import { dropOf, flowDataset } from '../app/records.fixture.ts';
import { isThere, REAL_WORLDS, realWorld } from '../core/gravity/realWorlds.fixture.ts';

if (!isThere('hs4')) throw new Error(`${REAL_WORLDS.hs4.file} is not there`);
const world = await realWorld('hs4');
const moved = (seed: number): Flows => ({
  ...world,
  valueN: world.valueN.map((value, n) => value * Math.exp(0.2 * normal(stream(seed, 'moved'), n))),
});
const peakMb = () => Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024);

for (const later of [
  [{ file: 'b', year: 2018, code: 'c1' }],
  [
    { file: 'a', year: 2017, code: 'c2' },
    { file: 'b', year: 2018, code: 'c2' },
  ],
]) {
  const [catalog, pages, lake, artifacts, bus, executor] = [
    memoryCatalog(),
    memoryPageStore(),
    memoryObjectStore(),
    memoryObjectStore(),
    memoryEventBus(),
    memoryExecutor(),
  ];
  const clock = () => new Date('2026-01-10T00:00:00Z');
  let dropped = 0;
  const drop = async (file: string, year: number, { countries, products, ...columns }: Flows) => {
    dropped++;
    const over = {
      dataset: `${file}${dropped}`,
      key: `drops/${file}.csv`,
      lastModified: `2026-01-0${dropped}T00:00:00Z`,
      level: 4,
    };
    const dataset = flowDataset(over, [year]);
    const { exporterN, importerN, productN, valueN } = columns;
    await lake.put(
      dataset.years![0]!.columnsKey,
      encodeArrays(
        { countries: countries.codes, products: products.codes },
        { exporterN, importerN, productN, valueN },
      ),
    );
    await catalog.putDataset(dataset);
    await catalog.putDrop(dropOf(dataset, { sequencer: `0${dropped}` }));
  };
  const publish = async (codeVersion: string) => {
    const started = await startRun({ catalog, executor, clock, settings: SETTINGS, codeVersion })();
    if (started.outcome !== 'started') throw new Error(started.outcome);
    executor.running.clear();
    const { shards } = await prepareRun({ lake, artifacts, catalog })(started);
    await runComplexity({ artifacts, settings: SETTINGS })(started);
    await runGravity({ artifacts })(started);
    await runEntry({ artifacts })(started);
    const score = scoreShard({ artifacts, lake, catalog, pages, settings: SETTINGS, countryNames: new Map() });
    for (const shard of shards) await score(shard);
    await publishRun({ artifacts, catalog, bus, clock })(started);
    return started;
  };
  await drop('a', 2017, world);
  await publish('c1');
  for (const { file, year } of later) await drop(file, year, moved(year));
  const second = await publish(later.at(-1)!.code);

  const cost = { writeUnits: 0, pages: 0, largestBytes: 0 };
  const counted = {
    ...pages,
    async put(written: readonly Page[]) {
      const one = await pages.put(written);
      cost.writeUnits += one.writeUnits;
      cost.pages += one.pages;
      cost.largestBytes = Math.max(cost.largestBytes, ...written.map(({ body }) => body.length));
      return one;
    },
  };
  const from = performance.now();
  const { outcome } = await runChanges({ lake, artifacts, catalog, pages: counted, settings: SETTINGS })(second);
  const seconds = Number(((performance.now() - from) / 1000).toFixed(1));
  const found = await readChanges(pages, second.run, second.slot);
  console.log(JSON.stringify({ outcome, causes: found?.head.causes, seconds, ...cost, peakMb: peakMb() }));
}
