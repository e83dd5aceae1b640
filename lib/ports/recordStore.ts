/**
 * Small facts that change one at a time: JSON under a partition and a sort key, each with a version that says whether it has changed since
 * it was read. Reads see every write that has returned.
 */
export interface RecordStore {
  get(partition: string, sort: string): Promise<StoredRecord | null>;
  /**
   * Writes the value when the stored version is `expected` (0: there is none; null: whatever there is). The version becomes one more.
   *
   * @param expiresAt RFC 3339: the record may be gone after that, and counts as gone for whoever compares the time
   * @returns the new version; null when the stored version is another one, and then nothing is written
   */
  put(
    partition: string,
    sort: string,
    value: unknown,
    expected: number | null,
    expiresAt?: string,
  ): Promise<number | null>;
  delete(partition: string, sort: string): Promise<void>;
  /** The records of a partition whose sort key starts with `prefix`, ascending by the bytes of the key, after `after`. */
  list(partition: string, prefix?: string, after?: string): AsyncIterable<StoredRecord>;
  /** Adds to a counter and returns what it is now. Not to be mixed with `put` under one key. */
  count(partition: string, sort: string, amount: number, expiresAt: string): Promise<number>;
}

export interface StoredRecord {
  readonly sort: string;
  readonly version: number;
  readonly value: unknown;
  readonly expiresAt: string | null;
}
