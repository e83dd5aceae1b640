import { describe, expect, it } from 'vitest';
import { approximateCholesky, pseudoRandom, solveInPlace } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';

type Edge = readonly [one: number, other: number, weight: number];

const graphOf = (vertices: number, edges: readonly Edge[]) => ({
  vertices,
  count: edges.length,
  fromE: Uint32Array.from(edges, ([one]) => one),
  toE: Uint32Array.from(edges, ([, other]) => other),
  weightE: Float64Array.from(edges, ([, , weight]) => weight),
});

const laplacianTimes = (edges: readonly Edge[], xV: Float64Array) => {
  const product = new Float64Array(xV.length);
  for (const [one, other, weight] of edges) {
    product[one]! += weight * (xV[one]! - xV[other]!);
    product[other]! += weight * (xV[other]! - xV[one]!);
  }
  return product;
};

describe('approximate Cholesky factors of a Laplacian', () => {
  it('are exact on chains, parallel edges included: a vertex with two neighbours leaves nothing to draw', () => {
    const random = pseudoRandom(1);
    const edges: Edge[] = [];
    for (let v = 1; v < 200; v++) if (v !== 120) edges.push([v - 1, v, random()]);
    edges.push([...edges[3]!]);
    const wanted = laplacianTimes(edges, Float64Array.from({ length: 200 }, random));
    const solution = wanted.slice();
    solveInPlace(approximateCholesky(graphOf(200, edges)), solution);
    const reached = laplacianTimes(edges, solution);
    expect(Math.max(...reached.map((value, v) => Math.abs(value - wanted[v]!)))).toBeLessThan(1e-10);
  });

  it('are near enough on a grid that steps corrected by them shrink the error quickly', () => {
    const side = 40;
    const edges: Edge[] = [];
    for (let a = 0; a < side; a++)
      for (let b = 0; b < side; b++) {
        if (a + 1 < side) edges.push([a * side + b, (a + 1) * side + b, 1]);
        if (b + 1 < side) edges.push([a * side + b, a * side + b + 1, 1]);
      }
    // quadratic forms of the matrix and of its factors are within a small factor of each other
    const factor = approximateCholesky(graphOf(side * side, edges));
    const ratios = [1, 2, 3, 5, 8, 13].map((wave) => {
      const xV = Float64Array.from({ length: side * side }, (_, v) =>
        Math.cos((Math.PI * wave * (Math.floor(v / side) + 0.5)) / side),
      );
      const product = laplacianTimes(edges, xV);
      const solution = product.slice();
      solveInPlace(factor, solution);
      const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, v) => sum + value * b[v]!, 0);
      return dot(product, solution) / dot(product, xV);
    });
    expect(Math.min(...ratios)).toBeGreaterThan(0.3);
    expect(Math.max(...ratios)).toBeLessThan(3);
  });
});
