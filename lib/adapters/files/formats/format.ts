import type { Measure } from '../../../core/covariates/measures.ts';
import type { CountryNumber } from '../../../core/trade/countryCodes.ts';

/** The columns that a format states in its header; names compare without case and surrounding blanks. */
interface Header {
  readonly name: string;
  /** a file of this format has all of these */
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** Reads the text of a column of the file: an SQL expression, or `NULL` when an optional column is absent. */
export type ColumnText = (column: string) => string;

/** How a format states bilateral trade: each part an SQL expression over the text of the columns. */
export interface FlowsFormat extends Header {
  readonly kind: 'flows';
  /** columns of the file that hold each part: what a listed fault points at */
  readonly columns: Readonly<Record<FlowPart, string>>;
  /** how a product code may be written: a regular expression that the whole text matches (RE2) */
  readonly productPattern: string;
  readonly productExpected: string;
  readonly countryExpected: string;
  /** USD as DECIMAL(18,3), NULL when the text is no number */
  readonly valueUsd: (text: ColumnText) => string;
  /** metric tons as DECIMAL(18,3), NULL when unknown */
  readonly quantityTonnes: (text: ColumnText) => string;
  /** whether the row is a flow from exporter to importer at all, for formats that can say otherwise */
  readonly isExport?: (text: ColumnText) => string;
}
export type FlowPart = 'year' | 'exporter' | 'importer' | 'product' | 'value' | 'flow';

/** What a row of a dictionary says, or which column is at fault and what it should hold. */
export type RowFault = { readonly column: string; readonly expected: string; readonly reason: string };
/** The row's texts by required or optional column name; '' when absent. */
export type Row = (column: string) => string;

export interface CountriesFormat extends Header {
  readonly kind: 'countries';
  readonly entry: (row: Row) => (CountryNumber & { readonly name: string }) | RowFault;
}

export interface ProductsFormat extends Header {
  readonly kind: 'products';
  readonly entry: (row: Row) => { readonly code: string; readonly name: string } | RowFault;
}

export interface SectionsFormat extends Header {
  readonly kind: 'sections';
  readonly entry: (row: Row) => { readonly section: number; readonly name: string } | RowFault;
}

/** One thing that every row of a file states: of which measure, about whom, and in which columns it stands. */
export interface Statement {
  readonly measure: Measure;
  /** columns that hold the codes and the year; without a year a statement holds for all, without a country it is about a product */
  readonly first?: string;
  readonly second?: string;
  readonly product?: string;
  readonly year?: string;
  /** column of the value: what a listed fault points at; a row where it is empty (or '.', 'NA', '..') states nothing */
  readonly column: string;
  /** the value in the measure's unit as DOUBLE, NULL when the text is no number */
  readonly value: (text: ColumnText) => string;
  /** which rows state it; others are passed over */
  readonly when?: (text: ColumnText) => string;
}

/** How a format states covariates. Measures and their units: lib/core/covariates/measures.ts. */
export interface CovariatesFormat extends Header {
  readonly kind: 'covariates';
  /** what each row states, given the name of the file */
  readonly statements: (fileName: string) => readonly Statement[];
  /** the other columns are years, and hold the values: the format reads `year` and `value` of each */
  readonly yearColumns?: true;
  /** how a product code may be written, where there is one (RE2) */
  readonly productPattern?: string;
  /** what to say when a file states nothing */
  readonly nothing?: string;
}

export type Format = FlowsFormat | CountriesFormat | ProductsFormat | SectionsFormat | CovariatesFormat;
