import { readFile } from 'node:fs/promises';
import { dropReader } from '../../lib/adapters/files/dropReader.ts';
import { ISO_COUNTRIES } from '../../lib/adapters/files/isoCountries.ts';
import { scratchFolder } from '../../lib/adapters/files/scratchFolder.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryEventBus } from '../../lib/adapters/memory/memoryEventBus.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryQueue } from '../../lib/adapters/memory/memoryQueue.ts';
import { ingestDrop } from '../../lib/app/ingestDrop.ts';
import { planRun } from '../../lib/app/planRun.ts';
import { prepareRun } from '../../lib/app/prepareRun.ts';
import type { RunManifest } from '../../lib/app/records.ts';
import { artifactKeys, decodeFlows, required } from '../../lib/app/runArtifacts.ts';
import { SETTINGS, type Settings } from '../../lib/app/settings.ts';
import { executionName } from '../../lib/app/startRun.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import type { ObjectStore } from '../../lib/ports/objectStore.ts';
import { Stop } from './command.ts';
import { localFiles } from './files.ts';
import { count, type Terminal } from './terminal.ts';

/** A run that has its flows and covariates, in stores of this process. */
export interface InMemoryRun {
  readonly run: string;
  readonly manifest: RunManifest;
  readonly settings: Settings;
  readonly artifacts: ObjectStore;
  readonly flows: Flows;
}

/**
 * Reads files as drops, and plans the run that a service would start over them: the use cases of the service on stores in memory. Later files
 * speak over earlier ones.
 *
 * @param paths flows, covariates and dictionaries in any format that can be dropped
 * @throws Stop when a file is refused, with the reason, or when there are no flows among them
 */
export async function inMemoryRun(
  paths: readonly string[],
  screen: Terminal,
  settings: Settings = SETTINGS,
): Promise<InMemoryRun> {
  const files = await localFiles(paths);
  let seconds = 0;
  const drops = memoryObjectStore(() => new Date(Date.UTC(2000, 0, 1, 0, 0, ++seconds)));
  const [lake, artifacts] = [memoryObjectStore(), memoryObjectStore()];
  const [catalog, queue] = [memoryCatalog(), memoryQueue()];
  const ingest = ingestDrop({
    drops,
    bucket: 'drops',
    lake,
    catalog,
    events: memoryEventBus(),
    ingest: queue,
    reader: dropReader,
    iso: ISO_COUNTRIES,
    workspace: scratchFolder,
  });

  // what a country code means may change with a dictionary: files before it are then read again
  for (const { path, key } of files) {
    const reading = screen.step('read', key.slice('drops/'.length));
    await drops.put(key, await readFile(path));
    const outcome = await ingest({ key });
    for (const message of queue.sent.splice(0)) await ingest(JSON.parse(message).detail.object);
    reading.drop();
    if (outcome.outcome === 'refused') throw new Stop(`${path} can't be used: ${outcome.reason}`);
    if (outcome.outcome === 'storedWithRejects') {
      const rejected = (await catalog.datasets())
        .filter((dataset) => dataset.key.startsWith(key))
        .flatMap((dataset) => Object.entries(dataset.rejected));
      const told = rejected.map(([reason, rows]) => `${count(rows)} rows: ${reason}`).join('; ');
      screen.complain(`${path}: ${told || outcome.reason} (portolan validate lists them)`);
    }
  }

  const planned = planRun({ datasets: await catalog.datasets(), drops: await catalog.drops() }, settings, 'command');
  if (!planned) throw new Stop(`${paths.join(', ')}: no trade flows among these files`);
  const { run, manifest } = planned;
  for (const { dataset, reason } of manifest.unused) screen.complain(`not used: ${dataset.slice(0, 8)}…, ${reason}`);
  const startedAt = new Date(0).toISOString();
  await catalog.putRun({ run, status: 'running', slot: 0, attempt: 1, startedAt, manifest });
  await catalog.acquire({ owner: executionName(run, 1), expiresAt: '9999-12-31T00:00:00.000Z' }, startedAt);
  await prepareRun({ lake, artifacts, catalog })({ run, slot: 0, attempt: 1 });
  const flows = decodeFlows(await required(artifacts, artifactKeys(run).flows));
  return { run, manifest, settings, artifacts, flows };
}
