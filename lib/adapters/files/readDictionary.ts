import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type CountryNumber, countryCodes, nameRank } from '../../core/trade/countryCodes.ts';
import type { CountryContents, ProductContents, ReadContext, SectionContents } from '../../ports/dropReader.ts';
import { rows } from './database.ts';
import type { CountriesFormat, ProductsFormat, Row, RowFault, SectionsFormat } from './formats/format.ts';
import { ISO_COUNTRIES } from './isoCountries.ts';
import { lineNumbers } from './lineNumbers.ts';
import { refused } from './refused.ts';
import { LISTED, type Reject, writeRejects } from './rejects.ts';
import { badRows, type Source, unreadable } from './source.ts';

/** Reads the names of countries, and the numbers that BACI gives them. A number without a code of its own keeps ours. */
export async function readCountries(
  db: DuckDBConnection,
  source: Source,
  format: CountriesFormat,
  folder: string,
): Promise<CountryContents> {
  const ours = countryCodes(ISO_COUNTRIES);
  const { entries, ...counts } = await readEntries(db, source, format, folder, (row) => {
    const entry = format.entry(row);
    if ('reason' in entry) return entry;
    const alpha3 = entry.alpha3 || ours.byNumber.get(entry.numeric);
    if (alpha3) return { ...entry, alpha3 };
    return { column: format.required[1] ?? '', expected: 'the alpha-3 code of one economy', reason: 'no country code' };
  });

  // several numbers may stand for one economy: the one that means it most exactly gives the name
  const isoNumber = new Map(ISO_COUNTRIES.map(({ alpha3, numeric }) => [alpha3, numeric]));
  const byRank = entries.toSorted((a, b) => nameRank(b, isoNumber) - nameRank(a, isoNumber));
  const numbers: CountryNumber[] = entries
    .map(({ numeric, alpha3 }) => ({ numeric, alpha3 }))
    .sort((a, b) => a.numeric - b.numeric);
  return { kind: 'countries', ...counts, numbers, names: sorted(byRank.map(({ alpha3, name }) => [alpha3, name])) };
}

/** Reads the names of products. */
export async function readProducts(
  db: DuckDBConnection,
  source: Source,
  format: ProductsFormat,
  folder: string,
  { hsRevision }: ReadContext,
): Promise<ProductContents> {
  const { entries, ...counts } = await readEntries(db, source, format, folder, format.entry);
  const levels = new Set(entries.map(({ code }) => code.length));
  const [level] = levels;
  return {
    kind: 'products',
    ...counts,
    ...(levels.size === 1 && level ? { level } : {}),
    hsRevision,
    names: sorted(entries.map(({ code, name }) => [code, name])),
  };
}

/** Reads the names of the sections of the Harmonized System. */
export async function readSections(
  db: DuckDBConnection,
  source: Source,
  format: SectionsFormat,
  folder: string,
): Promise<SectionContents> {
  const { entries, ...counts } = await readEntries(db, source, format, folder, format.entry);
  const names = Object.fromEntries(
    entries.toSorted((a, b) => a.section - b.section).map(({ section, name }) => [section, name]),
  );
  return { kind: 'sections', ...counts, names };
}

/** Every row through `entryOf`; a dictionary is small, so this happens here and not in SQL. A later row of the same key wins. */
async function readEntries<Entry extends object>(
  db: DuckDBConnection,
  source: Source,
  format: CountriesFormat | ProductsFormat | SectionsFormat,
  folder: string,
  entryOf: (row: Row) => Entry | RowFault,
) {
  const texts = await rows<Record<string, string | null>>(db, `SELECT * FROM ${source.table(true)}`).catch(unreadable);
  const bad = await badRows(db, source, LISTED);
  const entries: Entry[] = [];
  const faults: { ordinal: number; fault: RowFault; value: string }[] = [];
  for (const [at, row] of texts.entries()) {
    const cell: Row = (column) => row[source.text(column)] ?? '';
    const entry = entryOf(cell);
    if ('reason' in entry) faults.push({ ordinal: at + 1, fault: entry, value: cell(entry.column) });
    else entries.push(entry);
  }

  const badCount = [...bad.counts.values()].reduce((sum, n) => sum + n, 0);
  const rowsRead = texts.length + badCount;
  if (rowsRead === 0) throw refused('The file has a header and no rows.');
  const rejected = new Map(bad.counts);
  for (const { fault } of faults) rejected.set(fault.reason, (rejected.get(fault.reason) ?? 0) + 1);
  if (entries.length === 0) {
    const reasons = [...rejected].map(([reason, n]) => `${n} × ${reason}`).join(', ');
    throw refused(`None of the ${rowsRead} rows can be used: ${reasons}.`);
  }

  const rejectsPath = join(folder, 'rejects.csv');
  if (rejected.size > 0) {
    const ordinals = faults.map(({ ordinal }) => ordinal);
    const lines = source.file.kind === 'parquet' ? ordinals : await lineNumbers(source.file.path, ordinals, bad.listed);
    const listed: Reject[] = [
      ...faults.map(({ fault, value }, at) => ({ row: lines[at] ?? 0, value, ...fault })),
      ...bad.listed.map(({ line, column, text, expected, reason }) => ({
        row: line,
        column,
        value: text,
        expected,
        reason,
      })),
    ];
    await writeRejects(rejectsPath, listed.sort((a, b) => a.row - b.row).slice(0, LISTED));
  }
  return {
    entries,
    format: format.name,
    rowsRead,
    rowsStored: entries.length,
    duplicatesSummed: 0,
    rejected: Object.fromEntries(rejected),
    ...(rejected.size > 0 ? { rejectsPath } : {}),
  };
}

const sorted = (pairs: readonly (readonly [string, string])[]) =>
  Object.fromEntries([...new Map(pairs)].sort(([a], [b]) => (a < b ? -1 : 1)));
