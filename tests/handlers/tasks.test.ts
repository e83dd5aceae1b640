import { describe, expect, it } from 'vitest';
import { failHandler } from '../../functions/fail/handler.ts';
import { planHandler } from '../../functions/plan/handler.ts';
import { startHandler } from '../../functions/start/handler.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryExecutor } from '../../lib/adapters/memory/memoryExecutor.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { dropOf, flowDataset } from '../app/records.fixture.ts';

const clock = () => new Date('2026-01-10T00:00:00Z');
/** What a handler needs to know of where it runs. */
const context = {} as never;

describe('the steps as functions', () => {
  it('start answers in the form of partial batches, whatever the messages say', async () => {
    const catalog = memoryCatalog();
    const dataset = flowDataset({ dataset: 'a' });
    await catalog.putDataset(dataset);
    await catalog.putDrop(dropOf(dataset));
    const executor = memoryExecutor();
    const handler = startHandler({ catalog, executor, clock, settings: SETTINGS, codeVersion: 'c' });
    const event = { Records: ['{}', 'not even JSON'].map((body, at) => ({ messageId: String(at), body })) };
    expect(await handler(event, context)).toMatchObject({ batchItemFailures: [], outcome: 'started', attempt: 1 });
    expect(executor.started).toHaveLength(1);
  });

  it('plan refuses to work for a run that does not hold the lease', async () => {
    const handler = planHandler({
      lake: memoryObjectStore(),
      artifacts: memoryObjectStore(),
      catalog: memoryCatalog(),
    });
    await expect(handler({ run: 'r', slot: 0, attempt: 1 }, context)).rejects.toMatchObject({
      code: 'store.inconsistent',
      detail: { what: 'the lease is free, not held by r-1' },
    });
  });

  it.each([
    [
      'what the step said',
      { Error: 'Failure', Cause: '{"errorMessage":"gravity.bin is missing"}' },
      'Failure: gravity.bin is missing',
    ],
    ['a cause that is not JSON', { Error: 'States.Timeout', Cause: 'too slow' }, 'States.Timeout: too slow'],
    ['no cause at all', { Error: 'States.Timeout' }, 'States.Timeout'],
  ])('fail records %s', async (_, error, reason) => {
    const catalog = memoryCatalog();
    const dataset = flowDataset({ dataset: 'a' });
    await catalog.putDataset(dataset);
    await catalog.putDrop(dropOf(dataset));
    const start = startHandler({ catalog, executor: memoryExecutor(), clock, settings: SETTINGS, codeVersion: 'c' });
    const { run } = (await start({ Records: [{ messageId: '1', body: '' }] }, context)) as unknown as { run: string };
    await failHandler({ catalog, clock })({ run, attempt: 1, error }, context);
    expect(await catalog.getRun(run)).toMatchObject({ status: 'failed', reason });
  });
});
