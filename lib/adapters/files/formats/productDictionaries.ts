import { productCode } from '../../../core/trade/productCodes.ts';
import type { ProductsFormat } from './format.ts';

/** A dictionary of products, by where it keeps the code and the description. */
const dictionary = (
  name: string,
  columns: { code: string; description: string },
  optional: readonly string[] = [],
): ProductsFormat => ({
  kind: 'products',
  name,
  required: [columns.code, columns.description],
  optional,
  entry(row) {
    const code = productCode(row(columns.code));
    if (code === null) {
      return { column: columns.code, expected: 'an HS code of 2, 4 or 6 digits', reason: 'bad product code' };
    }
    const title = row(columns.description).trim();
    if (title === '') return { column: columns.description, expected: 'a description', reason: 'empty description' };
    return { code, name: title };
  },
});

/** BACI's product_codes. */
export const baciProducts = dictionary('baci-products', { code: 'code', description: 'description' });

/** The list of the Datahub project "harmonized-system": names of chapters, headings and subheadings. */
export const harmonizedSystem = dictionary('harmonized-system', { code: 'hscode', description: 'description' }, [
  'section',
  'parent',
  'level',
]);
