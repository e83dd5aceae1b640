/** Rows from…to (exclusive) of one group. */
export interface Stretch {
  readonly group: number;
  readonly from: number;
  readonly to: number;
}

/** A page to be made: groups that it holds whole, or its stretch of one group that needs several pages. */
export interface PagePlan {
  /** number of this page within its group; 0 for a page of whole groups */
  readonly sequence: number;
  /** pages of the group that starts here; 1 for a page of whole groups */
  readonly pages: number;
  /** never empty; the page's key names the group of the first */
  readonly stretches: readonly Stretch[];
}

/**
 * Lays groups of rows on pages: small neighbours share a page, a group larger than a page starts a page of its own.
 * Hence the page with the start of a group is the last one at or before that group's key with sequence 0.
 *
 * @param sizes rows of each group, in key order; an empty group gets no page
 * @param capacity rows that a page should hold
 * @param cut where to end a page that starts at row `from` of a large group, when the rest does not fit: a row after `from`
 */
export function planPages(
  sizes: readonly number[],
  capacity: number,
  cut: (group: number, from: number) => number = (_, from) => from + capacity,
): PagePlan[] {
  const plans: PagePlan[] = [];
  let shared: Stretch[] = [];
  let filled = 0;
  const close = () => {
    if (shared.length > 0) plans.push({ sequence: 0, pages: 1, stretches: shared });
    shared = [];
    filled = 0;
  };

  for (const [group, size] of sizes.entries()) {
    if (size === 0) continue;
    if (filled + size > capacity) close();
    if (size <= capacity) {
      shared.push({ group, from: 0, to: size });
      filled += size;
      continue;
    }
    const stretches: Stretch[] = [];
    for (let from = 0; from < size; ) {
      const to = from + capacity < size ? cut(group, from) : size;
      stretches.push({ group, from, to });
      from = to;
    }
    for (const [sequence, stretch] of stretches.entries()) {
      plans.push({ sequence, pages: stretches.length, stretches: [stretch] });
    }
  }
  close();
  return plans;
}

/** Row numbers by group, each group's in ascending order: group g has `rows.subarray(start[g], start[g + 1])`. */
export interface Grouping {
  readonly start: Uint32Array;
  readonly rows: Uint32Array;
}

/** Sorts the rows 0…n−1 by group, keeping their order inside a group (counting sort). */
export function groupRows(groupN: ArrayLike<number>, groups: number): Grouping {
  const start = new Uint32Array(groups + 1);
  for (let n = 0; n < groupN.length; n++) {
    const after = (groupN[n] ?? 0) + 1;
    start[after] = (start[after] ?? 0) + 1;
  }
  for (let g = 1; g <= groups; g++) start[g] = (start[g] ?? 0) + (start[g - 1] ?? 0);
  const next = start.slice();
  const rows = new Uint32Array(groupN.length);
  for (let n = 0; n < groupN.length; n++) {
    const group = groupN[n] ?? 0;
    const to = next[group] ?? 0;
    rows[to] = n;
    next[group] = to + 1;
  }
  return { start, rows };
}
