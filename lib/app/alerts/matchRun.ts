import type { Best } from '../../core/alerts/best.ts';
import { type Markets, markets } from '../../core/alerts/markets.ts';
import { Failure } from '../../core/errors.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ObjectStore } from '../../ports/objectStore.ts';
import type { PageStore } from '../../ports/pageStore.ts';
import { inParallel } from '../inParallel.ts';
import { type Published, publishedScores } from '../layout/publishedScores.ts';
import { artifactKeys, decodeFlows } from '../runArtifacts.ts';
import type { AlertRecords, Matched, Versioned } from './alertRecords.ts';
import { nextDelivery } from './digestTime.ts';
import {
  compareExporter,
  decodeMemory,
  type ExporterChanges,
  type ExporterMemory,
  encodeMemory,
  firstExporterMemory,
  memoryKey,
  readExporterNow,
} from './exporterMemory.ts';
import { type Finding, findingsOf } from './findings.ts';
import { itemWriter } from './items.ts';
import type { Delivery, Found, Item, Subscription } from './records.ts';
import { shortHash } from './tokens.ts';

/** Subscriptions whose findings are written at once. */
const WRITTEN_AT_ONCE = 16;

export interface MatchDeps {
  readonly records: AlertRecords;
  readonly catalog: Catalog;
  readonly pages: PageStore;
  readonly artifacts: ObjectStore;
  readonly clock: Clock;
}

export interface MatchOutcome {
  readonly run: string | null;
  readonly exporters: number;
  /** subscriptions that are told something, and of how much */
  readonly subscriptions: number;
  readonly items: number;
}

/**
 * Brings what is remembered of every watched exporter to the run that is current, and leaves for each subscription what that brought it.
 *
 * What the event that woke it says does not matter: events come twice, late and in another order, and this looks at the pointer. For one
 * exporter the writes are, each of them harmless when repeated:
 *
 *     1  matched: comparing = run         from here the subscriptions of a part may know
 *     2  found#<run> of each subscription, then its delivery
 *     3  the memory of the run
 *     4  matched: run                     only now is the run done with
 *
 * Killed between any two, the next call begins at 2 again and finds the same, since runs and memories do not change. When the pointer
 * has moved meanwhile, the run that was being compared is finished first while its pages are whole; else what it told is not told again.
 */
export function matchRun(deps: MatchDeps) {
  const { records, catalog, pages, clock } = deps;
  return async (): Promise<MatchOutcome> => {
    // opened anew each time: a warm process must not believe an old pointer
    const scores = publishedScores({ catalog, pages, clock });
    const current = await scores.currentOrNull();
    const told = { subscriptions: 0, items: 0 };
    if (!current) return { run: null, exporters: 0, ...told };
    const pointer = await catalog.pointer();
    const previous = pointer?.run === current.run ? (pointer.previous?.run ?? null) : null;
    const run: Pass = {
      current,
      previous: () => readable(previous, (name) => scores.still(name)),
      marketsOf: lastMarkets(deps.artifacts),
    };

    const exporters = await records.watchedExporters();
    for (const exporter of exporters) {
      const { subscriptions, items } = await matchExporter(deps, run, exporter);
      told.subscriptions += subscriptions;
      told.items += items;
    }
    return { run: current.run, exporters: exporters.length, ...told };
  };
}

/** What one call shares between exporters. */
interface Pass {
  readonly current: Published;
  /** the run before the current one, while its pages are whole */
  previous(): Promise<Published | null>;
  marketsOf(published: Published): Promise<Markets | null>;
}

async function readable(run: string | null, open: (run: string) => Promise<Published>): Promise<Published | null> {
  if (run === null) return null;
  try {
    return await open(run);
  } catch (error) {
    if (isOverwritten(error)) return null;
    throw error;
  }
}

/** Pages of the run before the previous one are written over. */
const isOverwritten = (error: unknown) =>
  error instanceof Failure && (error.code === 'cursor.expired' || error.code === 'store.inconsistent');

/** The markets of the run asked for last. Null when its flows are no longer kept: then nothing is said about markets. */
function lastMarkets(artifacts: ObjectStore): Pass['marketsOf'] {
  let last: { run: string; markets: Promise<Markets | null> } | null = null;
  return ({ run }) => {
    if (last?.run !== run) {
      const read = artifacts.get(artifactKeys(run).flows).then((bytes) => bytes && markets(decodeFlows(bytes)));
      last = { run, markets: read };
    }
    return last.markets;
  };
}

async function matchExporter(deps: MatchDeps, pass: Pass, exporter: string) {
  const { records } = deps;
  const { current } = pass;
  let told = { subscriptions: 0, items: 0 };
  const known = await records.matched(exporter);
  if (known?.value.run === current.run) return told;
  const watching = await records.watching(exporter);
  if (watching.length === 0) {
    // remembered on, it would tell the next who watches of what happened before they came
    await records.forgetMatched(exporter);
    return told;
  }

  let state = known ?? (await firstState(deps, pass, exporter));
  if (state === null || state.value.run === current.run) return told;

  // a run that was being compared when something died is finished first
  const { comparing } = state.value;
  if (comparing !== null && comparing !== current.run) {
    const unfinished = await pass.previous();
    if (unfinished?.run === comparing) {
      const finished = await bringTo(deps, pass, exporter, state, unfinished, watching);
      if (finished === null) return told;
      told = finished.told;
      state = finished.state;
    }
  }
  const finished = await bringTo(deps, pass, exporter, state, current, watching);
  if (finished === null) return told;
  return {
    subscriptions: told.subscriptions + finished.told.subscriptions,
    items: told.items + finished.told.items,
  };
}

/**
 * Begins to remember an exporter: from the run before the current one while it is there, so that who subscribed before the current one
 * was published hears of it.
 */
async function firstState(deps: MatchDeps, pass: Pass, exporter: string): Promise<Versioned<Matched> | null> {
  const { records, artifacts } = deps;
  const begin = async (published: Published) => {
    const now = await readExporterNow(published, exporter);
    const memory = firstExporterMemory(now, await pass.marketsOf(published));
    await artifacts.put(memoryKey(exporter, published.run), encodeMemory(memory));
    const value: Matched = { run: published.run, comparing: null };
    return (await records.putMatched(exporter, value, 0)) ? { version: 1, value } : null;
  };
  const previous = await pass.previous();
  if (previous) {
    try {
      return await begin(previous);
    } catch (error) {
      if (!isOverwritten(error)) throw error;
    }
  }
  return begin(pass.current);
}

/** Compares an exporter with one run and tells those who watch. Null when somebody else did so meanwhile. */
async function bringTo(
  deps: MatchDeps,
  pass: Pass,
  exporter: string,
  state: Versioned<Matched>,
  to: Published,
  watching: readonly Subscription[],
) {
  const { records, artifacts } = deps;
  const { run: from, comparing } = state.value;
  const changes = await changesTo(deps, pass, exporter, from, to);
  let { version } = state;
  if (comparing !== to.run) {
    if (!(await records.putMatched(exporter, { run: from, comparing: to.run }, version))) return null;
    version++;
  }

  // who watched before the run came, and what it brings them
  const early = watching.filter(({ activatedAt }) => activatedAt !== null && activatedAt <= to.publishedAt);
  const told = { subscriptions: 0, items: 0 };
  if (changes) {
    const write = itemWriter(changes);
    const interrupted = comparing !== null && comparing !== to.run ? comparing : null;
    const byId = new Map(early.map((subscription) => [subscription.id, subscription]));
    await inParallel(findingsOf(changes, early), WRITTEN_AT_ONCE, async ([id, findings]) => {
      const copy = byId.get(id);
      const known = (await records.subscription(id))?.value;
      if (!copy || known?.status !== 'active') return;
      const own = sameWatch(copy, known) ? findings : findingsOf(changes, [known]).get(id);
      if (!own) return;
      const found = await withoutTold(deps, id, interrupted, foundIn(changes, write(own.items, known.filter), own));
      if (found.total === 0) return;
      await leave(deps, known, found);
      told.subscriptions++;
      told.items += found.total;
    });
  }

  const memory = changes?.after ?? firstExporterMemory(await readExporterNow(to, exporter), await pass.marketsOf(to));
  await artifacts.put(memoryKey(exporter, to.run), encodeMemory(memory));
  const value: Matched = { run: to.run, comparing: null };
  if (!(await records.putMatched(exporter, value, version))) return null;
  return { state: { version: version + 1, value }, told };
}

/** What changed since the run that is remembered; null when its memory was removed by hand: then remembering begins again. */
async function changesTo(
  { artifacts }: MatchDeps,
  pass: Pass,
  exporter: string,
  from: string,
  to: Published,
): Promise<ExporterChanges | null> {
  const bytes = await artifacts.get(memoryKey(exporter, from));
  if (!bytes) return null;
  const before: ExporterMemory = decodeMemory(bytes);
  return compareExporter(before, await readExporterNow(to, exporter), await pass.marketsOf(to));
}

const foundIn = ({ before, now }: ExporterChanges, items: Item[], { total }: Best<Finding>): Found => ({
  run: now.published.run,
  publishedAt: now.published.publishedAt,
  from: before.about.run,
  synthetic: now.published.manifest.synthetic,
  items,
  total,
  takenBy: null,
});

/** A copy for matching may be of an earlier choice than the subscription itself. */
const sameWatch = (a: Subscription, b: Subscription) => watchText(a) === watchText(b);
const watchText = ({ filter, kinds }: Subscription) =>
  JSON.stringify([Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1)), kinds]);

/** Leaves out what a comparison that was never finished has told already. */
async function withoutTold(
  { records }: MatchDeps,
  id: string,
  interrupted: string | null,
  found: Found,
): Promise<Found> {
  const before = interrupted === null ? null : await records.foundIn(id, interrupted);
  if (before?.from !== found.from) return found;
  const identity = ({ kind, direction, product, importer }: Item) => [kind, direction, product, importer].join(' ');
  const told = new Set(before.items.map(identity));
  const items = found.items.filter((item) => !told.has(identity(item)));
  return { ...found, items, total: found.total - (found.items.length - items.length) };
}

/** Writes what was found, then sees to it that a delivery will take it. */
async function leave({ records, clock }: MatchDeps, subscription: Subscription, found: Found): Promise<void> {
  const { id, cadence } = subscription;
  await records.putFound(id, found);
  const now = clock();
  const due = nextDelivery(subscription, now);
  // what waits for one digest waits for one delivery
  const first = deliveryOf(id, cadence === 'instant' ? found.run : due.toISOString(), now, due);
  if (await records.putDelivery(first, 0)) return;

  // a delivery that has not begun will look at what was found after we wrote it; one that has may have looked before
  const waiting = await records.delivery(id, first.id);
  if (waiting?.value.status === 'due' && waiting.value.runs === null) return;
  if ((await records.foundIn(id, found.run))?.takenBy !== null) return;
  const late = nextDelivery(subscription, new Date(due.getTime() + 60_000));
  await records.putDelivery(deliveryOf(id, `${found.run} late`, now, late), 0);
}

function deliveryOf(subscription: string, occasion: string, now: Date, due: Date): Delivery {
  return {
    id: shortHash(subscription, 'matched', occasion),
    subscription,
    kind: 'matched',
    status: 'due',
    createdAt: now.toISOString(),
    dueAt: due.toISOString(),
    attempts: 0,
    leaseUntil: null,
    runs: null,
    log: [],
    replays: null,
  };
}
