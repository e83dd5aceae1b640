import type { Matrix } from '../matrix.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import { importsMatrix } from '../trade/tradeMatrix.ts';
import { NO_RIVAL } from './cells.ts';

/** Who sells what to whom in one run, as far as alerts look at it. */
export interface Markets {
  /** v_jk, importers × products, USD */
  readonly importsMP: Matrix;
  /** The largest supplier of a product to an importer other than `exporter`; NO_RIVAL when there is none. */
  rivalOf(exporter: number, importer: number, product: number): number;
  /** v_ijk, USD; 0 for an empty cell. By halving. */
  valueOf(exporter: number, importer: number, product: number): number;
}

/** Finds the two largest suppliers of every product to every importer, in one pass over the flows; of equals the lower position. */
export function markets(flows: Flows): Markets {
  const { exporterN, importerN, productN, valueN } = flows;
  const importsMP = importsMatrix(flows);
  const { cols: nProducts } = importsMP;
  const startE = exporterStarts(flows);

  const firstMP = new Uint16Array(importsMP.data.length).fill(NO_RIVAL);
  const secondMP = new Uint16Array(importsMP.data.length).fill(NO_RIVAL);
  const firstValueMP = new Float64Array(importsMP.data.length);
  const secondValueMP = new Float64Array(importsMP.data.length);
  for (let n = 0; n < valueN.length; n++) {
    const at = importerN[n]! * nProducts + productN[n]!;
    const value = valueN[n]!;
    if (value > firstValueMP[at]!) {
      secondMP[at] = firstMP[at]!;
      secondValueMP[at] = firstValueMP[at]!;
      firstMP[at] = exporterN[n]!;
      firstValueMP[at] = value;
    } else if (value > secondValueMP[at]!) {
      secondMP[at] = exporterN[n]!;
      secondValueMP[at] = value;
    }
  }

  return {
    importsMP,
    rivalOf(exporter, importer, product) {
      const at = importer * nProducts + product;
      return firstMP[at] === exporter ? secondMP[at]! : firstMP[at]!;
    },
    valueOf(exporter, importer, product) {
      // rows of an exporter are sorted by importer, then product
      let from = startE[exporter]!;
      let to = startE[exporter + 1]!;
      const wanted = importer * nProducts + product;
      while (from < to) {
        const middle = (from + to) >>> 1;
        if (importerN[middle]! * nProducts + productN[middle]! < wanted) from = middle + 1;
        else to = middle;
      }
      const found = from < startE[exporter + 1]! && importerN[from]! * nProducts + productN[from]! === wanted;
      return found ? valueN[from]! : 0;
    },
  };
}
