import type { Matrix } from '../matrix.ts';
import { loops, memoryOf } from '../wasm/loops.ts';

/** Rows that are added at once: they share the loads and stores of the sum. (At HS4 two take 1.2 times as long, eight no less.) */
const ROWS_AT_ONCE = 4;

const rows = (line: (row: number) => string) => Array.from({ length: ROWS_AT_ONCE }, (_, row) => line(row)).join('\n');

/**
 *     t[c] += Σ_x a[x] · W[row[x], c]
 *
 * two columns at a time. All arguments are addresses; `$row` up to `$end` is a list of addresses of rows, a multiple of four of them; `$bytes`
 * is the length of a row, a multiple of 16. No fused multiply-add: its rounding would differ between processors.
 */
const TEXT = `(module (func (export "addRows")
  (param $row $end $bytes $t $a i32)
  (local ${rows((r) => `$w${r}`)} $c i32)
  (local ${rows((r) => `$a${r}`)} v128)
  (block $done (loop $next
    (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
    ${rows(
      (r) => `(local.set $w${r} (i32.load offset=${4 * r} (local.get $row)))
      (local.set $a${r} (v128.load64_splat offset=${8 * r} (local.get $a)))`,
    )}
    (local.set $c (i32.const 0))
    (loop $add
      (v128.store (i32.add (local.get $t) (local.get $c)) (f64x2.add
        (f64x2.add (v128.load (i32.add (local.get $t) (local.get $c)))
          (f64x2.mul (local.get $a0) (v128.load (i32.add (local.get $w0) (local.get $c)))))
        (f64x2.add (f64x2.mul (local.get $a1) (v128.load (i32.add (local.get $w1) (local.get $c)))) (f64x2.add
          (f64x2.mul (local.get $a2) (v128.load (i32.add (local.get $w2) (local.get $c))))
          (f64x2.mul (local.get $a3) (v128.load (i32.add (local.get $w3) (local.get $c))))))))
      (br_if $add (i32.lt_u (local.tee $c (i32.add (local.get $c) (i32.const 16))) (local.get $bytes))))
    (local.set $row (i32.add (local.get $row) (i32.const ${4 * ROWS_AT_ONCE})))
    (local.set $a (i32.add (local.get $a) (i32.const ${8 * ROWS_AT_ONCE})))
    (br $next)))))`;

interface Exports {
  addRows(row: number, end: number, bytes: number, t: number, a: number): void;
}

const onMemory = loops<Exports>(TEXT);

/**
 * Keeps a square matrix where sums of its columns' weights are quick, for many sparse vectors.
 *
 *     sum[r] = Σ_c W[r,c] · x[c]     over the c given
 *
 * @param weights W; stored transposed, so that each element of x adds one contiguous row
 * @returns a function of the positions c (ascending or not, from `from` up to `to` of the columns) and their x; what it returns is overwritten by the next call
 * @cost 8 bytes per element of W, once; one multiply-add per element of x and row of W
 */
export function weightedRows({ rows: size, data }: Matrix) {
  const stride = size + (size % 2);
  const bytes = stride * 8;
  const most = Math.ceil(size / ROWS_AT_ONCE) * ROWS_AT_ONCE;
  const memory = memoryOf(size * bytes + bytes + most * 16);
  const sumAt = size * bytes;
  const xAt = sumAt + bytes;
  const rowAt = xAt + most * 8;
  const transposed = new Float64Array(memory.buffer, 0, size * stride);
  const sumN = new Float64Array(memory.buffer, sumAt, size);
  const xN = new Float64Array(memory.buffer, xAt, most);
  const rowN = new Uint32Array(memory.buffer, rowAt, most);
  for (let r = 0; r < size; r++)
    for (let c = 0, at = r * size; c < size; c++, at++) transposed[c * stride + r] = data[at]!;

  const { addRows } = onMemory(memory);
  return (columnN: ArrayLike<number>, valueN: ArrayLike<number>, from: number, to: number): Float64Array => {
    let x = 0;
    for (let n = from; n < to; n++, x++) {
      rowN[x] = columnN[n]! * bytes;
      xN[x] = valueN[n]!;
    }
    // up to a multiple of the rows at once: nothing of row 0
    for (; x % ROWS_AT_ONCE !== 0; x++) {
      rowN[x] = 0;
      xN[x] = 0;
    }
    sumN.fill(0);
    addRows(rowAt, rowAt + x * 4, bytes, sumAt, xAt);
    return sumN;
  };
}
