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

/** By importer; null for those that watch every importer. */
type Buckets = ReadonlyMap<string | null, Bucket>;

/**
 * The watches of one exporter, inverted: a cell finds those that cover it and whose threshold lies in a range, without looking at the
 * others. Cost of a look-up: two for each beginning of the product's code that somebody watches, a binary search in each, and what is found.
 */
export interface WatchIndex {
  /** Calls back for each watch that covers (importer, product) with `above` < threshold ≤ `upTo`. */
  crossed(importer: string, product: string, above: number, upTo: number, found: (watch: Watch) => void): void;
}

export function watchIndex(watches: readonly Watch[]): WatchIndex {
  const byDigits = new Map<string, Map<string | null, Bucket>>();
  for (const [digits, ofDigits] of Map.groupBy(watches, ({ product }) => product)) {
    const buckets = new Map<string | null, Bucket>();
    for (const [importer, list] of Map.groupBy(ofDigits, (watch) => watch.importer)) {
      list.sort((a, b) => a.threshold - b.threshold || (a.id < b.id ? -1 : 1));
      buckets.set(importer, { thresholdW: Float64Array.from(list, ({ threshold }) => threshold), watches: list });
    }
    byDigits.set(digits, buckets);
  }

  /** What covers a product, found once for each. */
  const covering = new Map<string, readonly Buckets[]>();
  const bucketsOf = (product: string): readonly Buckets[] => {
    const known = covering.get(product);
    if (known) return known;
    const found: Buckets[] = [];
    for (let length = 0; length <= product.length; length++) {
      const buckets = byDigits.get(product.slice(0, length));
      if (buckets) found.push(buckets);
    }
    covering.set(product, found);
    return found;
  };

  return {
    crossed(importer, product, above, upTo, found) {
      for (const buckets of bucketsOf(product)) {
        for (const market of [importer, null]) {
          const bucket = buckets.get(market);
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
