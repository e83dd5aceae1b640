import { describe, expect, it } from 'vitest';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryQueue } from '../../lib/adapters/memory/memoryQueue.ts';
import { reconcile } from '../../lib/app/reconcile.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('reconcile', () => {
  it('sends again what has no outcome in its current version, and wakes start', async () => {
    const drops = memoryObjectStore(() => new Date('2026-01-02T00:00:00Z'));
    const catalog = memoryCatalog();
    const ingest = memoryQueue();
    const start = memoryQueue();
    await drops.put('drops/', bytes('')); // a folder made in the console
    await drops.put('drops/known.csv', bytes('a'));
    await drops.put('drops/lost.csv', bytes('b'));
    await drops.put('drops/revised.csv', bytes('old'));
    for await (const { key, etag, bytes: size, lastModified } of drops.list('drops/')) {
      if (key === 'drops/lost.csv' || key === 'drops/') continue;
      await catalog.putDrop({ key, etag, bytes: size, lastModified, sequencer: '', outcome: 'stored', dataset: 'd' });
    }
    await drops.put('drops/revised.csv', bytes('new'));

    const { resent } = await reconcile({ drops, bucket: 'b', catalog, ingest, start })();
    expect(resent).toEqual(['drops/lost.csv', 'drops/revised.csv']);
    expect(JSON.parse(ingest.sent[0] ?? '')).toMatchObject({
      'detail-type': 'Object Created',
      detail: { bucket: { name: 'b' }, object: { key: 'drops/lost.csv' } },
    });
    expect(start.sent).toHaveLength(1);
  });
});
