import type { Absorbed } from './absorbed.ts';
import {
  approximateCholesky,
  type Graph,
  type LaplacianFactor,
  pseudoRandom,
  sampleClique,
  solveInPlace,
  sortByWeight,
} from './approximateCholesky.ts';

/** Approximate inverses of those parts of the reduced matrix that are Laplacians of networks. */
export type Network = readonly NetworkPart[];

interface NetworkPart {
  readonly factor: LaplacianFactor;
  /** stacked level of each vertex */
  readonly levelV: Uint32Array;
  /** vertices from here on count with the opposite sign */
  readonly flippedFrom: number;
}

/**
 * Factors the networks inside the reduced matrix:
 *
 * - Within one remaining effect the matrix is the Laplacian of the graph that joins levels meeting in a group: importers with a common
 *   exporter. Groups are eliminated approximately, a tree of edges drawn for each instead of all its pairs.
 * - Between two remaining effects the matrix, before elimination, is that of a bipartite graph with the sign of one side flipped.
 *
 * With two effects in all the first kind is the whole matrix; with more, the sum of the parts' inverses is an additive Schwarz
 * preconditioner (decision 0019).
 */
export function network(absorbed: Absorbed, weightN: Float64Array): Network {
  const { remaining } = absorbed;
  const parts: NetworkPart[] = [];
  for (let r = 0; r < remaining; r++) {
    const levelV = levelsOf(absorbed, r);
    parts.push({ factor: approximateCholesky(within(absorbed, weightN, r)), levelV, flippedFrom: levelV.length });
    for (let other = r + 1; other < remaining; other++) {
      const both = Uint32Array.from([...levelV, ...levelsOf(absorbed, other)]);
      const graph = between(absorbed, weightN, r, other);
      parts.push({ factor: approximateCholesky(graph), levelV: both, flippedFrom: levelV.length });
    }
  }
  return parts;
}

/** z = Σ over parts of their approximate solution for the right-hand side r. */
export function solveNetwork(parts: Network, rL: Float64Array, zL: Float64Array): void {
  zL.fill(0);
  for (const { factor, levelV, flippedFrom } of parts) {
    const solutionV = new Float64Array(levelV.length);
    for (let v = 0; v < levelV.length; v++) solutionV[v] = v < flippedFrom ? rL[levelV[v]!]! : -rL[levelV[v]!]!;
    solveInPlace(factor, solutionV);
    for (let v = 0; v < levelV.length; v++) zL[levelV[v]!]! += v < flippedFrom ? solutionV[v]! : -solutionV[v]!;
  }
}

function levelsOf({ startR, levels }: Absorbed, r: number): Uint32Array {
  const start = startR[r]!;
  return Uint32Array.from({ length: (startR[r + 1] ?? levels) - start }, (_, v) => start + v);
}

/** Levels of one effect, joined where they meet in a group; the clique of a group is sampled. */
function within(absorbed: Absorbed, weightN: Float64Array, r: number): Graph {
  const { n, groups, fromG, remaining, idNR, startR } = absorbed;
  const start = startR[r]!;
  const levels = levelsOf(absorbed, r).length;
  const graph = { vertices: levels, count: 0, ...edges(n) };
  const random = pseudoRandom(r + 1);
  const slotV = new Int32Array(levels).fill(-1);
  for (let g = 0; g < groups; g++) {
    const from = fromG[g]!;
    const rows = fromG[g + 1]! - from;
    // a level may meet a group more than once
    const neighbours = new Uint32Array(rows);
    const weights = new Float64Array(rows);
    let degree = 0;
    for (let at = from; at < from + rows; at++) {
      const v = idNR[at * remaining + r]! - start;
      let slot = slotV[v]!;
      if (slot < 0) {
        slot = degree++;
        slotV[v] = slot;
        neighbours[slot] = v;
      }
      weights[slot]! += weightN[at]!;
    }
    for (let slot = 0; slot < degree; slot++) slotV[neighbours[slot]!] = -1;
    sortByWeight(neighbours, weights, degree);
    sampleClique(neighbours, weights, degree, random, (one, other, weight) => addEdge(graph, one, other, weight));
  }
  return graph;
}

/** Levels of two effects, joined by the rows that are in both: vertices of the first, then of the second. */
function between(absorbed: Absorbed, weightN: Float64Array, r: number, other: number): Graph {
  const { n, remaining, idNR, startR } = absorbed;
  const first = levelsOf(absorbed, r).length;
  const graph = { vertices: first + levelsOf(absorbed, other).length, count: 0, ...edges(n) };
  for (let at = 0; at < n; at++) {
    const one = idNR[at * remaining + r]! - startR[r]!;
    const two = first + idNR[at * remaining + other]! - startR[other]!;
    addEdge(graph, one, two, weightN[at]!);
  }
  return graph;
}

const edges = (most: number) => ({
  fromE: new Uint32Array(most),
  toE: new Uint32Array(most),
  weightE: new Float64Array(most),
});

function addEdge(graph: Graph, one: number, other: number, weight: number): void {
  graph.fromE[graph.count] = one;
  graph.toE[graph.count] = other;
  graph.weightE[graph.count++] = weight;
}
