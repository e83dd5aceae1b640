/**
 * `npm run -s bench -- scale`: what a run's writes meet on a table that was just created, and how long a backfill of years of months
 * waits in its queues. A simulation: nothing is called. What it assumes of AWS is said beside each number; the rest is this project's own.
 */
import { stream, uniform } from '../../lib/core/random.ts';

/** A new on-demand table: four partitions that take 1,000 write units a second each. Burst capacity is not promised, so it is not counted. */
const PARTITIONS = 4;
const UNITS_PER_SECOND = 1_000;
/** lib/adapters/aws/batchWrite.ts and dynamoPageStore.ts: pages of a batch, batches on their way, waits between attempts, refusals in a row */
const [BATCH, IN_FLIGHT, FIRST_WAIT, LONGEST_WAIT, ATTEMPTS] = [25, 8, 0.025, 5, 18];
/** a page of 32 KB */
const UNITS_PER_PAGE = 32;
/** one BatchWriteItem of 800 KB, there and back */
const REQUEST_SECONDS = 0.06;
const TICK = 0.01;

/** Sizes of 226 countries: the largest trades a seventh of the world, and so on down (Zipf; about as concentrated as exports are). */
const COUNTRIES = 226;
const weights = Array.from({ length: COUNTRIES }, (_, rank) => 1 / (rank + 2));
const total = weights.reduce((sum, weight) => sum + weight, 0);

interface Outcome {
  readonly seconds: number;
  readonly refused: number;
  readonly worstRow: number;
  readonly gaveUp: number;
}

/**
 * Shards written side by side. A shard computes a country and writes its pages, which all lie in one partition, while it computes the next.
 *
 * @param units            write units of the run
 * @param computeSeconds   seconds of one function for all of it
 */
function write(units: number, computeSeconds: number, shards: number, atOnce: number): Outcome {
  const luck = stream(1, 'scale');
  let drawn = 0;
  const random = () => uniform(luck, drawn++);
  // contiguous in order of codes, which has nothing to do with size
  const order = weights.map((weight, rank) => ({ weight, at: uniform(luck, 1e6 + rank) })).sort((a, b) => a.at - b.at);
  const perShard = total / shards;
  const queue: { pages: number; compute: number; partition: number }[][] = [[]];
  let reached = 0;
  for (const { weight } of order) {
    if (reached >= perShard * queue.length) queue.push([]);
    reached += weight;
    const share = weight / total;
    const pages = Math.max(1, Math.round((share * units) / UNITS_PER_PAGE));
    queue.at(-1)?.push({ pages, compute: share * computeSeconds, partition: Math.floor(random() * PARTITIONS) });
  }

  interface Batch {
    pages: number;
    inRow: number;
    waits: number;
    at: number;
  }
  interface Worker {
    countries: (typeof queue)[number];
    computedAt: number;
    waiting: { pages: number; partition: number } | null;
    batches: Batch[];
    partition: number;
    pagesLeft: number;
  }
  const begin = (countries: (typeof queue)[number], now: number): Worker => ({
    countries,
    computedAt: now + (countries[0]?.compute ?? 0),
    waiting: null,
    batches: [],
    partition: 0,
    pagesLeft: 0,
  });
  const left = new Array<number>(PARTITIONS).fill(0);
  let now = 0;
  let [sent, refused, worstRow, gaveUp] = [0, 0, 0, 0];
  let workers: Worker[] = queue.splice(0, atOnce).map((countries) => begin(countries, 0));
  while (workers.length > 0) {
    now += TICK;
    const tokens = new Array<number>(PARTITIONS).fill(UNITS_PER_SECOND * TICK);
    for (let p = 0; p < PARTITIONS; p++) tokens[p]! += left[p] ?? 0;
    for (const worker of workers) {
      if (worker.countries.length > 0 && !worker.waiting && now >= worker.computedAt) {
        const { pages, partition } = worker.countries.shift()!;
        worker.waiting = { pages, partition };
      }
      if (worker.waiting && worker.batches.length === 0 && worker.pagesLeft === 0) {
        worker.pagesLeft = worker.waiting.pages;
        worker.partition = worker.waiting.partition;
        worker.waiting = null;
        worker.computedAt = now + (worker.countries[0]?.compute ?? 0);
      }
      while (worker.batches.length < IN_FLIGHT && worker.pagesLeft > 0) {
        const pages = Math.min(BATCH, worker.pagesLeft);
        worker.pagesLeft -= pages;
        worker.batches.push({ pages, inRow: 0, waits: 0, at: now + REQUEST_SECONDS });
      }
      for (const batch of worker.batches) {
        if (now < batch.at) continue;
        const room = Math.floor(tokens[worker.partition]! / UNITS_PER_PAGE);
        const taken = Math.min(batch.pages, room);
        tokens[worker.partition]! -= taken * UNITS_PER_PAGE;
        sent += batch.pages;
        refused += batch.pages - taken;
        batch.pages -= taken;
        if (batch.pages === 0) continue;
        batch.inRow = taken > 0 ? 0 : batch.inRow + 1;
        batch.waits = Math.max(1, batch.waits + (taken > 0 ? -1 : 1));
        worstRow = Math.max(worstRow, batch.inRow);
        if (batch.inRow === ATTEMPTS) {
          gaveUp++;
          batch.pages = 0;
        }
        batch.at = now + random() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** batch.waits) + REQUEST_SECONDS;
      }
      worker.batches = worker.batches.filter(({ pages }) => pages > 0);
    }
    // what a partition did not take now it may take within the next second
    for (let p = 0; p < PARTITIONS; p++) left[p] = Math.min(tokens[p]!, UNITS_PER_SECOND);
    const done = workers.filter(
      ({ countries, waiting, batches, pagesLeft }) =>
        countries.length === 0 && !waiting && batches.length === 0 && pagesLeft === 0,
    );
    workers = workers.filter((worker) => !done.includes(worker));
    for (const _ of done) {
      const next = queue.shift();
      if (next) workers.push(begin(next, now));
    }
  }
  return { seconds: now, refused: refused / sent, worstRow, gaveUp };
}

console.log('Writes of one run into a table that was just created (4,000 write units a second):\n');
console.log(
  '| run | write units | shards | at once | seconds | at best | pages refused and sent again | most refusals in a row | batches given up |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const [name, units, computeSeconds, shards] of [
  ['HS4, world', 241_000, 80, 8],
  ['HS6, world', 739_000, 200, 18],
  ['HS6, 500 economies (regions)', 1_630_000, 440, 32],
] as const) {
  for (const atOnce of [2, 4, 8, 16, 32]) {
    if (atOnce > 2 * shards) continue;
    const { seconds, refused, worstRow, gaveUp } = write(units, computeSeconds, shards, atOnce);
    const best = units / (PARTITIONS * UNITS_PER_SECOND);
    console.log(
      `| ${name} | ${units} | ${shards} | ${atOnce} | ${seconds.toFixed(0)} | ${best.toFixed(0)} | ${(100 * refused).toFixed(0)} % | ${worstRow} | ${gaveUp} |`,
    );
  }
}

/**
 * A backfill: all files arrive at once. Ingest takes so many at a time; a run is started a moment after the first dataset, and again at the
 * end of every run while there is news; only the newest state is ever scored.
 */
function backfill(files: number, ingestSeconds: number, atOnce: number, runSeconds: number, startDelay: number) {
  const ends = Array.from({ length: files }, (_, n) => (Math.floor(n / atOnce) + 1) * ingestSeconds);
  const lastRead = ends.at(-1) ?? 0;
  let runs = 0;
  let covered = 0;
  let now = (ends[0] ?? 0) + startDelay;
  while (covered < files) {
    const known = ends.filter((end) => end <= now).length;
    if (known > covered) {
      covered = known;
      runs++;
      now += runSeconds;
    } else now = ends.find((end) => end > now) ?? now;
  }
  return { lastRead, runs, published: now };
}

console.log('\nA backfill in which every file is dropped at the same moment:\n');
console.log(
  '| files | seconds to read one | read at once | all read after | runs made on the way | all published after | oldest message |',
);
console.log('|---|---|---|---|---|---|---|');
const minutes = (seconds: number) => `${(seconds / 60).toFixed(0)} min`;
for (const [files, ingestSeconds, atOnce, runSeconds] of [
  [30, 12, 8, 250],
  [360, 25, 2, 600],
  [360, 25, 8, 600],
  [360, 25, 32, 600],
] as const) {
  const { lastRead, runs, published } = backfill(files, ingestSeconds, atOnce, runSeconds, 30);
  console.log(
    `| ${files} | ${ingestSeconds} | ${atOnce} | ${minutes(lastRead)} | ${runs} | ${minutes(published)} | ${minutes(lastRead)} |`,
  );
}
