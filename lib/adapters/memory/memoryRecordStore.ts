import type { RecordStore, StoredRecord } from '../../ports/recordStore.ts';

/** Records in one process: for tests, and the definition that the DynamoDB ones are held to. */
export function memoryRecordStore(): RecordStore {
  const partitions = new Map<string, Map<string, StoredRecord>>();
  const counters = new Map<string, number>();
  const inPartition = (partition: string) => partitions.get(partition) ?? new Map<string, StoredRecord>();

  return {
    get: async (partition, sort) => structuredClone(inPartition(partition).get(sort) ?? null),
    async put(partition, sort, value, expected, expiresAt) {
      const records = inPartition(partition);
      const stored = records.get(sort)?.version ?? 0;
      if (expected !== null && stored !== expected) return null;
      const version = stored + 1;
      records.set(sort, { sort, version, value: structuredClone(value), expiresAt: expiresAt ?? null });
      partitions.set(partition, records);
      return version;
    },
    async delete(partition, sort) {
      inPartition(partition).delete(sort);
    },
    async *list(partition, prefix = '', after = '') {
      const sorts = [...inPartition(partition).keys()]
        .filter((sort) => sort.startsWith(prefix) && Buffer.compare(Buffer.from(sort), Buffer.from(after)) > 0)
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const sort of sorts) {
        const record = inPartition(partition).get(sort);
        if (record) yield structuredClone(record);
      }
    },
    async count(partition, sort, amount) {
      const key = `${partition}\n${sort}`;
      const now = (counters.get(key) ?? 0) + amount;
      counters.set(key, now);
      return now;
    },
  };
}
