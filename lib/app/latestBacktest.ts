import { Failure } from '../core/errors.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { PageStore } from '../ports/pageStore.ts';
import { type Backtest, readBacktest } from './backtestRecord.ts';
import { oneRun } from './listRuns.ts';
import { HORIZON } from './planRun.ts';
import type { Run } from './records.ts';

/** So many runs back a back-test is looked for when no run is named. */
const LOOKED_AT = 20;

/**
 * The back-test of a run, or of the newest run that has one. Failure `run.unknown`, `run.none`, and `backtest.none` with what to drop, or why it is not there yet.
 * Two reads, and one more for each newer run whose back-test is not done.
 */
export function latestBacktest(deps: { catalog: Catalog; pages: PageStore }) {
  const { catalog, pages } = deps;
  const find = oneRun(deps);
  return async (asked: string | null): Promise<Backtest> => {
    if (asked !== null) {
      const run = await find(asked);
      const found = run.manifest.earlier ? await readBacktest(pages, asked) : null;
      if (!found) throw none(run);
      return found;
    }
    const runs = (await catalog.runs(LOOKED_AT)).filter(({ status }) => status === 'published');
    const [newest] = runs;
    if (!newest) throw new Failure('run.none', {});
    for (const { run, manifest } of runs) {
      const found = manifest.earlier ? await readBacktest(pages, run) : null;
      if (found) return found;
    }
    throw none(newest);
  };
}

function none({ run, status, manifest }: Pick<Run, 'run' | 'status' | 'manifest'>): Failure<'backtest.none'> {
  return new Failure('backtest.none', { run, reason: why() });

  function why(): string {
    const { earlier, years, level, hsRevision, settings } = manifest;
    const latest = Math.max(...years);
    if (earlier && status === 'published')
      return `its scores are judged after it is published, from ${earlier.year} to ${latest}: ask again in a few minutes.`;
    if (earlier) return 'it has not been published.';
    if (settings.backtestYears === 0) return 'the setting backtestYears is 0.';
    const [first, last] = [latest - HORIZON.most, latest - HORIZON.least];
    const best = latest - Number(settings.backtestYears ?? (HORIZON.least + HORIZON.most) / 2);
    return `no trade of an earlier year is stored. Drop a file with flows of a year from ${first} to ${last} (${hsRevision}, ${level} digits; best ${Math.round(best)}), and the next run is judged by what ${latest} holds.`;
  }
}
