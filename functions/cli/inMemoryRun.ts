import { readFile } from 'node:fs/promises';
import { dropReader } from '../../lib/adapters/files/dropReader.ts';
import { ISO_COUNTRIES } from '../../lib/adapters/files/isoCountries.ts';
import { scratchFolder } from '../../lib/adapters/files/scratchFolder.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryEventBus } from '../../lib/adapters/memory/memoryEventBus.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryQueue } from '../../lib/adapters/memory/memoryQueue.ts';
import { type IngestOutcome, ingestDrop } from '../../lib/app/ingestDrop.ts';
import { inParallel } from '../../lib/app/inParallel.ts';
import { planRun } from '../../lib/app/planRun.ts';
import { prepareRun } from '../../lib/app/prepareRun.ts';
import type { RunManifest } from '../../lib/app/records.ts';
import { artifactKeys, decodeFlows, required } from '../../lib/app/runArtifacts.ts';
import { SETTINGS, type Settings } from '../../lib/app/settings.ts';
import { executionName } from '../../lib/app/startRun.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import type { ObjectStore } from '../../lib/ports/objectStore.ts';
import { Stop } from './command.ts';
import { isDictionary, localFiles } from './files.ts';
import { count, type Terminal } from './terminal.ts';

/** A run that has its flows and covariates, in stores of this process. */
export interface InMemoryRun {
  readonly run: string;
  readonly manifest: RunManifest;
  readonly settings: Settings;
  readonly artifacts: ObjectStore;
  readonly flows: Flows;
}

/** Reading waits for the disk and unpacks in one thread: two files at once use what is left. */
const READ_AT_ONCE = 2;

const nameOf = (key: string) => key.slice('drops/'.length);

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

  // the order of drops decides who speaks over whom, not the order in which they are read
  for (const { path, key } of files) await drops.put(key, await readFile(path));
  const reading = screen.step('read', files.map(({ key }) => nameOf(key)).join(', '));
  const outcomes = new Map<string, IngestOutcome>();
  const read = async ({ key }: { key: string }) => {
    outcomes.set(key, await ingest({ key }));
  };
  // what a country code means may change with a dictionary; of the others the largest first, beside which there is time for all
  await inParallel(files.filter(isDictionary), 1, read);
  const others = files.filter((file) => !isDictionary(file));
  await inParallel(
    others.toSorted((one, other) => other.bytes - one.bytes),
    READ_AT_ONCE,
    read,
  );
  // files that were read before a dictionary in an archive are read again
  for (const message of queue.sent.splice(0)) {
    const { object } = JSON.parse(message).detail;
    outcomes.set(object.key, await ingest(object));
  }
  reading.drop();
  for (const { path, key } of files) {
    const outcome = outcomes.get(key);
    if (outcome?.outcome === 'refused') throw new Stop(`${path} can't be used: ${outcome.reason}`);
    if (outcome?.outcome === 'storedWithRejects') {
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
