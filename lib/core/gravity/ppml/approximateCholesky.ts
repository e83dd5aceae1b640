/** A weighted undirected graph: edge e joins `fromE[e]` and `toE[e]`, at most `count` of them are in use. */
export interface Graph {
  readonly vertices: number;
  count: number;
  readonly fromE: Uint32Array;
  readonly toE: Uint32Array;
  readonly weightE: Float64Array;
}

/** Approximate factors of a graph's Laplacian: vertex orderV[i] was eliminated i-th, with pivotV and its column of multipliers. */
export interface LaplacianFactor {
  readonly orderV: Uint32Array;
  /** weighted degree when eliminated, by vertex; 0 for the last vertex of each connected component */
  readonly pivotV: Float64Array;
  /** the column of the i-th vertex lies at columnI[i] … columnI[i + 1] - 1 */
  readonly columnI: Uint32Array;
  readonly rowOf: Uint32Array;
  readonly multiplierOf: Float64Array;
}

/** A sequence of numbers in [0, 1) that looks random and is always the same. */
export function pseudoRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The star of an eliminated vertex is replaced by a tree that has the clique of exact elimination as its expectation: neighbours in
 * ascending order of weight, each joined to one of those after it.
 *
 *     edge (i, k) with weight w[i] S[i] / T,   k drawn among those after i with probability w[k] / S[i],   S[i] = Σ_{k > i} w[k]
 *
 * @param neighbours distinct, sorted by ascending weight
 */
export function sampleClique(
  neighbours: Uint32Array,
  weights: Float64Array,
  degree: number,
  random: () => number,
  add: (one: number, other: number, weight: number) => void,
): void {
  let total = 0;
  for (let i = 0; i < degree; i++) total += weights[i]!;
  let after = total;
  for (let i = 0; i < degree - 1; i++) {
    after -= weights[i]!;
    if (!(after > 0)) return;
    let draw = random() * after;
    let k = i + 1;
    while (k < degree - 1 && draw >= weights[k]!) draw -= weights[k++]!;
    add(neighbours[i]!, neighbours[k]!, (weights[i]! * after) / total);
  }
}

/**
 * Approximate Cholesky factors of a graph's Laplacian, with little more entries than the graph has edges: a preconditioner whose
 * quality hardly depends on the shape of the network, where a diagonal one needs as many iterations as the network is long.
 *
 * @param graph its edges are consumed
 * @source Kyng and Sachdeva (2016), Approximate Gaussian elimination for Laplacians: fast, sparse, and simple
 */
export function approximateCholesky(graph: Graph): LaplacianFactor {
  const { vertices, fromE, toE, weightE } = graph;
  const random = pseudoRandom(vertices);

  // few neighbours first: less is drawn, and less of it is wrong
  const degreeV = new Uint32Array(vertices);
  for (let e = 0; e < graph.count; e++) {
    degreeV[fromE[e]!]!++;
    degreeV[toE[e]!]!++;
  }
  const orderV = Uint32Array.from({ length: vertices }, (_, v) => v).sort((a, b) => degreeV[a]! - degreeV[b]! || a - b);
  const rankV = new Uint32Array(vertices);
  for (let i = 0; i < vertices; i++) rankV[orderV[i]!] = i;

  // each edge is listed at the end that goes first; a drawn edge takes the place of one that is gone
  const NONE = 0xffffffff;
  const headV = new Uint32Array(vertices).fill(NONE);
  const nextE = new Uint32Array(fromE.length);
  const list = (e: number, one: number, other: number, weight: number) => {
    const first = rankV[one]! < rankV[other]! ? one : other;
    fromE[e] = first;
    toE[e] = first === one ? other : one;
    weightE[e] = weight;
    nextE[e] = headV[first]!;
    headV[first] = e;
  };
  for (let e = 0; e < graph.count; e++) list(e, fromE[e]!, toE[e]!, weightE[e]!);

  const pivotV = new Float64Array(vertices);
  const columnI = new Uint32Array(vertices + 1);
  let rowOf = new Uint32Array(2 * graph.count + 1);
  let multiplierOf = new Float64Array(2 * graph.count + 1);
  const slotOf = new Int32Array(vertices).fill(-1);
  const free: number[] = [];
  let neighbours = new Uint32Array(64);
  let weights = new Float64Array(64);
  let entries = 0;
  for (let i = 0; i < vertices; i++) {
    const v = orderV[i]!;
    // gather neighbours, parallel edges added up
    let degree = 0;
    let total = 0;
    free.length = 0;
    for (let e = headV[v]!; e !== NONE; e = nextE[e]!) {
      free.push(e);
      const other = toE[e]!;
      total += weightE[e]!;
      let slot = slotOf[other]!;
      if (slot < 0) {
        if (degree === neighbours.length) {
          neighbours = doubled(neighbours);
          weights = doubled(weights);
        }
        slot = degree++;
        slotOf[other] = slot;
        neighbours[slot] = other;
        weights[slot] = 0;
      }
      weights[slot]! += weightE[e]!;
    }
    pivotV[v] = total;
    while (entries + degree > rowOf.length) {
      rowOf = doubled(rowOf);
      multiplierOf = doubled(multiplierOf);
    }
    for (let slot = 0; slot < degree; slot++) {
      slotOf[neighbours[slot]!] = -1;
      rowOf[entries] = neighbours[slot]!;
      multiplierOf[entries++] = weights[slot]! / total;
    }
    columnI[i + 1] = entries;
    sortByWeight(neighbours, weights, degree);
    sampleClique(neighbours, weights, degree, random, (one, other, weight) => list(free.pop()!, one, other, weight));
  }
  return { orderV, pivotV, columnI, rowOf, multiplierOf };
}

/** Replaces a right-hand side by the approximate solution of the Laplacian system, in place. */
export function solveInPlace(
  { orderV, pivotV, columnI, rowOf, multiplierOf }: LaplacianFactor,
  workV: Float64Array,
): void {
  for (let i = 0; i < orderV.length; i++) {
    const y = workV[orderV[i]!]!;
    if (y !== 0) for (let at = columnI[i]!; at < columnI[i + 1]!; at++) workV[rowOf[at]!]! += multiplierOf[at]! * y;
  }
  for (let i = orderV.length - 1; i >= 0; i--) {
    const v = orderV[i]!;
    const pivot = pivotV[v]!;
    let x = pivot > 0 ? workV[v]! / pivot : 0;
    for (let at = columnI[i]!; at < columnI[i + 1]!; at++) x += multiplierOf[at]! * workV[rowOf[at]!]!;
    workV[v] = x;
  }
}

/** Insertion sort of the first `degree` neighbours by ascending weight: degrees are small. */
export function sortByWeight(neighbours: Uint32Array, weights: Float64Array, degree: number): void {
  for (let i = 1; i < degree; i++) {
    const vertex = neighbours[i]!;
    const weight = weights[i]!;
    let j = i - 1;
    for (; j >= 0 && weights[j]! > weight; j--) {
      weights[j + 1] = weights[j]!;
      neighbours[j + 1] = neighbours[j]!;
    }
    weights[j + 1] = weight;
    neighbours[j + 1] = vertex;
  }
}

function doubled<Of extends Uint32Array | Float64Array>(array: Of): Of {
  const longer = new (array.constructor as new (length: number) => Of)(2 * array.length);
  longer.set(array);
  return longer;
}
