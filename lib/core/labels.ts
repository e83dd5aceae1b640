/** The labels of one array axis: codes in ascending order and the way back from a code to its position. */
export interface Axis {
  readonly codes: readonly string[];
  readonly at: ReadonlyMap<string, number>;
}

/** Builds an axis from any codes: duplicates collapse, order is by UTF-16 code unit (locale never matters). */
export function axis(codes: Iterable<string>): Axis {
  const sorted = Object.freeze([...new Set(codes)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  return { codes: sorted, at: new Map(sorted.map((code, position) => [code, position])) };
}
