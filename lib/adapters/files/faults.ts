import type { FlowPart, FlowsFormat } from './formats/format.ts';

/** What can be wrong with a row of flows, in the order in which it is looked for: a row is turned away for the first. */
export interface Fault {
  readonly reason: string;
  readonly part: FlowPart;
  readonly expected: (format: FlowsFormat) => string;
  /** SQL over the row of the typed table and `value_text`, the text of its value */
  readonly when: string;
}

export const FIRST_YEAR = 1900;
export const LAST_YEAR = 2100;

export const FAULTS: readonly Fault[] = [
  {
    reason: 'year out of range',
    part: 'year',
    expected: () => `a year from ${FIRST_YEAR} to ${LAST_YEAR}`,
    when: `year IS NULL OR year NOT BETWEEN ${FIRST_YEAR} AND ${LAST_YEAR}`,
  },
  {
    reason: 'unknown exporter',
    part: 'exporter',
    expected: ({ countryExpected }) => countryExpected,
    when: 'exporter IS NULL',
  },
  {
    reason: 'unknown importer',
    part: 'importer',
    expected: ({ countryExpected }) => countryExpected,
    when: 'importer IS NULL',
  },
  {
    reason: 'bad product code',
    part: 'product',
    expected: ({ productExpected }) => productExpected,
    when: 'product IS NULL',
  },
  {
    reason: 'not an export',
    part: 'flow',
    expected: () => 'X, export or nothing: what importers report is the same trade again',
    when: 'NOT is_export',
  },
  {
    reason: 'empty value',
    part: 'value',
    expected: () => 'a number, 0 or more',
    when: "value_usd IS NULL AND coalesce(trim(value_text), '') = ''",
  },
  {
    reason: 'value not finite',
    part: 'value',
    expected: () => 'a number, 0 or more',
    when: "value_usd IS NULL AND regexp_full_match(lower(trim(value_text)), '[+-]?(nan|inf|infinity)')",
  },
  {
    reason: 'value not a number',
    part: 'value',
    expected: () => 'a number, 0 or more, below 10^14 USD, with a point before its decimals',
    when: 'value_usd IS NULL',
  },
  {
    reason: 'negative value',
    part: 'value',
    expected: () => 'a number, 0 or more',
    when: 'value_usd < 0',
  },
  {
    reason: 'same country',
    part: 'importer',
    expected: () => 'an importer other than the exporter',
    when: 'exporter = importer',
  },
  {
    reason: 'zero value',
    part: 'value',
    expected: () => 'a value above 0',
    when: 'value_usd = 0',
  },
];

/** Nothing was traded: a true statement, counted and not stored, but not listed as a fault. */
export const ZERO_VALUE = 1 + FAULTS.findIndex(({ reason }) => reason === 'zero value');

/** Looked at last, once the level of the file is known. */
export const OTHER_LEVEL = { reason: 'other product level', part: 'product' } as const;

/**
 * SQL for the number of a row's first fault, counted from 1, or 0. Sound rows, nearly all, leave at the first branch, which compares
 * numbers only.
 */
export const FAULT_NUMBER = `CAST(CASE
  WHEN year BETWEEN ${FIRST_YEAR} AND ${LAST_YEAR} AND exporter <> importer AND product IS NOT NULL AND is_export AND value_usd > 0 THEN 0
  ${FAULTS.map(({ when }, at) => `WHEN ${when} THEN ${at + 1}`).join('\n  ')} END AS UTINYINT)`;
