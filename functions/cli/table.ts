/** A column of a table: its heading, and whether it holds numbers (which end at the right) and how wide it may get. */
export interface Column {
  readonly heading: string;
  readonly number?: boolean;
  readonly widest?: number;
}

/** Text in columns as wide as they need, one line a row below the headings; too long a text ends in an ellipsis. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): { head: string; body: string[] } {
  const cut = rows.map((row) => row.map((text, c) => shortened(text, columns[c]?.widest ?? Number.POSITIVE_INFINITY)));
  const widths = columns.map(({ heading }, c) => Math.max(heading.length, ...cut.map((row) => row[c]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((text, c) => (columns[c]?.number ? text.padStart(widths[c] ?? 0) : text.padEnd(widths[c] ?? 0)))
      .join('  ')
      .trimEnd();
  return { head: line(columns.map(({ heading }) => heading)), body: cut.map(line) };
}

function shortened(text: string, widest: number): string {
  return text.length <= widest ? text : `${text.slice(0, widest - 1).trimEnd()}…`;
}
