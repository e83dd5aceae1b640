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

export type Format = FlowsFormat | CountriesFormat | ProductsFormat;
