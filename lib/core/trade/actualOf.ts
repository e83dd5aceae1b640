import { exporterStarts, type Flows } from './flows.ts';

/**
 * What one cell is worth in the data, by halving the exporter's rows.
 *
 * @param startE where each exporter's rows start, when it is known already
 * @returns USD; 0 where nothing is reported
 */
export function actualOf(flows: Flows, startE: Uint32Array = exporterStarts(flows)) {
  const { importerN, productN, valueN } = flows;
  return ({ exporter, importer, product }: { exporter: number; importer: number; product: number }): number => {
    let from = startE[exporter]!;
    let to = startE[exporter + 1]!;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const beyond = importerN[middle]! - importer || productN[middle]! - product;
      if (beyond === 0) return valueN[middle]!;
      if (beyond < 0) from = middle + 1;
      else to = middle;
    }
    return 0;
  };
}
