import * as fc from 'fast-check';
import { type Matrix, matrix } from '../../../lib/core/matrix.ts';

/**
 * The measures as the papers write them, one sum at a time and without any thought for speed: what the production loops
 * are compared with on random tables.
 */
const sum = (n: number, term: (k: number) => number) =>
  Array.from({ length: n }, (_, k) => term(k)).reduce((a, b) => a + b, 0);
const fill = (rows: number, cols: number, element: (r: number, c: number) => number): Matrix =>
  matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, (_, at) => element(Math.floor(at / cols), at % cols)),
  );
const at =
  ({ cols, data }: Matrix) =>
  (r: number, c: number) =>
    data[r * cols + c]!;

export function rcaByShares(exports_: Matrix): Matrix {
  const x = at(exports_);
  const { rows: E, cols: P } = exports_;
  const exporter = (e: number) => sum(P, (p) => x(e, p));
  const product = (p: number) => sum(E, (e) => x(e, p));
  const world = sum(E, exporter);
  return fill(E, P, (e, p) => x(e, p) / exporter(e) / (product(p) / world));
}

/** X per inhabitant over the world's, the world being the exporters whose population is known. */
export function rpopByHeads(exports_: Matrix, populationE: Float64Array): Matrix {
  const x = at(exports_);
  const { rows: E, cols: P } = exports_;
  const known = (e: number) => (populationE[e]! > 0 ? 1 : 0);
  const heads = sum(E, (e) => (known(e) ? populationE[e]! : 0));
  return fill(E, P, (e, p) =>
    known(e) ? x(e, p) / populationE[e]! / (sum(E, (f) => (known(f) ? x(f, p) : 0)) / heads) : Number.NaN,
  );
}

/** (1 + Pearson's correlation of two columns) / 2. */
export function continuousByCorrelation(ratios: Matrix, diagonal: number): Matrix {
  const r = at(ratios);
  const E = ratios.rows;
  const mean = (p: number) => sum(E, (e) => r(e, p)) / E;
  const together = (p: number, q: number) => sum(E, (e) => (r(e, p) - mean(p)) * (r(e, q) - mean(q)));
  return fill(ratios.cols, ratios.cols, (p, q) =>
    p === q ? diagonal : (1 + together(p, q) / Math.sqrt(together(p, p) * together(q, q))) / 2,
  );
}

export function proximityByProbabilities(presence: Matrix, diagonal: number): Matrix {
  const m = at(presence);
  const both = (p: number, q: number) => sum(presence.rows, (e) => m(e, p) * m(e, q));
  const given = (p: number, q: number) => (both(q, q) > 0 ? both(p, q) / both(q, q) : 0);
  return fill(presence.cols, presence.cols, (p, q) =>
    p === q ? (both(p, p) > 0 ? diagonal : 0) : Math.min(given(p, q), given(q, p)),
  );
}

export function densityByShares(presence: Matrix, proximity: Matrix): Matrix {
  const [m, phi, P] = [at(presence), at(proximity), presence.cols];
  return fill(presence.rows, P, (e, p) => {
    const around = sum(P, (q) => phi(q, p));
    return around === 0 ? 0 : sum(P, (q) => m(e, q) * phi(q, p)) / around;
  });
}

export function gainByNeighbours(presence: Matrix, proximity: Matrix, pciP: Float64Array): Matrix {
  const [m, phi, P] = [at(presence), at(proximity), presence.cols];
  const around = Array.from({ length: P }, (_, q) => sum(P, (r) => phi(q, r)));
  return fill(presence.rows, P, (e, p) => {
    const nearby = sum(P, (q) => (around[q] === 0 ? 0 : ((1 - m(e, q)) * pciP[q]! * phi(q, p)) / around[q]!));
    return m(e, p) === 1 ? 0 : nearby;
  });
}

/** D⁻¹ M U⁻¹ Mᵀ, whose second eigenvector is ECI. */
export function exporterOperator(presence: Matrix): Matrix {
  const [m, E, P] = [at(presence), presence.rows, presence.cols];
  const diversity = (e: number) => sum(P, (p) => m(e, p));
  const ubiquity = (p: number) => sum(E, (e) => m(e, p));
  return fill(E, E, (e, f) => sum(P, (p) => (m(e, p) * m(f, p)) / ubiquity(p)) / diversity(e));
}

/** Random presence; empty rows and columns happen. */
export const anyPresence = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    cols: fc.integer({ min: 1, max: 9 }),
    fill: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  })
  .chain(({ rows, cols, fill: share }) =>
    fc
      .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: rows * cols, maxLength: rows * cols })
      .map((draws) =>
        matrix(
          rows,
          cols,
          Float64Array.from(draws, (draw) => Number(draw < share)),
        ),
      ),
  );

/** Random exports over nine orders of magnitude; a third of the cells empty, every exporter and product has at least one. */
export const anyExports = fc
  .record({ rows: fc.integer({ min: 2, max: 9 }), cols: fc.integer({ min: 2, max: 9 }) })
  .chain(({ rows, cols }) =>
    fc
      .array(
        fc.oneof(
          { weight: 1, arbitrary: fc.constant(0) },
          { weight: 2, arbitrary: fc.double({ min: -3, max: 6, noNaN: true }).map((log) => 10 ** log) },
        ),
        { minLength: rows * cols, maxLength: rows * cols },
      )
      .map((values) => {
        const exports_ = matrix(rows, cols, Float64Array.from(values));
        for (let n = 0; n < Math.max(rows, cols); n++) exports_.data[(n % rows) * cols + (n % cols)]! += 1 + n;
        return exports_;
      }),
  );

/** The same table with its rows and columns in another order: element (r, c) moves to (rowTo[r], colTo[c]). */
export function permuted({ rows, cols, data }: Matrix, rowTo: readonly number[], colTo: readonly number[]): Matrix {
  const moved = matrix(rows, cols);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) moved.data[rowTo[r]! * cols + colTo[c]!] = data[r * cols + c]!;
  }
  return moved;
}

/** A table and a random order for each of its axes. */
export const anyExportsAndOrder = anyExports.chain((exports_) =>
  fc.record({
    exports: fc.constant(exports_),
    rowTo: shuffled(exports_.rows),
    colTo: shuffled(exports_.cols),
  }),
);

function shuffled(n: number) {
  const order = Array.from({ length: n }, (_, k) => k);
  return fc.shuffledSubarray(order, { minLength: n, maxLength: n });
}

/** Largest absolute difference; NaN equals NaN and nothing else. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let n = 0; n < a.length; n++) {
    if (Number.isNaN(a[n]) && Number.isNaN(b[n])) continue;
    const apart = Math.abs(a[n]! - b[n]!);
    most = apart <= most ? most : apart;
  }
  return most;
}
