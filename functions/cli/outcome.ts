import { memberKey } from '../../lib/app/ingestDrop.ts';
import { planRun } from '../../lib/app/planRun.ts';
import type { Dataset, Drop, Run } from '../../lib/app/records.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { ATTEMPTS } from '../../lib/app/startRun.ts';
import type { Catalog } from '../../lib/ports/catalog.ts';
import { seconds } from './terminal.ts';
import type { Dropped } from './upload.ts';

export interface Watch {
  readonly catalog: Pick<Catalog, 'drops' | 'datasets' | 'getRun'>;
  /** of the functions that run */
  readonly codeVersion: string;
  /** the run whose scores the API answers with, or null when there are none; a failure is no answer, and asked again */
  readonly answered: () => Promise<string | null>;
  /** a number that grows whenever something happens that the catalog does not show */
  readonly activity?: () => number;
  /** why something that was dropped will not get its outcome, or its run, by waiting; null while all is well */
  readonly givenUp?: () => string | null;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** hears of each outcome once, with what the drop became: itself, or each file of an archive */
  readonly onOutcome?: (drop: Drop, stored: readonly Dataset[]) => void;
  readonly onRun?: (run: Run) => void;
}

export interface Scored {
  readonly refused: readonly Drop[];
  /** the run that scores what is stored now; null when there is none: nothing is stored that could be scored, or it failed */
  readonly run: string | null;
  /** why there is no run over what was dropped, where something went wrong */
  readonly failure: string | null;
  /** when the API first answered with that run; null when it did so before we looked */
  readonly answeredAt: number | null;
}

const LOOK_MS = 120;
export const STALLED_MS = 10 * 60_000;

/**
 * Waits until every dropped object has an outcome and the API answers with the run that is then due: the one that planRun names for what
 * the catalog holds, so that a burst of drops ends with the run over all of them and content that is published already ends at once.
 *
 * Ends as well, with the reason, when that run has failed for good, something was given up, or nothing has changed for ten minutes.
 */
export async function scored(dropped: readonly Dropped[], watch: Watch): Promise<Scored> {
  const { catalog, codeVersion, answered, now, sleep } = watch;
  const answeredAt = new Map<string, number | null>();
  const told = new Set<string>();
  let before = '';
  let changedAt = now();
  for (let first = true; ; first = false) {
    let current: string | null = null;
    let unanswered = '';
    try {
      current = await answered();
    } catch (error) {
      unanswered = (error as Error).message;
    }
    if (current !== null && !answeredAt.has(current)) answeredAt.set(current, first ? null : now());

    const [drops, datasets] = await Promise.all([catalog.drops(), catalog.datasets()]);
    const outcomes = dropped.flatMap((object) => drops.find((drop) => isOutcomeOf(drop, object)) ?? []);
    for (const drop of outcomes) {
      if (told.has(drop.key)) continue;
      told.add(drop.key);
      const own = drops.filter(({ key }) => key === drop.key || key.startsWith(memberKey(drop.key, '')));
      watch.onOutcome?.(
        drop,
        own.flatMap((each) => datasets.filter(({ dataset }) => dataset === each.dataset)),
      );
    }

    const refused = outcomes.filter(({ outcome }) => outcome === 'refused');
    const ended = (failure: string) => ({ refused, run: null, answeredAt: null, failure });
    let record: Run | null = null;
    if (outcomes.length === dropped.length) {
      const due = planRun({ datasets, drops }, SETTINGS, codeVersion)?.run ?? null;
      if (due === null || due === current)
        return { refused, run: due, answeredAt: answeredAt.get(due ?? '') ?? null, failure: null };
      record = await catalog.getRun(due);
      if (record) watch.onRun?.(record);
      if (record?.status === 'failed' && record.attempt >= ATTEMPTS)
        return ended(`run ${due} failed ${ATTEMPTS} times: ${record.reason ?? 'no reason was recorded'}`);
    }

    const seen = [current, outcomes.length, record?.status, record?.attempt, watch.activity?.()].join();
    if (seen !== before) changedAt = now();
    before = seen;
    if (now() - changedAt > STALLED_MS) return ended(`nothing has happened for ${seconds(STALLED_MS)}; ${waiting()}`);
    const givenUp = watch.givenUp?.() ?? null;
    if (givenUp !== null) return ended(givenUp);
    await sleep(LOOK_MS);

    function waiting(): string {
      const without = dropped.filter((object) => !outcomes.some(({ key }) => key === object.key));
      return without.length > 0
        ? `${without.map(({ key }) => key).join(', ')} has no outcome`
        : unanswered || `the run over what is stored is ${record?.status ?? 'not started'}`;
    }
  }
}

/** A drop is the outcome of this very version: same content, seen no earlier than it was put (S3 tells whole seconds). */
function isOutcomeOf(drop: Drop, { key, etag, lastModified }: Dropped): boolean {
  const wholeSecond = Math.floor(Date.parse(lastModified) / 1000) * 1000;
  return drop.key === key && drop.etag.replaceAll('"', '') === etag && Date.parse(drop.lastModified) >= wholeSecond;
}
