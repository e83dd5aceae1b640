import { compareVersions, type Dataset, type Drop, type Lease, type Pointer, type Run } from '../../app/records.ts';
import type { Catalog } from '../../ports/catalog.ts';

/** The catalog in one process: for tests, and the definition that the DynamoDB one is held to. */
export function memoryCatalog(): Catalog {
  const drops = new Map<string, Drop>();
  const datasets = new Map<string, Dataset>();
  const runs = new Map<string, Run>();
  let pointer: Pointer | null = null;
  let lease: Lease | null = null;
  const inKeyOrder = <T>(map: Map<string, T>) =>
    [...map.keys()].sort().map((key) => structuredClone(map.get(key) as T));

  return {
    async putDrop(drop) {
      const stored = drops.get(drop.key);
      if (stored && compareVersions(drop, stored) < 0) return false;
      drops.set(drop.key, structuredClone(drop));
      return true;
    },
    drops: async () => inKeyOrder(drops),
    async putDataset(dataset) {
      datasets.set(dataset.dataset, structuredClone(dataset));
    },
    getDataset: async (dataset) => structuredClone(datasets.get(dataset) ?? null),
    datasets: async () => inKeyOrder(datasets),
    async putRun(run) {
      runs.set(run.run, structuredClone(run));
    },
    getRun: async (run) => structuredClone(runs.get(run) ?? null),
    runs: async (limit) =>
      structuredClone([...runs.values()].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).slice(0, limit)),
    pointer: async () => structuredClone(pointer),
    async flip(next, expected) {
      const current = pointer?.run ?? null;
      if (current === next.run) return true;
      if (current !== expected) return false;
      pointer = structuredClone(next);
      return true;
    },
    async acquire(wanted, now) {
      if (lease && lease.owner !== wanted.owner && lease.expiresAt > now) return false;
      lease = structuredClone(wanted);
      return true;
    },
    lease: async () => structuredClone(lease),
    async release(owner) {
      if (lease?.owner !== owner) return false;
      lease = null;
      return true;
    },
  };
}
