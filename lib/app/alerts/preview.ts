import type { Catalog } from '../../ports/catalog.ts';
import type { PublishedScores } from '../layout/publishedScores.ts';
import { compareExporter, firstExporterMemory, readExporterNow } from './exporterMemory.ts';
import { findingsOf } from './findings.ts';
import { itemWriter } from './items.ts';
import type { Choice, Item } from './records.ts';

/** What a subscription would have brought on the last run. */
export interface Preview {
  readonly from: string;
  readonly run: string;
  readonly items: readonly Item[];
  readonly total: number;
  /** kinds that were asked for and are not in it: the flows of both runs would have to be read */
  readonly notLookedAt: readonly ('marketChange' | 'competitorChange')[];
}

/**
 * Compares the current run with the one before for one choice, as matching does. Null when there is no run before, or its pages are being
 * written over.
 */
export function previewSubscription(deps: { scores: PublishedScores; catalog: Catalog }) {
  const { scores, catalog } = deps;
  return async ({ filter, kinds }: Pick<Choice, 'filter' | 'kinds'>): Promise<Preview | null> => {
    const current = await scores.current();
    const pointer = await catalog.pointer();
    if (pointer?.run !== current.run || !pointer.previous) return null;
    const previous = await scores.still(pointer.previous.run);
    const [before, now] = await Promise.all([
      readExporterNow(previous, filter.exporter),
      readExporterNow(current, filter.exporter),
    ]);
    const changes = compareExporter(firstExporterMemory(before, null), now, null);
    const found = findingsOf(changes, [{ id: 'preview', filter, kinds }]).get('preview');
    return {
      from: previous.run,
      run: current.run,
      items: found ? itemWriter(changes)(found.items, filter) : [],
      total: found?.total ?? 0,
      notLookedAt: kinds.filter((kind) => kind === 'marketChange' || kind === 'competitorChange'),
    };
  };
}
