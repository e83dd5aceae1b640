/** Where one bin ends and the next begins: value x is in bin b = #{edges < x}, so there is one bin more than edges. Ascending, finite. */
export type Edges = readonly number[];

/**
 * Edges at which a feature's values divide into bins of about equal weight.
 *
 * Values are rounded to single precision first, as features are kept. Equal values share a bin, so a feature with few values (many zeros, say) gets
 * fewer bins than asked for, each of its own.
 *
 * @param valueN finite
 * @param weightN > 0
 * @param bins at most so many
 * @throws RangeError for a value that is not finite
 */
export function binEdges(valueN: Float32Array, weightN: ArrayLike<number>, bins: number): number[] {
  // what weighs at each of the values that there are
  const sorted = valueN.slice().sort();
  const distinctD = sorted.filter((value, n) => value !== sorted[n - 1]);
  const weightD = new Float64Array(distinctD.length);
  let total = 0;
  for (let n = 0; n < valueN.length; n++) {
    if (!Number.isFinite(valueN[n])) throw new RangeError(`binEdges: value ${n} is ${valueN[n]}, expected a number`);
    weightD[binOf(distinctD, valueN[n]!)]! += weightN[n]!;
    total += weightN[n]!;
  }

  const edges: number[] = [];
  let passed = 0;
  let next = total / bins;
  for (let d = 0; d + 1 < distinctD.length; d++) {
    passed += weightD[d]!;
    if (passed < next) continue;
    edges.push(distinctD[d]!);
    next = (Math.floor((passed * bins) / total) + 1) * (total / bins);
  }
  return edges;
}

/**
 * Further edges in the last bin, each of which leaves half of the values above it: the first places of a list are chosen among cells that would
 * otherwise share their last bin in most terms.
 *
 * @param valueN the values that matter there; the others do not count
 * @param halvings at most so many
 */
export function withTail(edges: Edges, valueN: Float32Array, halvings: number): Edges {
  const last = edges.at(-1) ?? Number.NEGATIVE_INFINITY;
  const above = valueN.filter((value) => value > last).sort();
  const finer = [...edges];
  for (let halving = 1; halving <= halvings; halving++) {
    const edge = above[Math.floor(above.length * (1 - 0.5 ** halving))];
    if (edge !== undefined && edge > (finer.at(-1) ?? last) && edge < above[above.length - 1]!) finer.push(edge);
  }
  return finer;
}

/** The bin of a value, by halving. Edges count in single precision, as values do: written with fewer digits they may lie beside it. */
export function binOf(edges: Edges | Float32Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Math.fround(edges[middle]!) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first bits of a number that `firstBins` goes by: sign, exponent, three bits of mantissa. */
export const HEAD_SHIFT = 20;

/**
 * At which bin to begin for a number of single precision, by its first bits (bits >>> HEAD_SHIFT): a step or two do the rest.
 *
 * @param edges of at most 256 bins
 */
export function firstBins(edges: Edges): Uint8Array {
  // non-negative floats are ordered as their bits are
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  const from = new Uint8Array(1 << (32 - HEAD_SHIFT));
  for (let head = 0; head < from.length; head++) {
    bits[0] = head << HEAD_SHIFT;
    from[head] = head < from.length / 2 && !Number.isNaN(float[0]) ? binOf(edges, float[0]!) : 0;
  }
  return from;
}

/**
 * The bins of many values.
 *
 * @returns a function that writes the bin of each value, at most 256 of them
 */
export function binner(edges: Edges): (valueN: Float32Array, binN: Uint8Array) => void {
  const from = firstBins(edges);
  const edgeE = Float32Array.from([...edges, Number.POSITIVE_INFINITY]);
  return (valueN, binN) => {
    const bitsN = new Uint32Array(valueN.buffer, valueN.byteOffset, valueN.length);
    for (let n = 0; n < valueN.length; n++) {
      const value = valueN[n]!;
      let bin = from[bitsN[n]! >>> HEAD_SHIFT]!;
      while (edgeE[bin]! < value) bin++;
      binN[n] = bin;
    }
  };
}
