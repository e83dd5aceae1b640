import fc from 'fast-check';

/** One list as its cells: the definitions walk over it cell by cell. */
export interface Cell {
  readonly score: number;
  readonly positive: 0 | 1;
}

/** The mean of a metric over every order in which the cells can be listed, best score first. */
export function overAllOrders(cells: readonly Cell[], metric: (ordered: readonly Cell[]) => number): number {
  let sum = 0;
  let orders = 0;
  const extend = (listed: Cell[], left: readonly Cell[]) => {
    if (left.length === 0) {
      sum += metric(listed);
      orders++;
      return;
    }
    const best = Math.max(...left.map(({ score }) => score));
    for (const [n, cell] of left.entries()) if (cell.score === best) extend([...listed, cell], left.toSpliced(n, 1));
  };
  extend([], cells);
  return sum / orders;
}

export const positivesOf = (cells: readonly Cell[]) => cells.filter(({ positive }) => positive === 1).length;

export const precisionAtOf = (k: number) => (ordered: readonly Cell[]) => positivesOf(ordered.slice(0, k)) / k;

export function averagePrecisionOf(ordered: readonly Cell[]): number {
  const precisions = ordered.flatMap(({ positive }, n) =>
    positive ? [positivesOf(ordered.slice(0, n + 1)) / (n + 1)] : [],
  );
  return precisions.reduce((sum, precision) => sum + precision, 0) / precisions.length;
}

/** Pairs of a positive and a negative in which the positive comes first. */
export function aucOf(ordered: readonly Cell[]): number {
  let [won, pairs] = [0, 0];
  for (const [n, { positive }] of ordered.entries()) {
    if (!positive) continue;
    for (const [other, cell] of ordered.entries()) {
      if (cell.positive) continue;
      pairs++;
      if (n < other) won++;
    }
  }
  return won / pairs;
}

/** Lists with many ties, at least one positive and one negative. */
export const anyCells = (maxLength: number, levels = 3): fc.Arbitrary<Cell[]> =>
  fc
    .array(fc.record({ score: fc.nat(levels), positive: fc.constantFrom(0 as const, 1 as const) }), {
      minLength: 2,
      maxLength,
    })
    .filter((cells) => positivesOf(cells) > 0 && positivesOf(cells) < cells.length);

export const columns = (cells: readonly Cell[]) => ({
  scoreN: Float64Array.from(cells, ({ score }) => score),
  positiveN: Uint8Array.from(cells, ({ positive }) => positive),
});

/** Cells of several exporters as columns. */
export function judgedColumns(byExporter: readonly (readonly Cell[])[]) {
  const startE = new Uint32Array(byExporter.length + 1);
  for (const [e, cells] of byExporter.entries()) startE[e + 1] = startE[e]! + cells.length;
  const { scoreN, positiveN } = columns(byExporter.flat());
  return { judged: { startE, positiveN }, scoreN };
}
