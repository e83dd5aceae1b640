import type { Matrix } from '../matrix.ts';

/** A link of the product space between two positions, `from` < `to`. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly proximity: number;
  /** part of the maximum spanning tree, which keeps the picture in one piece */
  readonly tree: boolean;
}

export interface ProductSpaceOptions {
  /** every product shows this many of its strongest links; 5 unless told */
  readonly strongest?: number;
  /** and every link of at least this proximity is shown; none for this reason unless told */
  readonly atLeast?: number;
}

/**
 * The links to draw: the maximum spanning tree, so that no product floats alone, and the strongest of the others, so that
 * clusters show. A product that nothing is exported with has no link. Of equally strong links the earlier one is taken.
 *
 * @param proximity φ, products × products, symmetric, in [0, 1]
 * @returns strongest first, then by position
 * @cost a few comparisons per pair of products
 * @source Hidalgo, Klinger, Barabási and Hausmann (2007), Science 317:482 (the tree and links of at least 0.55); the Atlas
 *   draws the five strongest of each product
 */
export function productSpace(
  proximity: Matrix,
  { strongest = 5, atLeast = Number.POSITIVE_INFINITY }: ProductSpaceOptions = {},
): Edge[] {
  const nProducts = proximity.rows;
  const edges = new Map<number, Edge>();
  const link = (p: number, q: number, tree: boolean) => {
    const [from, to] = p < q ? [p, q] : [q, p];
    const at = from * nProducts + to;
    if (!edges.has(at)) edges.set(at, { from, to, proximity: proximity.data[at]!, tree });
  };
  spanningTree(proximity).forEach((parent, p) => {
    if (parent >= 0) link(p, parent, true);
  });
  for (let p = 0; p < nProducts; p++) {
    const phiP = proximity.data.subarray(p * nProducts, (p + 1) * nProducts);
    for (const q of strongestOf(phiP, p, strongest)) link(p, q, false);
    for (let q = 0; q < p; q++) if (phiP[q]! >= atLeast) link(p, q, false);
  }
  return [...edges.values()].sort((a, b) => b.proximity - a.proximity || a.from - b.from || a.to - b.to);
}

/** Prim's algorithm on the dense matrix: the parent of each product in the maximum spanning tree of its piece, −1 at the roots. */
function spanningTree({ rows: nProducts, data: phiPP }: Matrix): Int32Array {
  const parentP = new Int32Array(nProducts).fill(-1);
  const reachP = new Float64Array(nProducts); // the strongest link to the tree so far; 0 while there is none
  const outsideP = new Uint8Array(nProducts).fill(1);
  for (let joined = 0; joined < nProducts; joined++) {
    // the product outside that is closest to the tree joins; when none is linked, the first one starts another piece
    let next = -1;
    for (let p = 0; p < nProducts; p++) {
      if (outsideP[p] && (next < 0 || reachP[p]! > reachP[next]!)) next = p;
    }
    outsideP[next] = 0;
    for (let p = 0, at = next * nProducts; p < nProducts; p++, at++) {
      if (outsideP[p] && phiPP[at]! > reachP[p]!) {
        reachP[p] = phiPP[at]!;
        parentP[p] = next;
      }
    }
  }
  return parentP;
}

/** The positions of the n largest positive proximities, the product itself left out, the largest first. */
function strongestOf(phiP: Float64Array, self: number, n: number): number[] {
  const best: number[] = [];
  for (let q = 0; q < phiP.length; q++) {
    if (q === self || phiP[q] === 0 || n === 0) continue;
    if (best.length === n && phiP[q]! <= phiP[best[n - 1]!]!) continue;
    if (best.length === n) best.pop();
    const place = best.findIndex((other) => phiP[other]! < phiP[q]!);
    best.splice(place < 0 ? best.length : place, 0, q);
  }
  return best;
}
