/** The best of many, at most `most` of them, and how many there were. Adding costs a constant time on average. */
export interface Best<T> {
  add(item: T, merit: number): void;
  readonly total: number;
  /** descending in merit; equals in the order in which they came */
  readonly items: readonly T[];
}

export function best<T>(most: number): Best<T> {
  const kept: { item: T; merit: number; order: number }[] = [];
  let total = 0;
  const cut = () => {
    kept.sort((a, b) => b.merit - a.merit || a.order - b.order);
    kept.length = Math.min(kept.length, most);
  };
  return {
    add(item, merit) {
      kept.push({ item, merit, order: total++ });
      if (kept.length >= 4 * most) cut();
    },
    get total() {
      return total;
    },
    get items() {
      cut();
      return kept.map(({ item }) => item);
    },
  };
}
