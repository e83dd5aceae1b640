import { stream, uniform } from '../random.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import { markets } from '../trade/markets.ts';
import { importsMatrix } from '../trade/tradeMatrix.ts';

/** Exporters with flows in both of two years on the same axes, positions ascending. */
export function reportingInBoth(before: Flows, after: Flows): Uint16Array {
  const later = new Set(after.exporterN);
  return Uint16Array.from(new Set(before.exporterN))
    .filter((exporter) => later.has(exporter))
    .sort();
}

/**
 * How many cells of each exporter `entryCandidates` will give, without writing them down.
 *
 *     cells[e] = Σ_{m ≠ e} |{p : imports[m,p] > 0}| − |flows of e|
 *
 * @param exporterE positions ascending
 * @returns by position in exporterE
 */
export function candidateCounts(flows: Flows, exporterE: Uint16Array): Float64Array {
  const { startM, productX } = markets({ importerProduct: importsMatrix(flows) });
  const startE = exporterStarts(flows);
  return Float64Array.from(exporterE, (e) => {
    const own = startM[e + 1]! - startM[e]!;
    return productX.length - own - (startE[e + 1]! - startE[e]!);
  });
}

/**
 * As many exporters as fit, drawn at random: a list is judged whole or not at all, since its first places are what counts.
 *
 * Exporters are taken in an order decided by the seed and their codes alone; the first that does not fit ends it.
 *
 * @param mostCells that all of them together may have
 * @returns positions ascending; all of exporterE where they fit
 */
export function exporterSample(flows: Flows, exporterE: Uint16Array, mostCells: number, seed: number): Uint16Array {
  const cellsE = candidateCounts(flows, exporterE);
  const codes = flows.countries.codes;
  const drawE = Float64Array.from(exporterE, (exporter) => uniform(stream(seed, `sample ${codes[exporter]}`), 0));
  const order = Uint32Array.from(exporterE.keys()).sort((a, b) => drawE[a]! - drawE[b]! || a - b);
  let cells = 0;
  let taken = 0;
  for (const e of order) {
    cells += cellsE[e]!;
    if (cells > mostCells) break;
    taken++;
  }
  return Uint16Array.from(order.subarray(0, taken), (e) => exporterE[e]!).sort();
}
