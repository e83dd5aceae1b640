import type { Measure } from '../core/covariates/measures.ts';
import type { CountryCodes, CountryNumber } from '../core/trade/countryCodes.ts';

/** Reads dropped files that lie on this machine's disk, in every packing and format that is known. */
export interface DropReader {
  /**
   * The files in what was dropped, one at a time: itself, or each file of an archive.
   *
   * @param folder a place of its own for what is unpacked and written
   * @throws Failure drop.refused when an archive cannot be opened
   */
  files(path: string, folder: string): AsyncIterable<DroppedFile>;
}

export interface DroppedFile {
  /** its path inside the archive; '' when the drop is no archive */
  readonly member: string;
  /** @throws Failure drop.refused when its packing is damaged, unknown or nested */
  unpack(): Promise<ReadableFile>;
}

export interface ReadableFile {
  /** of the bytes as they were dropped, or as they lie unpacked in the archive */
  readonly sha256: string;
  readonly bytes: number;
  /**
   * Recognises the format, checks every row and writes what can be stored to the folder.
   *
   * @throws Failure drop.refused when the format is unknown or nothing in the file can be used
   */
  read(context: ReadContext): Promise<Contents>;
}

export interface ReadContext {
  readonly countries: CountryCodes;
  /** what the file's name says of the product classification; a column of the file says it better */
  readonly hsRevision: string;
  /** the file's name, for formats whose header does not say what the values are */
  readonly fileName: string;
}

export type Contents = FlowContents | CountryContents | ProductContents | SectionContents | CovariateContents;

interface Counts {
  readonly format: string;
  readonly rowsRead: number;
  readonly rowsStored: number;
  /** rows of flows that repeat a cell, and were added up; of covariates those that repeat what another says */
  readonly duplicatesSummed: number;
  /** rows turned away, by reason */
  readonly rejected: Readonly<Record<string, number>>;
  /** a CSV file that lists them: row, column, value, expected, reason */
  readonly rejectsPath?: string;
}

export interface FlowContents extends Counts {
  readonly kind: 'flows';
  readonly level: number;
  readonly hsRevision: string;
  readonly years: readonly FlowYearFiles[];
}

/** The sound rows of one year, sorted by exporter, importer, product, each cell once. */
export interface FlowYearFiles {
  readonly year: number;
  readonly rows: number;
  readonly valueUsd: number;
  readonly exporters: number;
  readonly importers: number;
  readonly products: number;
  /** exporter, importer, product, value_usd, quantity_tonnes */
  readonly parquetPath: string;
  /** a `lib/core/arrays.ts` buffer: FlowColumnsMeta, exporterN, importerN, productN, valueN (USD) */
  readonly columnsPath: string;
  /** SHA-256 of the columns */
  readonly contentHash: string;
}

/** The description of a year's packed columns. Both axes hold only codes that occur, in ascending order. */
export interface FlowColumnsMeta {
  readonly year: number;
  readonly level: number;
  readonly hsRevision: string;
  readonly countries: readonly string[];
  readonly products: readonly string[];
}

export interface CountryContents extends Counts {
  readonly kind: 'countries';
  readonly numbers: readonly CountryNumber[];
  /** name by alpha-3 code */
  readonly names: Readonly<Record<string, string>>;
}

export interface ProductContents extends Counts {
  readonly kind: 'products';
  /** digits of the codes, when they are all of one level */
  readonly level?: number;
  readonly hsRevision: string;
  /** description by HS code */
  readonly names: Readonly<Record<string, string>>;
}

export interface SectionContents extends Counts {
  readonly kind: 'sections';
  /** name by number of the HS section, 1 to 21 */
  readonly names: Readonly<Record<string, string>>;
}

export interface CovariateContents extends Counts {
  readonly kind: 'covariates';
  readonly measures: readonly MeasureFiles[];
}

/** What a file states of one measure, sorted, each fact once. */
export interface MeasureFiles {
  readonly measure: Measure;
  readonly rows: number;
  /** years that the file covers; empty when its statements hold for all */
  readonly years: readonly number[];
  /** year, and exporter, importer | country | importer, exporter, product; value */
  readonly parquetPath: string;
  /** a `lib/core/arrays.ts` buffer: lib/core/covariates/statements.ts */
  readonly columnsPath: string;
  /** SHA-256 of the columns */
  readonly contentHash: string;
}
