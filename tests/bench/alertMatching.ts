/**
 * Matching 100,000 subscriptions against a world of the real size at HS6: 226 countries, 5,400 products, 4 million opportunities, 11 million
 * flows, of which the first exporters have most. Worths change by a factor e^0.4z (z standard normal) from one run to the next, noise is
 * s = 0.2. Pages, flows and records lie outside the process that is measured, as they do in a deployment: in files and in SQLite.
 *
 *     npm run -s bench -- alertMatching [subscriptions]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { alertRecords } from '../../lib/app/alerts/alertRecords.ts';
import { matchRun } from '../../lib/app/alerts/matchRun.ts';
import type { Kind, Subscription } from '../../lib/app/alerts/records.ts';
import { exporterPages } from '../../lib/app/layout/exporterPages.ts';
import { worldPages } from '../../lib/app/layout/worldPages.ts';
import { artifactKeys, encodeFlows } from '../../lib/app/runArtifacts.ts';
import { decodeArrays, encodeArrays } from '../../lib/core/arrays.ts';
import { axis } from '../../lib/core/labels.ts';
import { CONTRIBUTION_GROUPS } from '../../lib/core/scoring/contributions.ts';
import { BASES, NEW_PRODUCT, type ScoredCells } from '../../lib/core/scoring/scoredCells.ts';
import type { ObjectStore } from '../../lib/ports/objectStore.ts';
import type { Page, PageStore } from '../../lib/ports/pageStore.ts';
import type { RecordStore, StoredRecord } from '../../lib/ports/recordStore.ts';
import { seeded } from '../app/scoredWorld.fixture.ts';

const SIZE = { countries: 226, products: 5_400, opportunities: 4_000_000, flows: 11_000_000 };
const EXTENSIVE = 1_000;
const PUBLISHED = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'] as const;

const random = seeded(5);
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const countries = axis(Array.from({ length: SIZE.countries }, (_, e) => `C${String(e).padStart(3, '0')}`));
const products = axis(
  Array.from(
    { length: SIZE.products },
    (_, p) =>
      `${String(1 + Math.floor((97 * p) / SIZE.products)).padStart(2, '0')}${String(p % 5_400).padStart(4, '0')}`,
  ),
);
/** Shares of a whole that fall like 1/rank. */
const raw = Array.from({ length: SIZE.countries }, (_, rank) => 1 / (rank + 5));
const shareE = raw.map((each) => each / raw.reduce((sum, other) => sum + other, 0));

// ---- what lies outside the process that is measured

/** One file a partition. */
function filePages(folder: string): PageStore {
  let last: { partition: string; store: PageStore } | null = null;
  const opened = async (partition: string) => {
    if (last?.partition === partition) return last.store;
    const store = memoryPageStore();
    const file = join(folder, `${partition}.bin`);
    if (existsSync(file)) {
      const { meta, arrays } = decodeArrays<{ run: string; sorts: string[] }, string>(readFileSync(file));
      await store.put(
        meta.sorts.map((sort, n) => ({ partition, sort, run: meta.run, body: arrays[String(n)] as Uint8Array })),
      );
    }
    last = { partition, store };
    return store;
  };
  return {
    async put(pages) {
      for (const [partition, list] of Map.groupBy(pages, (page) => page.partition)) {
        const bodies = Object.fromEntries(list.map(({ body }, n) => [String(n), body]));
        const meta = { run: list[0]?.run, sorts: list.map(({ sort }) => sort) };
        writeFileSync(join(folder, `${partition}.bin`), encodeArrays(meta, bodies));
      }
      return { pages: pages.length, bytes: 0, writeUnits: 0 };
    },
    get: async (run, keys) => (await opened(keys[0]?.partition ?? '')).get(run, keys),
    after: async (run, partition, ...rest) => (await opened(partition)).after(run, partition, ...rest),
    atOrBefore: async (run, partition, ...rest) => (await opened(partition)).atOrBefore(run, partition, ...rest),
  };
}

function fileObjects(folder: string): ObjectStore {
  const path = (key: string) => join(folder, key.replaceAll('/', '~'));
  const notNeeded = () => {
    throw new Error('not needed here');
  };
  return {
    async put(key, body) {
      writeFileSync(path(key), body);
    },
    get: async (key) => (existsSync(path(key)) ? readFileSync(path(key)) : null),
    putFile: notNeeded,
    getToFile: notNeeded,
    list: notNeeded,
  };
}

function sqliteRecords(file: string): RecordStore & { transaction(work: () => Promise<void>): Promise<void> } {
  const database = new DatabaseSync(file);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE IF NOT EXISTS record (pk TEXT, sk TEXT, version INTEGER, json TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID',
  );
  const one = database.prepare('SELECT sk, version, json FROM record WHERE pk = ? AND sk = ?');
  const many = database.prepare('SELECT sk, version, json FROM record WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk');
  const write = database.prepare('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM record WHERE pk = ? AND sk = ?');
  const read = (row: Record<string, unknown>): StoredRecord => ({
    sort: String(row.sk),
    version: Number(row.version),
    value: JSON.parse(String(row.json)),
    expiresAt: null,
  });
  return {
    async get(partition, sort) {
      const row = one.get(partition, sort);
      return row ? read(row) : null;
    },
    async put(partition, sort, value, expected) {
      const stored = Number(one.get(partition, sort)?.version ?? 0);
      if (expected !== null && stored !== expected) return null;
      write.run(partition, sort, stored + 1, JSON.stringify(value));
      return stored + 1;
    },
    async delete(partition, sort) {
      remove.run(partition, sort);
    },
    async *list(partition, prefix = '', after = '') {
      for (const row of many.iterate(partition, prefix > after ? prefix : `${after}\u0001`, `${prefix}\u{10ffff}`))
        yield read(row);
    },
    count: async () => 0,
    async transaction(work) {
      database.exec('BEGIN');
      await work();
      database.exec('COMMIT');
    },
  };
}

// ---- the world

/** Worths of an exporter's cells, places of importer and product; the second run changes the worths only. */
function cellsOf(count: number): { place: Uint32Array; worth: Float64Array } {
  const places = new Set<number>();
  while (places.size < count) places.add(Math.floor(random() * SIZE.products * SIZE.countries));
  return {
    place: Uint32Array.from(places),
    worth: Float64Array.from({ length: count }, () => Math.exp(12 + 2 * normal())),
  };
}

const TRAINED_ON = { before: 2017, after: 2024, level: 4, exporters: 108, cells: 1, positives: 1, intercept: -3 };
const BAND = { fromUsd: [0], low: [0.5], high: [2] };
const FORESIGHT = {
  entry: { ...TRAINED_ON, bands: { newMarket: BAND, newPair: BAND, newProduct: BAND } },
  growth: { ...TRAINED_ON, band: BAND },
};

function scored({ place, worth }: ReturnType<typeof cellsOf>): ScoredCells {
  const extensive = Math.min(EXTENSIVE, place.length >> 2);
  const intensive = place.length - extensive;
  const order = [0, 1].flatMap((basis) => {
    const [from, to] = basis === 0 ? [0, intensive] : [intensive, place.length];
    return Array.from({ length: to - from }, (_, n) => from + n).sort((a, b) => worth[b]! - worth[a]!);
  });
  const column = (of: (row: number, n: number) => number) => Float64Array.from(order, of);
  const usd = (of: (row: number) => number) => column((row) => (row < intensive ? of(row) : Number.NaN));
  return {
    basisN: Uint8Array.from(order, (row) => (row < intensive ? BASES.indexOf('existing') : NEW_PRODUCT)),
    importerN: Uint16Array.from(order, (row) => place[row]! % SIZE.countries),
    productN: Uint16Array.from(order, (row) => Math.floor(place[row]! / SIZE.countries)),
    actualN: column((row) => (row < intensive ? worth[row]! / 3 : 0)),
    potentialN: usd((row) => (5 * worth[row]!) / 3),
    shrunkN: usd((row) => worth[row]!),
    sizeN: usd((row) => worth[row]!),
    probabilityN: column((row) => (row < intensive ? Number.NaN : 0.1)),
    opportunityN: column((row) => worth[row]!),
    agreementN: new Uint8Array(place.length),
    flagN: new Uint8Array(place.length),
    contributionNG: new Float32Array(CONTRIBUTION_GROUPS.length * place.length),
    scoreN: column((row, n) =>
      row < intensive ? 100 * (1 - n / intensive) : 100 - (n - intensive) / (20 * extensive),
    ),
  };
}

async function prepare(folder: string, subscriptions: number): Promise<void> {
  const pages = filePages(folder);
  const artifacts = fileObjects(folder);
  const one = (length: number) => new Float64Array(length).fill(1);
  const densityP = new Float64Array(SIZE.products).fill(0.3);
  const noise = { log10Q: [4, 5], cv2Q: [0.04, 0.04], ratioP: Array.from(one(SIZE.products)) };
  for (const slot of [0, 1])
    await pages.put(
      worldPages({
        slot,
        run: `run${slot}`,
        noise,
        growth: null,
        elasticities: null,
        blend: null,
        foresight: FORESIGHT,
        countries: countries.codes.map((code) => ({
          code,
          name: `Country ${code}`,
          exportsUsd: 1,
          importsUsd: 1,
          diversity: 1,
          eci: 0,
          eciRank: 1,
        })),
        products: products.codes.map((code) => ({
          code,
          name: `Product ${code}`,
          worldTradeUsd: 1,
          ubiquity: 1,
          pci: 0,
        })),
      }),
    );
  for (const [e, exporter] of countries.codes.entries()) {
    const cells = cellsOf(Math.round(SIZE.opportunities * shareE[e]!));
    for (const slot of [0, 1]) {
      if (slot === 1) cells.worth = cells.worth.map((worth) => worth * Math.exp(0.4 * normal()));
      const facts = { exportsUsd: 1, importsUsd: 1, diversity: 1, eci: 0, eciRank: 1 };
      const made: Page[] = exporterPages({
        slot,
        run: `run${slot}`,
        exporter,
        countries,
        products,
        cells: scored(cells),
        valueP: one(SIZE.products),
        rcaP: one(SIZE.products),
        densityP,
        gravity: null,
        marketsP: new Uint16Array(SIZE.products),
        factorAP: one(SIZE.products),
        partners: {
          valueM: one(SIZE.countries),
          exposureM: one(SIZE.countries),
          factorCM: one(SIZE.countries),
        },
        oneYearP: null,
        customersP: null,
        decided: [],
        profile: facts,
      });
      await pages.put(made.filter(({ sort }) => !/^(importer|ranked)#/.test(sort)));
    }
  }

  // flows: every k-th cell of the cube, denser for the first exporters
  for (const slot of [0, 1]) {
    const exporterN = new Uint16Array(SIZE.flows);
    const importerN = new Uint16Array(SIZE.flows);
    const productN = new Uint16Array(SIZE.flows);
    const valueN = new Float64Array(SIZE.flows);
    let n = 0;
    for (let e = 0; e < SIZE.countries && n < SIZE.flows; e++) {
      const every = Math.max(1, (SIZE.countries * SIZE.products) / (SIZE.flows * shareE[e]!));
      for (let cell = 0; cell < SIZE.countries * SIZE.products && n < SIZE.flows; cell += every, n++) {
        const at = Math.floor(cell);
        exporterN[n] = e;
        importerN[n] = Math.floor(at / SIZE.products);
        productN[n] = at % SIZE.products;
        valueN[n] = Math.exp(10 + 2 * normal());
      }
    }
    const used = <T extends { subarray(from: number, to: number): T }>(array: T) => array.subarray(0, n);
    const flows = {
      countries,
      products,
      exporterN: used(exporterN),
      importerN: used(importerN),
      productN: used(productN),
      valueN: used(valueN),
    };
    await artifacts.put(artifactKeys(`run${slot}`).flows, encodeFlows(flows));
  }

  // subscriptions: more of them to the larger exporters
  const store = sqliteRecords(join(folder, 'records.sqlite'));
  const records = alertRecords(store);
  const cumulative = shareE.map((_, e) => shareE.slice(0, e + 1).reduce((sum, each) => sum + each, 0));
  await store.transaction(async () => {
    for (let n = 0; n < subscriptions; n++) {
      const draw = random();
      const e = Math.max(
        0,
        cumulative.findIndex((upTo) => draw < upTo),
      );
      const product = products.codes[Math.floor(random() * SIZE.products)]!;
      const importer = countries.codes[Math.floor(random() * SIZE.countries)]!;
      const form = random();
      const filter = {
        exporter: countries.codes[e]!,
        minScore: random() < 0.7 ? 95 : random() < 0.67 ? 90 : 80,
        ...(form < 0.2
          ? { product }
          : form < 0.6
            ? { product: product.slice(0, 4) }
            : form < 0.9
              ? { product: product.slice(0, 2), importer }
              : { product: product.slice(0, 2) }),
      };
      const more: Kind[] = random() < 0.2 ? ['marketChange', 'competitorChange'] : [];
      await records.putSubscription(
        subscriptionOf(String(n), filter, ['newOpportunity', 'scoreCrossed', ...more]),
        0,
        null,
      );
    }
  });
}

const subscriptionOf = (id: string, filter: Subscription['filter'], kinds: Kind[]): Subscription => ({
  id: id.padStart(32, '0'),
  filter,
  kinds,
  cadence: 'instant',
  timeZone: 'UTC',
  hour: 8,
  weekday: 1,
  language: 'en',
  channel: { type: 'webhook', url: 'https://receiver.example.com/hook' },
  status: 'active',
  owner: id,
  tokenHash: id,
  linkKey: id,
  secrets: null,
  baseUrl: 'https://api.example.com',
  createdAt: '2025-12-01T00:00:00.000Z',
  activatedAt: '2025-12-01T00:00:00.000Z',
  pendingUntil: null,
  disabledReason: null,
});

// ---- what is measured

async function measure(folder: string): Promise<void> {
  const catalog = memoryCatalog();
  const publish = async (slot: 0 | 1) => {
    const run = `run${slot}`;
    const at = PUBLISHED[slot];
    const manifest = {
      codeVersion: 'c',
      settings: { extensiveKept: EXTENSIVE },
      level: 6,
      hsRevision: 'HS17',
      years: [2020 + slot],
      inputs: [{ dataset: 'a', year: 2020 + slot, columnsKey: '', contentHash: run }],
      earlier: null,
      dictionaries: [],
      covariates: [],
      unused: [],
      synthetic: true,
    };
    await catalog.putRun({ run, status: 'published', slot, attempt: 1, startedAt: at, finishedAt: at, manifest });
    const pointer = await catalog.pointer();
    const previous = pointer && { run: pointer.run, slot: pointer.slot };
    await catalog.flip({ run, slot, publishedAt: at, previous }, pointer?.run ?? null);
  };
  const match = matchRun({
    records: alertRecords(sqliteRecords(join(folder, 'records.sqlite'))),
    catalog,
    pages: filePages(folder),
    artifacts: fileObjects(folder),
    clock: () => new Date(PUBLISHED[1]),
  });
  for (const [slot, what] of [
    [0, 'first run: remembering'],
    [1, 'second run: matching'],
  ] as const) {
    await publish(slot);
    const began = performance.now();
    const cpu = process.cpuUsage();
    const { exporters, subscriptions, items } = await match();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const used = process.cpuUsage(cpu);
    console.log(
      `${what}: ${seconds} s (${((used.user + used.system) / 1e6).toFixed(1)} s of CPU), ${exporters} exporters, ` +
        `${subscriptions} subscriptions told of ${items} changes, peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
    );
  }
}

const [argument = '100000', folder] = process.argv.slice(2);
if (folder !== undefined) await measure(folder);
else {
  const made = mkdtempSync(join(tmpdir(), 'alert-matching-'));
  mkdirSync(made, { recursive: true });
  try {
    await prepare(made, Number(argument));
    spawnSync(process.execPath, [import.meta.filename, argument, made], { stdio: 'inherit' });
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
