type Row = Readonly<Record<string, unknown>>;

/**
 * Rows as CSV (RFC 4180): a header row always, CRLF, quotes where needed, null as an empty cell, nested values as JSON.
 * Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers stay numbers.
 */
export function toCsv(columns: readonly string[], rows: readonly Row[]): string {
  const lines = [columns.join(','), ...rows.map((row) => columns.map((column) => cell(row[column])).join(','))];
  return `${lines.join('\r\n')}\r\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Rows as one JSON document a line. */
export const toNdjson = (rows: readonly Row[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
