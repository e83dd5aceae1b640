import { Failure } from '../core/errors.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventBus } from '../ports/eventBus.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { Pointer, Run } from './records.ts';
import { artifactKeys, required } from './runArtifacts.ts';
import type { ShardReceipt } from './shards.ts';
import { executionName } from './startRun.ts';

/**
 * Makes a finished run the current one: every shard has its receipt, the lease is still ours, the slot is neither current nor previous;
 * then one conditional write flips the pointer, and only after that the run is marked, announced and its lease given back.
 * Killed anywhere it can be repeated: a pointer that already names the run is taken as flipped.
 */
export function publishRun(deps: { artifacts: ObjectStore; catalog: Catalog; bus: EventBus; clock: Clock }) {
  const { artifacts, catalog, bus, clock } = deps;
  return async ({ run, slot, attempt }: { run: string; slot: number; attempt: number }): Promise<{ run: string }> => {
    const record = await catalog.getRun(run);
    if (!record) throw new Failure('store.inconsistent', { what: `run ${run}` });
    const written = await receiptsOf(artifacts, run, attempt, record);
    const pointer = await catalog.pointer();

    if (pointer?.run !== run) {
      await holdsLease(catalog, run, attempt);
      if (slot === pointer?.slot || slot === pointer?.previous?.slot) {
        throw new Failure('store.inconsistent', { what: `slot ${slot} is being read` });
      }
      const previous = pointer && { run: pointer.run, slot: pointer.slot };
      const next = { run, slot, publishedAt: clock().toISOString(), previous };
      if (!(await catalog.flip(next, pointer?.run ?? null))) {
        throw new Failure('store.inconsistent', { what: 'the pointer moved while this run held the lease' });
      }
    }

    const finished: Run = {
      ...record,
      status: 'published',
      slot,
      attempt,
      finishedAt: (await catalog.pointer())?.publishedAt ?? clock().toISOString(),
      facts: { ...record.facts, ...written },
    };
    await catalog.putRun(finished);
    await bus.publish('scores.published', {
      run,
      slot,
      years: record.manifest.years,
      synthetic: record.manifest.synthetic,
    });
    await catalog.release(executionName(run, attempt));
    return { run };
  };
}

/** The pointer while it names a run in its slot; null before that, and once another run has been published. */
export async function pointerTo(
  catalog: Catalog,
  { run, slot }: { readonly run: string; readonly slot: number },
): Promise<Pointer | null> {
  const pointer = await catalog.pointer();
  return pointer?.run === run && pointer.slot === slot ? pointer : null;
}

/** Fails unless this execution still owns the lease: a run that was overtaken must not write where another one writes. */
export async function holdsLease(catalog: Catalog, run: string, attempt: number): Promise<void> {
  const lease = await catalog.lease();
  const owner = executionName(run, attempt);
  if (lease?.owner !== owner) {
    throw new Failure('store.inconsistent', {
      what: `the lease is ${lease ? `held by ${lease.owner}` : 'free'}, not held by ${owner}`,
    });
  }
}

/** What the shards wrote, added up; fails when a planned shard has no receipt. */
async function receiptsOf(artifacts: ObjectStore, run: string, attempt: number, record: Run) {
  const planned = (record.facts?.shards ?? []) as string[];
  const total = { pages: 0, bytes: 0, writeUnits: 0, opportunities: 0 };
  let models: ShardReceipt['models'];
  for (const name of planned) {
    const receipt = JSON.parse(
      new TextDecoder().decode(await required(artifacts, artifactKeys(run).receipt(attempt, name))),
    ) as ShardReceipt;
    total.pages += receipt.cost.pages;
    total.bytes += receipt.cost.bytes;
    total.writeUnits += receipt.cost.writeUnits;
    total.opportunities += receipt.opportunities;
    models ??= receipt.models;
  }
  return { ...total, ...models };
}
