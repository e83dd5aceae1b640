import type { Totals } from './totals.ts';

/** Who buys what: the cells of importers and the products that they buy, importer by importer, products ascending. X runs over them. */
export interface Markets {
  readonly importerX: Uint16Array;
  readonly productX: Uint16Array;
  /** importer m has startM[m] … startM[m + 1] − 1 */
  readonly startM: Uint32Array;
  /** which of them is importer · products + product; of no meaning where it is not bought */
  readonly placeMP: Uint32Array;
}

/** @cost a pass over importers × products: to be asked for once, and walked instead of asking each cell */
export function markets({ importerProduct: { rows, cols, data } }: Pick<Totals, 'importerProduct'>): Markets {
  const bought = data.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0);
  const importerX = new Uint16Array(bought);
  const productX = new Uint16Array(bought);
  const startM = new Uint32Array(rows + 1);
  const placeMP = new Uint32Array(data.length);
  let x = 0;
  for (let importer = 0, at = 0; importer < rows; importer++) {
    startM[importer] = x;
    for (let product = 0; product < cols; product++, at++) {
      if (!(data[at]! > 0)) continue;
      importerX[x] = importer;
      productX[x] = product;
      placeMP[at] = x++;
    }
  }
  startM[rows] = x;
  return { importerX, productX, startM, placeMP };
}
