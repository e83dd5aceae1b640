import { rca } from '../complexity/rca.ts';
import { type Matrix, matrix } from '../matrix.ts';

/** Added to a ratio of advantage before its logarithm, so that what is not traded stays finite: ln 0.1. */
const LEAST_RCA = 0.1;
/** A row whose elements scatter by less than this share of their mean is the same everywhere: what is left is mostly rounding. */
const VARIES = 1e-9;

/**
 * How alike two exporters are: whether they are strong and weak in the same products.
 *
 *     s[e,f] = corr_p( ln(RCA[e,p] + 0.1), ln(RCA[f,p] + 0.1) )     over the products that somebody exports
 *
 * @param exports_ v_ik, exporters × products, any one currency unit, ≥ 0
 * @returns exporters × exporters, in [−1, 1], symmetric, 1 on the diagonal; NaN beside an exporter that exports nothing or whose ratio is
 *   the same everywhere: nothing is known about it
 * @source METHODS 9.9
 */
export function exporterSimilarity(exports_: Matrix): Matrix {
  return rowCorrelations(rca(exports_), (ratio) => Math.log(ratio + LEAST_RCA));
}

/**
 * How alike two importers are: whether they buy more and less than the world does of the same products. As `exporterSimilarity`, with the
 * revealed comparative advantage of imports.
 *
 * @param imports v_jk, importers × products, any one currency unit, ≥ 0
 * @returns importers × importers, in [−1, 1]; NaN as in `exporterSimilarity`
 * @source METHODS 9.9
 */
export function importerSimilarity(imports: Matrix): Matrix {
  return rowCorrelations(rca(imports), (ratio) => Math.log(ratio + LEAST_RCA));
}

/**
 * How alike two baskets of imports are, the large products counting for more than the small.
 *
 *     s[m,n] = corr_p( ln(1 + v_mp / v_m), ln(1 + v_np / v_n) )     over the products that somebody imports
 *
 * @param imports v_jk, importers × products, any one currency unit, ≥ 0
 * @returns importers × importers, in [−1, 1], symmetric, 1 on the diagonal; NaN beside an importer that imports nothing or as much of everything
 * @source METHODS 9.8
 */
export function importBasketSimilarity(imports: Matrix): Matrix {
  const { rows, cols, data } = imports;
  const share = matrix(rows, cols);
  const tradedP = new Uint8Array(cols);
  for (let r = 0; r < rows; r++) {
    const basket = data.subarray(r * cols, (r + 1) * cols);
    const total = basket.reduce((sum, value) => sum + value, 0);
    for (let p = 0; p < cols; p++) {
      share.data[r * cols + p] = basket[p]! / total;
      if (basket[p]! > 0) tradedP[p] = 1;
    }
  }
  // a product that nobody imports says nothing, in whatever list of products it happens to stand
  for (let r = 0; r < rows; r++)
    for (let p = 0; p < cols; p++) if (tradedP[p] === 0) share.data[r * cols + p] = Number.NaN;
  return rowCorrelations(share, Math.log1p);
}

/**
 * Pearson's correlation of every two rows, each element transformed first. Columns that are NaN in every row are left out; a row with any other
 * NaN has no correlation.
 */
function rowCorrelations({ rows, cols, data }: Matrix, transform: (element: number) => number): Matrix {
  const columns: number[] = [];
  for (let c = 0; c < cols; c++) {
    let defined = false;
    for (let r = 0; r < rows && !defined; r++) defined = !Number.isNaN(data[r * cols + c]!);
    if (defined) columns.push(c);
  }
  const length = columns.length;

  // each row as a unit vector around its mean, so that a correlation is one inner product
  const unitRC = new Float64Array(rows * length);
  for (let r = 0; r < rows; r++) {
    const unit = unitRC.subarray(r * length, (r + 1) * length);
    for (let x = 0; x < length; x++) unit[x] = transform(data[r * cols + columns[x]!]!);
    const mean = unit.reduce((sum, element) => sum + element, 0) / length;
    const norm = Math.sqrt(unit.reduce((sum, element) => sum + (element - mean) ** 2, 0));
    const varies = norm > VARIES * Math.abs(mean) * Math.sqrt(length);
    for (let x = 0; x < length; x++) unit[x] = varies ? (unit[x]! - mean) / norm : Number.NaN;
  }
  const correlation = matrix(rows, rows);
  for (let r = 0; r < rows; r++) {
    for (let s = 0; s <= r; s++) {
      let sum = 0;
      for (let x = 0, a = r * length, b = s * length; x < length; x++, a++, b++) sum += unitRC[a]! * unitRC[b]!;
      const bounded = length === 0 ? Number.NaN : Math.max(-1, Math.min(1, sum));
      correlation.data[r * rows + s] = bounded;
      correlation.data[s * rows + r] = bounded;
    }
    if (!Number.isNaN(correlation.data[r * rows + r]!)) correlation.data[r * rows + r] = 1;
  }
  return correlation;
}
