import { Failure } from '../core/errors.ts';
import type { Basis } from '../core/scoring/scoredCells.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { PageStore } from '../ports/pageStore.ts';
import type { Backtest } from './backtestRecord.ts';
import { believed } from './believed.ts';
import { latestBacktest } from './latestBacktest.ts';
import type { Published } from './layout/publishedScores.ts';

/** How long the newest back-test is believed to be the newest. */
const BELIEVED_MS = 60_000;

/** What lists like the one shown were worth in the past. */
export interface ListRecord {
  /** the run that the back-test belongs to */
  readonly run: string;
  readonly base: number;
  readonly outcome: number;
  readonly lists: readonly {
    readonly basis: Basis;
    /** of the first twenty empty cells, those that held 100,000 USD or more afterwards: the mean of exporters of about that size, and its interval (95 %) */
    readonly ofTwenty: number;
    readonly low: number | null;
    readonly high: number | null;
    readonly exporters: number;
    /** exports of these exporters then, USD */
    readonly fromUsd: number;
    readonly toUsd: number;
  }[];
  /** what the numbers are, and are not */
  readonly note: string;
}

/**
 * How often the first twenty of such lists came true, for exporters of the exporter's size, from the newest back-test. Asked for again after a minute, since a
 * back-test comes some time after its run.
 *
 * @returns a function of the exporter; its answer has no record where there is none, and says why
 */
export function listRecord(deps: { catalog: Catalog; pages: PageStore; clock: Clock }) {
  const newest = latestBacktest(deps);
  const backtest = believed<Backtest | string>(() => newest(null).catch(reasonOf), {
    clock: deps.clock,
    ms: BELIEVED_MS,
  });

  return async (
    published: Published,
    exporter: string,
    bases: readonly Basis[],
  ): Promise<{ record: ListRecord | null; recordReason?: string }> => {
    const none = (recordReason: string) => ({ record: null, recordReason });
    const found = await backtest();
    if (typeof found === 'string') return none(found);
    const { run, base, outcome, level, synthetic, eventUsd, reason, lists } = found;
    const { manifest, world } = published;
    if (reason !== null) return none(reason);
    if (synthetic !== manifest.synthetic || level !== manifest.level)
      return none(
        `The newest back-test is of ${synthetic ? 'invented' : 'real'} data with ${level} digits: these are others.`,
      );
    const exportsUsd = world.countryFacts[world.countries.at.get(exporter) ?? -1]?.exportsUsd ?? 0;
    const shown = lists
      .filter((list) => bases.includes(list.basis))
      .flatMap(({ basis, sizes }) => {
        // sizes come ascending: the first that reaches up to the exporter, else the largest
        const size = sizes.find(({ toUsd }) => exportsUsd <= (toUsd ?? 0)) ?? sizes.at(-1);
        if (!size || size.cameTrue === null) return [];
        const { exporters, fromUsd, toUsd, cameTrue, interval } = size;
        const range = { fromUsd: fromUsd ?? 0, toUsd: toUsd ?? 0 };
        return [{ basis, ofTwenty: cameTrue, low: interval.low, high: interval.high, exporters, ...range }];
      });
    if (shown.length === 0) return none('What exists already is not part of the back-test: it judges empty cells.');
    const note = `Of the first twenty empty cells of a basis by expected gain, so many held ${eventUsd.toLocaleString('en')} USD or more in ${outcome} when ranked from ${base}. A list of one importer or product, or one with a filter, may do better or worse.`;
    return { record: { run, base, outcome, lists: shown, note } };
  };
}

/** Why there is no back-test, in words; anything else that went wrong is thrown on. */
function reasonOf(error: unknown): string {
  if (error instanceof Failure && error.code === 'run.none') return 'No run has been published yet.';
  if (error instanceof Failure && error.code === 'backtest.none')
    return String((error.detail as { reason: string }).reason);
  throw error;
}
