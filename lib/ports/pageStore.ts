/**
 * Pages: opaque bodies under a partition and a sort key, each naming the run that wrote it. Sort keys order by UTF-8 bytes.
 * A page of another run than the one asked for is not there (an earlier run's leftovers share the slot).
 */
export interface Page {
  readonly partition: string;
  readonly sort: string;
  readonly run: string;
  readonly body: Uint8Array;
}

export interface PageStore {
  /** Writes pages, replacing those with the same key. Returns what it cost. Safe to repeat. */
  put(pages: readonly Page[]): Promise<WriteCost>;
  /** Exactly these pages, in the order asked; null where absent or of another run. One request. At most 100 keys. */
  get(run: string, keys: readonly PageKey[]): Promise<(Page | null)[]>;
  /** The last page whose sort key is at or before `sort` and starts with `prefix`, or null. One request. */
  atOrBefore(run: string, partition: string, prefix: string, sort: string): Promise<Page | null>;
  /** Pages after `sort` whose key starts with `prefix`, ascending, at most `limit`. One request. */
  after(run: string, partition: string, prefix: string, sort: string, limit: number): Promise<Page[]>;
}

export interface PageKey {
  readonly partition: string;
  readonly sort: string;
}

export interface WriteCost {
  readonly pages: number;
  readonly bytes: number;
  /** DynamoDB write units: one per started KiB of each item */
  readonly writeUnits: number;
}
