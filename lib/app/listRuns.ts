import { Failure } from '../core/errors.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { Pointer, Run } from './records.ts';

/** Whether readers see the run, and for how long still. */
export type Standing = 'current' | 'previous' | 'overwritten' | 'unpublished';

export interface RunEntry extends Run {
  readonly standing: Standing;
}

/** The runs, newest first, `after` a run when a list is gone on with. */
export function listRuns(deps: { catalog: Catalog }) {
  const { catalog } = deps;
  return async (request: {
    limit: number;
    after: string | null;
  }): Promise<{ items: readonly RunEntry[]; next: string | null }> => {
    const [pointer, runs] = await Promise.all([catalog.pointer(), catalog.runs(MOST_RUNS)]);
    const begin = runs.findIndex(({ run }) => run === request.after) + 1;
    const items = runs.slice(begin, begin + request.limit).map((run) => entry(run, pointer));
    return { items, next: runs.length > begin + request.limit ? (items.at(-1)?.run ?? null) : null };
  };
}

/** Runs that are listed at all, the newest; an older one can still be asked for by its id. */
const MOST_RUNS = 500;

/** One run with its manifest. Failure `run.unknown`. */
export function oneRun(deps: { catalog: Catalog }) {
  return async (id: string): Promise<RunEntry> => {
    const [pointer, run] = await Promise.all([deps.catalog.pointer(), deps.catalog.getRun(id)]);
    if (!run) throw new Failure('run.unknown', { run: id });
    return entry(run, pointer);
  };
}

function entry(run: Run, pointer: Pointer | null): RunEntry {
  const standing =
    pointer?.run === run.run
      ? 'current'
      : pointer?.previous?.run === run.run
        ? 'previous'
        : run.status === 'published'
          ? 'overwritten'
          : 'unpublished';
  return { ...run, standing };
}
