import { exporterStarts, type Flows } from '../trade/flows.ts';
import { importsMatrix } from '../trade/tradeMatrix.ts';

/** Cells in which an entry could be observed, by exporter, importer, product. */
export interface EntryCandidates {
  /** positions on the axis of countries of the exporters judged; row e of the others is exporterE[e] */
  readonly exporterE: Uint16Array;
  /** exporter e has cells startE[e] up to startE[e + 1] (exclusive) */
  readonly startE: Uint32Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
}

/**
 * The cells that are empty and need not be: exporter and importer differ, nothing is reported from one to the other, the importer buys the
 * product from somebody, and the pair's trade is known.
 *
 * @param flows before, USD
 * @param exporterE exporters whose later trade is known, positions ascending
 * @param unknownPairs exporter · number of countries + importer, for pairs whose trade was not reported: unknown and not zero
 */
export function entryCandidates(
  flows: Flows,
  exporterE: Uint16Array,
  unknownPairs: ReadonlySet<number> = new Set(),
): EntryCandidates {
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const { data: importedMP } = importsMatrix(flows);
  const rowsE = exporterStarts(flows);
  const { importerN: tradedM, productN: tradedP } = flows;

  // walks over all candidates: rows of the flows come in the same order and are stepped over
  const walk = (visit: (importer: number, product: number) => void, ended: (e: number) => void) => {
    for (const [e, exporter] of exporterE.entries()) {
      let row = rowsE[exporter]!;
      const end = rowsE[exporter + 1]!;
      for (let m = 0; m < nCountries; m++) {
        const open = m !== exporter && !unknownPairs.has(exporter * nCountries + m);
        for (let p = 0; p < nProducts; p++) {
          if (row < end && tradedM[row] === m && tradedP[row] === p) row++;
          else if (open && importedMP[m * nProducts + p]! > 0) visit(m, p);
        }
      }
      ended(e);
    }
  };
  const startE = new Uint32Array(exporterE.length + 1);
  let cells = 0;
  walk(
    () => cells++,
    (e) => {
      startE[e + 1] = cells;
    },
  );
  const importerN = new Uint16Array(cells);
  const productN = new Uint16Array(cells);
  let n = 0;
  walk(
    (m, p) => {
      importerN[n] = m;
      productN[n++] = p;
    },
    () => {},
  );
  return { exporterE, startE, importerN, productN };
}

/**
 * What each candidate was worth afterwards.
 *
 * @param after later flows on the same axes, USD
 * @returns USD; 0 where nothing is reported
 */
export function valueAfter({ exporterE, startE, importerN, productN }: EntryCandidates, after: Flows): Float64Array {
  const rowsE = exporterStarts(after);
  const valueN = new Float64Array(productN.length);
  for (const [e, exporter] of exporterE.entries()) {
    let row = rowsE[exporter]!;
    const end = rowsE[exporter + 1]!;
    for (let n = startE[e]!; n < startE[e + 1]!; n++) {
      const before = () =>
        after.importerN[row]! < importerN[n]! ||
        (after.importerN[row] === importerN[n] && after.productN[row]! < productN[n]!);
      while (row < end && before()) row++;
      if (row < end && after.importerN[row] === importerN[n] && after.productN[row] === productN[n])
        valueN[n] = after.valueN[row]!;
    }
  }
  return valueN;
}
