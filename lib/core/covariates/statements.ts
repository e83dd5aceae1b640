import type { Measure } from './measures.ts';

/**
 * What one file states of one measure, columnar and sorted by year, first, second and product. Positions are those of the lists `countries`
 * and `products` of the statements themselves.
 */
export interface Statements {
  readonly measure: Measure;
  readonly countries: readonly string[];
  readonly products: readonly string[];
  /** years that the file covers, ascending; empty when its statements hold for all years */
  readonly years: readonly number[];
  /** 0 for a statement without a year */
  readonly yearN: Uint16Array;
  /** the country; of a pair the exporter; of a tariff the importer, who charges it; of a product the importer, `NOBODY` when it holds for all who have no other */
  readonly firstN: Uint16Array;
  /** of a pair the importer; of a tariff the exporter, `NOBODY` when it holds for all who have no other; else `NOBODY` */
  readonly secondN: Uint16Array;
  /** of a tariff and of a product (in one importer or in all); else `NOBODY` */
  readonly productN: Uint16Array;
  readonly valueN: Float64Array;
}

/** In place of a position that a statement has not. */
export const NOBODY = 0xffff;
