import { dropReader } from '../../lib/adapters/files/dropReader.ts';
import { ISO_COUNTRIES } from '../../lib/adapters/files/isoCountries.ts';
import { scratchFolder } from '../../lib/adapters/files/scratchFolder.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryEventBus } from '../../lib/adapters/memory/memoryEventBus.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryQueue } from '../../lib/adapters/memory/memoryQueue.ts';
import { type IngestDeps, ingestDrop } from '../../lib/app/ingestDrop.ts';
import type { ObjectFacts } from '../../lib/ports/objectStore.ts';

/** Everything that ingest needs, in memory, on a clock that moves one second with every drop. */
export function ingestWorld() {
  let seconds = 0;
  const drops = memoryObjectStore(() => new Date(Date.UTC(2026, 0, 1, 0, 0, ++seconds)));
  const lake = memoryObjectStore(() => new Date(0));
  const catalog = memoryCatalog();
  const events = memoryEventBus();
  const queue = memoryQueue();
  const deps: IngestDeps = {
    drops,
    bucket: 'drops-bucket',
    lake,
    catalog,
    events,
    ingest: queue,
    reader: dropReader,
    iso: ISO_COUNTRIES,
    workspace: scratchFolder,
  };

  async function listed(prefix: string, store = lake): Promise<ObjectFacts[]> {
    const found: ObjectFacts[] = [];
    for await (const facts of store.list(prefix)) found.push(facts);
    return found;
  }

  /** Puts an object and says what its event would. */
  async function put(key: string, body: string | Uint8Array) {
    await drops.put(key, typeof body === 'string' ? new TextEncoder().encode(body) : body);
    const [facts] = await listed(key, drops);
    return { key, etag: facts?.etag ?? '', sequencer: seconds.toString(16).padStart(8, '0') };
  }

  return {
    deps,
    drops,
    lake,
    catalog,
    events,
    queue,
    put,
    ingest: ingestDrop(deps),
    /** Puts an object and ingests it. */
    async drop(key: string, body: string | Uint8Array) {
      return ingestDrop(deps)(await put(key, body));
    },
    /** Works on every message that ingest has sent itself. */
    async readAgain() {
      for (const message of queue.sent.splice(0)) await ingestDrop(deps)(JSON.parse(message).detail.object);
    },
    /** All that is stored: records, and the content of the lake by key. */
    async state() {
      return {
        drops: await catalog.drops(),
        datasets: await catalog.datasets(),
        lake: (await listed('')).map(({ key, etag }) => [key, etag]),
      };
    },
    listed,
  };
}

export const flowsCsv = (...rows: string[]) =>
  `year,exporter,importer,product,valueUsd\n${rows.map((row) => `${row}\n`).join('')}`;
export const baciCsv = (...rows: string[]) => `t,i,j,k,v,q\n${rows.map((row) => `${row},\n`).join('')}`;
export const countriesCsv = (...rows: string[]) =>
  `country_code,country_name,country_iso2,country_iso3\n${rows.map((row) => `${row}\n`).join('')}`;
