/** What one subscription to an exporter watches. */
export interface Watch {
  readonly id: string;
  /** null: every importer */
  readonly importer: string | null;
  /** a product code or the first digits of one; '' for every product */
  readonly product: string;
  /** least score; crossed upwards it is an entry */
  readonly threshold: number;
}

interface Bucket {
  /** ascending */
  readonly thresholdW: Float64Array;
  readonly watches: readonly Watch[];
}

/**
 * The watches of one exporter, inverted: a cell finds those that cover it and whose threshold lies in a range, without looking at the
 * others. Cost of a look-up: two for each length of product code in use, a binary search in each, and what is found.
 */
export interface WatchIndex {
  /** Calls back for each watch that covers (importer, product) with `above` < threshold ≤ `upTo`. */
  crossed(importer: string, product: string, above: number, upTo: number, found: (watch: Watch) => void): void;
}

export function watchIndex(watches: readonly Watch[]): WatchIndex {
  const gathered = new Map<string, Watch[]>();
  const lengths = new Set<number>();
  for (const watch of watches) {
    const key = keyOf(watch.importer, watch.product);
    const bucket = gathered.get(key);
    if (bucket) bucket.push(watch);
    else gathered.set(key, [watch]);
    lengths.add(watch.product.length);
  }
  const buckets = new Map<string, Bucket>();
  for (const [key, list] of gathered) {
    list.sort((a, b) => a.threshold - b.threshold || (a.id < b.id ? -1 : 1));
    buckets.set(key, { thresholdW: Float64Array.from(list, ({ threshold }) => threshold), watches: list });
  }
  const digits = [...lengths].sort((a, b) => a - b);

  return {
    crossed(importer, product, above, upTo, found) {
      for (const length of digits) {
        if (length > product.length) return;
        const prefix = product.slice(0, length);
        for (const of of [importer, null]) {
          const bucket = buckets.get(keyOf(of, prefix));
          if (!bucket) continue;
          for (let w = firstAbove(bucket.thresholdW, above); w < bucket.watches.length; w++) {
            if (bucket.thresholdW[w]! > upTo) break;
            found(bucket.watches[w]!);
          }
        }
      }
    },
  };
}

const keyOf = (importer: string | null, product: string) => `${importer ?? '*'} ${product}`;

/** Position of the first of ascending numbers that is greater than `least`. */
function firstAbove(ascending: Float64Array, least: number): number {
  let from = 0;
  let to = ascending.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (ascending[middle]! > least) to = middle;
    else from = middle + 1;
  }
  return from;
}
