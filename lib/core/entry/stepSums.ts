import { loops, memoryOf } from '../wasm/loops.ts';
import { type Edges, firstBins, HEAD_SHIFT } from './bins.ts';

/** What a term adds to each of two scores, bin by bin. */
export interface Steps {
  readonly edges: Edges;
  /** one more than edges each */
  readonly effects: readonly [ArrayLike<number>, ArrayLike<number>];
}

/** Two scores are summed at once. */
const SCORES = 2;
/** Values that `anyOf` looks at together; rows are padded to a multiple of it. */
const VALUES_AT_ONCE = 4;
const HEADS = 1 << (32 - HEAD_SHIFT);

/**
 * All arguments are addresses: of values of single precision, of the tables of a term, and of pairs of sums.
 *
 *     add:    for each value x of the row, in bin b = #{edges < x}   sum[x] += effect[b], both scores at once
 *     anyOf:  whether a value of the row has a bit set
 *
 * The last edge is infinite and ends the search for a bin; that of NaN ends where it begins.
 */
const TEXT = `(module
(func (export "add")
  (param $value $end $first $edge $effect $sum i32)
  (local $bin i32) (local $x f32)
  (loop $next
    (local.set $x (f32.load (local.get $value)))
    (local.set $bin (i32.add (i32.const -1) (i32.load8_u (i32.add (local.get $first)
      (i32.shr_u (i32.load (local.get $value)) (i32.const ${HEAD_SHIFT}))))))
    (loop $later
      (local.set $bin (i32.add (local.get $bin) (i32.const 1)))
      (br_if $later (f32.lt
        (f32.load (i32.add (local.get $edge) (i32.shl (local.get $bin) (i32.const 2)))) (local.get $x))))
    (v128.store (local.get $sum) (f64x2.add (v128.load (local.get $sum))
      (v128.load (i32.add (local.get $effect) (i32.shl (local.get $bin) (i32.const 4))))))
    (local.set $sum (i32.add (local.get $sum) (i32.const 16)))
    (br_if $next (i32.lt_u (local.tee $value (i32.add (local.get $value) (i32.const 4))) (local.get $end)))))

(func (export "anyOf")
  (param $value $end i32) (result i32)
  (local $seen v128)
  (loop $next
    (local.set $seen (v128.or (local.get $seen) (v128.load (local.get $value))))
    (br_if $next (i32.lt_u (local.tee $value (i32.add (local.get $value) (i32.const 16))) (local.get $end))))
  (v128.any_true (local.get $seen)))
)`;

interface Exports {
  add(value: number, end: number, first: number, edge: number, effect: number, sum: number): void;
  anyOf(value: number, end: number): number;
}

const onMemory = loops<Exports>(TEXT);

/** Rows of values, and what the terms add up to there. */
export interface StepSums {
  /** sum[2n], sum[2n + 1]: both scores of value n. To be set to what they begin with */
  readonly sum: Float64Array;
  /** Takes a row of values; the one before is gone. */
  take(valueN: Float32Array): void;
  /** Whether a value of the row is not 0. */
  isAny(): boolean;
  /** Adds what a term adds in the bins of the row's values. */
  add(term: number): void;
}

/**
 * Sums of step functions, two scores at once, for rows of values:
 *
 *     sum[n, s] += effects[s][b]    b = #{edges < value[n]}
 *
 * in the order in which terms are added, so that sums are those of a loop over terms to the last bit.
 *
 * @param steps of each term, at most 256 bins
 * @param most the longest row that is taken
 * @cost some ten instructions a value and term
 */
export function stepSums(steps: readonly Steps[], most: number): StepSums {
  const padded = Math.ceil(most / VALUES_AT_ONCE) * VALUES_AT_ONCE;
  const valueAt = 8 * SCORES * padded;
  let end = valueAt + 4 * padded;
  // effects on their own width, then what needs less
  const tables = steps.map(({ edges }) => {
    const effect = end;
    const edge = effect + 8 * SCORES * (edges.length + 1);
    const first = edge + 4 * (edges.length + 1);
    end = Math.ceil((first + HEADS) / 16) * 16;
    return { effect, edge, first };
  });
  const memory = memoryOf(end);
  for (const [t, { edges, effects }] of steps.entries()) {
    const { effect, edge, first } = tables[t]!;
    const effectB = new Float64Array(memory.buffer, effect, SCORES * (edges.length + 1));
    for (let b = 0; b <= edges.length; b++) for (let s = 0; s < SCORES; s++) effectB[SCORES * b + s] = effects[s]![b]!;
    new Float32Array(memory.buffer, edge, edges.length + 1).set([...edges, Number.POSITIVE_INFINITY]);
    new Uint8Array(memory.buffer, first, HEADS).set(firstBins(edges));
  }
  const sum = new Float64Array(memory.buffer, 0, SCORES * most);
  const valueN = new Float32Array(memory.buffer, valueAt, padded);
  const { add, anyOf } = onMemory(memory);
  let taken = 0;
  return {
    sum,
    take(row) {
      valueN.set(row);
      if (row.length < taken) valueN.fill(0, row.length, taken);
      taken = row.length;
    },
    isAny: () => taken > 0 && anyOf(valueAt, valueAt + 4 * Math.ceil(taken / VALUES_AT_ONCE) * VALUES_AT_ONCE) !== 0,
    add(term) {
      const { effect, edge, first } = tables[term]!;
      if (taken > 0) add(valueAt, valueAt + 4 * taken, first, edge, effect, 0);
    },
  };
}
