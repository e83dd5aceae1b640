import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { type Level, hsRevision as revisionIn } from '../../core/trade/productCodes.ts';
import type { FlowContents, FlowYearFiles, ReadContext } from '../../ports/dropReader.ts';
import { rows } from './database.ts';
import { FAULTS, OTHER_LEVEL, ZERO_VALUE } from './faults.ts';
import { createSpellings, createTyped, levelOf, sound, typedRows } from './flowTable.ts';
import { createProducts, writeYear } from './flowYears.ts';
import type { FlowsFormat } from './formats/format.ts';
import { lineNumbers } from './lineNumbers.ts';
import { refused } from './refused.ts';
import { LISTED, type Reject, writeRejects } from './rejects.ts';
import { type BadRow, badRows, type Source } from './source.ts';

/**
 * Reads a file of bilateral trade: types every row, turns away those with a fault, and writes the others by year.
 *
 * @throws Failure drop.refused when no row can be used or the file mixes revisions of the product classification
 */
export async function readFlows(
  db: DuckDBConnection,
  source: Source,
  format: FlowsFormat,
  folder: string,
  context: ReadContext,
): Promise<FlowContents> {
  const countries = await createSpellings(db, context.countries);
  const census = await createTyped(db, source, format);
  const bad = await badRows(db, source, LISTED);
  const level = levelOf(census);

  // count what is turned away, by reason
  const rejected = new Map(bad.counts);
  const add = (reason: string, n: number) => rejected.set(reason, (rejected.get(reason) ?? 0) + n);
  for (const { fault, digits, rows: n } of census) {
    if (fault > 0) add(FAULTS[fault - 1]?.reason ?? '', n);
    else if (digits !== level) add(OTHER_LEVEL.reason, n);
  }
  const total = (counts: Iterable<number>) => [...counts].reduce((sum, n) => sum + n, 0);
  const rowsRead = total(census.map(({ rows: n }) => n)) + total(bad.counts.values());
  if (rowsRead === 0) throw refused('The file has a header and no rows.');
  const kept = census.filter(({ fault, digits }) => fault === 0 && digits === level);
  const faulty = total(rejected.values()) > (rejected.get('zero value') ?? 0);
  const rejects = faulty ? await listRejects(db, source, format, level, bad.listed) : [];
  if (kept.length === 0) throw nothingUsable(rowsRead, rejected, rejects[0]);

  const hsRevision = await revisionOf(db, source, context.hsRevision);
  const products = await createProducts(db, level);
  const years: FlowYearFiles[] = [];
  let duplicatesSummed = 0;
  for (const { year, rows: n, valueUsd } of kept) {
    const { duplicates, ...files } = await writeYear(
      db,
      folder,
      { year, level, hsRevision, rows: n, valueUsd },
      { countries, products },
    );
    years.push(files);
    duplicatesSummed += duplicates;
  }

  const rejectsPath = join(folder, 'rejects.csv');
  if (faulty) await writeRejects(rejectsPath, rejects);
  return {
    kind: 'flows',
    format: format.name,
    level,
    hsRevision,
    rowsRead,
    rowsStored: total(years.map((written) => written.rows)),
    duplicatesSummed,
    rejected: Object.fromEntries([...rejected].sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(faulty ? { rejectsPath } : {}),
    years,
  };
}

/** Reads the file again, in order this time, for the rows with a fault: where each is and what it says. */
async function listRejects(
  db: DuckDBConnection,
  source: Source,
  format: FlowsFormat,
  level: Level,
  bad: readonly BadRow[],
): Promise<Reject[]> {
  const parts = ['year', 'exporter', 'importer', 'product', 'value', 'flow'] as const;
  const said = parts.map((part) => `left(${source.text(format.columns[part])}, 200) AS ${part}_said`);
  // number the rows before anything is joined to them: a join does not keep their order
  const numbered = `(SELECT *, row_number() OVER () AS n FROM ${source.table(false)})`;
  const listed = await rows<{ n: bigint; fault: number } & Record<`${(typeof parts)[number]}_said`, string | null>>(
    db,
    `SELECT * REPLACE (CASE WHEN fault = 0 THEN ${FAULTS.length + 1} ELSE fault END AS fault)
     FROM (${typedRows(source, format, numbered, ['n', ...said])})
     WHERE fault <> ${ZERO_VALUE} AND NOT (${sound(level)}) ORDER BY n LIMIT ${LISTED}`,
  );
  const ordinals = listed.map(({ n }) => Number(n));
  const lines = source.file.kind === 'parquet' ? ordinals : await lineNumbers(source.file.path, ordinals, bad);

  const faults: Reject[] = listed.map((row, at) => {
    const fault = FAULTS[row.fault - 1];
    const part = fault?.part ?? OTHER_LEVEL.part;
    return {
      row: lines[at] ?? 0,
      column: format.columns[part],
      value: row[`${part}_said`] ?? '',
      expected: fault?.expected(format) ?? `${level} digits, as most of the file has`,
      reason: fault?.reason ?? OTHER_LEVEL.reason,
    };
  });
  const shapes: Reject[] = bad.map(({ line, column, text, expected, reason }) => ({
    row: line,
    column,
    value: text,
    expected,
    reason,
  }));
  return [...faults, ...shapes].sort((a, b) => a.row - b.row).slice(0, LISTED);
}

/** What a column of the file says of the classification, else what its name says. One file is of one revision. */
async function revisionOf(db: DuckDBConnection, source: Source, fromName: string): Promise<string> {
  const said = source.text('hsRevision');
  if (said === 'NULL') return fromName;
  const found = await rows<{ said: string }>(
    db,
    `SELECT DISTINCT trim(${said}) AS said FROM ${source.table(false)} WHERE coalesce(trim(${said}), '') <> '' ORDER BY said LIMIT 3`,
  );
  const revisions = new Set(found.map((row) => revisionIn(row.said)));
  if (revisions.size > 1) {
    const list = found.map((row) => row.said).join(', ');
    throw refused(`The file mixes revisions of the product classification (${list}); please drop one file for each.`);
  }
  return [...revisions][0] ?? fromName;
}

function nothingUsable(rowsRead: number, rejected: ReadonlyMap<string, number>, first: Reject | undefined) {
  const reasons = [...rejected].sort(([, a], [, b]) => b - a).map(([reason, n]) => `${n} × ${reason}`);
  const example = first
    ? ` For example line ${first.row}: ${first.column || 'the row'} is "${first.value}", expected ${first.expected}.`
    : '';
  return refused(`None of the ${rowsRead} rows can be used: ${reasons.join(', ')}.${example}`);
}
