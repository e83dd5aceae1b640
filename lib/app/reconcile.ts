import type { Catalog } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { Queue } from '../ports/queue.ts';
import { readAgain } from './objectCreated.ts';

/**
 * The net under lost events: every object under `drops/` whose current version has no outcome is sent to ingest again, in the shape of
 * the event that should have come; then start is woken, which looks for itself whether a run is due.
 *
 * @returns the keys that were sent again, and when the newest file that is stored was dropped (null: none is)
 */
export function reconcile(deps: { drops: ObjectStore; bucket: string; catalog: Catalog; ingest: Queue; start: Queue }) {
  const { drops, bucket, catalog, ingest, start } = deps;
  return async (): Promise<{ resent: string[]; newest: string | null }> => {
    const outcomes = await catalog.drops();
    const known = new Map(outcomes.map((drop) => [drop.key, drop]));
    const resent: string[] = [];
    for await (const object of drops.list('drops/')) {
      if (known.get(object.key)?.etag === object.etag || object.key.endsWith('/')) continue;
      await ingest.send(readAgain(bucket, object));
      resent.push(object.key);
    }
    await start.send(JSON.stringify({ source: 'portolan.reconcile' }));
    const stored = outcomes.filter(({ outcome }) => outcome !== 'refused').map(({ lastModified }) => lastModified);
    return { resent, newest: stored.toSorted().at(-1) ?? null };
  };
}
