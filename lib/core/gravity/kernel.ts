import { loops, memoryOf } from '../wasm/loops.ts';

const LINE = 64;
/** Rows that are worked on at once: they share the loads of the vector that all of them meet. */
export const ROWS_AT_ONCE = 4;
/** Lengths of vectors for `dot` and `axpy` are padded with zeros to a multiple of this many numbers. */
const NUMBERS_AT_ONCE = 8;

const times = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('\n');
const rows = (line: (row: number) => string) => times(ROWS_AT_ONCE, line);

/** s[r] = Σ_m C[r,m]·b[m] in two halves, for the rows at hand. */
const DOT_OF_ROWS = `;; one dot product per row
    ${rows((r) => `(local.set $s${r} (f64x2.sub (local.get $s${r}) (local.get $s${r})))`)}
    (local.set $m (i32.const 0))
    (loop $dot
      (local.set $v (v128.load (i32.add (local.get $b) (local.get $m))))
      ${rows(
        (r) => `(local.set $s${r} (f64x2.add (local.get $s${r})
          (f64x2.mul (local.get $v) (v128.load (i32.add (local.get $c${r}) (local.get $m))))))`,
      )}
      (br_if $dot (i32.lt_u (local.tee $m (i32.add (local.get $m) (i32.const 16))) (local.get $bytes))))`;

/** t[m] += Σ_r s[r]·C[r,m], the rows being still in the nearest cache. */
const ADD_ROWS = `;; t += a·C, the rows being still in the nearest cache
    (local.set $m (i32.const 0))
    (loop $add
      (v128.store (i32.add (local.get $t) (local.get $m)) (f64x2.add
        (f64x2.add (v128.load (i32.add (local.get $t) (local.get $m)))
          (f64x2.mul (local.get $s0) (v128.load (i32.add (local.get $c0) (local.get $m)))))
        (f64x2.add (f64x2.mul (local.get $s1) (v128.load (i32.add (local.get $c1) (local.get $m)))) (f64x2.add
          (f64x2.mul (local.get $s2) (v128.load (i32.add (local.get $c2) (local.get $m))))
          (f64x2.mul (local.get $s3) (v128.load (i32.add (local.get $c3) (local.get $m))))))))
      (br_if $add (i32.lt_u (local.tee $m (i32.add (local.get $m) (i32.const 16))) (local.get $bytes))))`;

/**
 * The inner loops of the three-way fit and of product gravity, two numbers at a time. All arguments are addresses; `$row` up to `$end` is a list of where rows of the matrix
 * `$c` (or `$d`) begin, in bytes from its start, a multiple of four of them; `$bytes` is the length of a row, a multiple of 16.
 *
 *     balance: for each row r of the list  a[r] = total[r] / Σ_m C[r,m]·b[m]  and then  t[m] += a[r]·C[r,m]
 *     spread:  for each row r of the list  D[r,m] += a[r]·b[m]
 *     meet:    for each row r of the list  s[r] = Σ_m C[r,m]·b[m]  and then  t[m] += (p[r] - q[r]·s[r])·C[r,m]
 *
 * No fused multiply-add: its rounding would differ between processors.
 */
const TEXT = `(module
(func (export "balance")
  (param $row $end $bytes $c $b $t $total $a i32)
  (local ${times(ROWS_AT_ONCE, (r) => `$c${r}`)} $m i32)
  (local ${times(ROWS_AT_ONCE, (r) => `$s${r}`)} $v v128)
  (block $done (loop $next
    (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
    ${rows((r) => `(local.set $c${r} (i32.add (local.get $c) (i32.load offset=${4 * r} (local.get $row))))`)}
    ${DOT_OF_ROWS}
    ;; a = total / dot, both lanes of s
    ${rows(
      (r) => `(f64.store offset=${8 * r} (local.get $a) (f64.div (f64.load offset=${8 * r} (local.get $total))
        (f64.add (f64x2.extract_lane 0 (local.get $s${r})) (f64x2.extract_lane 1 (local.get $s${r})))))
      (local.set $s${r} (v128.load64_splat offset=${8 * r} (local.get $a)))`,
    )}
    ${ADD_ROWS}
    (local.set $row (i32.add (local.get $row) (i32.const ${4 * ROWS_AT_ONCE})))
    (local.set $total (i32.add (local.get $total) (i32.const ${8 * ROWS_AT_ONCE})))
    (local.set $a (i32.add (local.get $a) (i32.const ${8 * ROWS_AT_ONCE})))
    (br $next))))

(func (export "spread")
  (param $row $end $bytes $d $b $a i32)
  (local ${times(ROWS_AT_ONCE, (r) => `$d${r}`)} $m i32)
  (local ${times(ROWS_AT_ONCE, (r) => `$s${r}`)} $v v128)
  (block $done (loop $next
    (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
    ${rows(
      (r) => `(local.set $d${r} (i32.add (local.get $d) (i32.load offset=${4 * r} (local.get $row))))
      (local.set $s${r} (v128.load64_splat offset=${8 * r} (local.get $a)))`,
    )}
    (local.set $m (i32.const 0))
    (loop $add
      (local.set $v (v128.load (i32.add (local.get $b) (local.get $m))))
      ${rows(
        (r) => `(v128.store (i32.add (local.get $d${r}) (local.get $m)) (f64x2.add
          (v128.load (i32.add (local.get $d${r}) (local.get $m))) (f64x2.mul (local.get $v) (local.get $s${r}))))`,
      )}
      (br_if $add (i32.lt_u (local.tee $m (i32.add (local.get $m) (i32.const 16))) (local.get $bytes))))
    (local.set $row (i32.add (local.get $row) (i32.const ${4 * ROWS_AT_ONCE})))
    (local.set $a (i32.add (local.get $a) (i32.const ${8 * ROWS_AT_ONCE})))
    (br $next))))

;; what rows and columns meet of each other
(func (export "meet")
  (param $row $end $bytes $c $b $t $p $q $out i32)
  (local ${times(ROWS_AT_ONCE, (r) => `$c${r}`)} $m i32)
  (local ${times(ROWS_AT_ONCE, (r) => `$s${r}`)} $v v128)
  (block $done (loop $next
    (br_if $done (i32.ge_u (local.get $row) (local.get $end)))
    ${rows((r) => `(local.set $c${r} (i32.add (local.get $c) (i32.load offset=${4 * r} (local.get $row))))`)}
    ${DOT_OF_ROWS}
    ;; s = dot, and then both lanes of s are p - q·dot
    ${rows(
      (r) => `(f64.store offset=${8 * r} (local.get $out)
        (f64.add (f64x2.extract_lane 0 (local.get $s${r})) (f64x2.extract_lane 1 (local.get $s${r}))))
      (local.set $s${r} (f64x2.sub (v128.load64_splat offset=${8 * r} (local.get $p))
        (f64x2.mul (v128.load64_splat offset=${8 * r} (local.get $q)) (v128.load64_splat offset=${8 * r} (local.get $out)))))`,
    )}
    ${ADD_ROWS}
    (local.set $row (i32.add (local.get $row) (i32.const ${4 * ROWS_AT_ONCE})))
    (local.set $p (i32.add (local.get $p) (i32.const ${8 * ROWS_AT_ONCE})))
    (local.set $q (i32.add (local.get $q) (i32.const ${8 * ROWS_AT_ONCE})))
    (local.set $out (i32.add (local.get $out) (i32.const ${8 * ROWS_AT_ONCE})))
    (br $next))))

;; Σ x·y
(func (export "dot")
  (param $x $end $y i32) (result f64)
  (local $s0 $s1 $s2 $s3 v128)
  (loop $next
    ${times(
      4,
      (n) => `(local.set $s${n} (f64x2.add (local.get $s${n})
      (f64x2.mul (v128.load offset=${16 * n} (local.get $x)) (v128.load offset=${16 * n} (local.get $y)))))`,
    )}
    (local.set $y (i32.add (local.get $y) (i32.const 64)))
    (br_if $next (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 64))) (local.get $end))))
  (local.set $s0 (f64x2.add (f64x2.add (local.get $s0) (local.get $s1)) (f64x2.add (local.get $s2) (local.get $s3))))
  (f64.add (f64x2.extract_lane 0 (local.get $s0)) (f64x2.extract_lane 1 (local.get $s0))))

;; y += alpha·x
(func (export "axpy")
  (param $x $end $y i32) (param $alpha f64)
  (local $v v128)
  (local.set $v (f64x2.splat (local.get $alpha)))
  (loop $next
    ${times(
      4,
      (n) => `(v128.store offset=${16 * n} (local.get $y) (f64x2.add (v128.load offset=${16 * n} (local.get $y))
      (f64x2.mul (local.get $v) (v128.load offset=${16 * n} (local.get $x)))))`,
    )}
    (local.set $y (i32.add (local.get $y) (i32.const 64)))
    (br_if $next (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 64))) (local.get $end)))))
)`;

interface Exports {
  balance(row: number, end: number, bytes: number, c: number, b: number, t: number, total: number, a: number): void;
  meet(
    ...addresses: [
      row: number,
      end: number,
      bytes: number,
      c: number,
      b: number,
      t: number,
      p: number,
      q: number,
      s: number,
    ]
  ): void;
  spread(row: number, end: number, bytes: number, d: number, b: number, a: number): void;
  dot(x: number, end: number, y: number): number;
  axpy(x: number, end: number, y: number, alpha: number): void;
}

const onMemory = loops<Exports>(TEXT);

/** The loops over one memory, and the arrays that live in it. */
export interface Kernel<F64 extends string, U32 extends string> extends Exports {
  readonly f64: Readonly<Record<F64, Float64Array<ArrayBuffer>>>;
  readonly u32: Readonly<Record<U32, Uint32Array<ArrayBuffer>>>;
}

/** The length to ask for, so that `dot` and `axpy` may run over the whole array. */
export const paddedLength = (length: number) => Math.ceil(length / NUMBERS_AT_ONCE) * NUMBERS_AT_ONCE;

/** Lays out arrays of the given lengths (zeros at first) in a memory of their own, for the loops to work on. */
export function kernel<F64 extends string, U32 extends string>(
  f64Lengths: Readonly<Record<F64, number>>,
  u32Lengths: Readonly<Record<U32, number>>,
): Kernel<F64, U32> {
  // each array starts on a cache line
  const align = (bytes: number) => Math.ceil(bytes / LINE) * LINE;
  const bytes = (lengths: Readonly<Record<string, number>>, each: number) =>
    Object.values(lengths).reduce((sum, length) => sum + align(length * each), 0);
  const needed = bytes(f64Lengths, 8) + bytes(u32Lengths, 4);
  const memory = memoryOf(needed);

  let end = 0;
  const lay = <Name extends string, Layout>(
    lengths: Readonly<Record<Name, number>>,
    each: number,
    view: (offset: number, length: number) => Layout,
  ) => {
    const views = {} as Record<Name, Layout>;
    for (const name of Object.keys(lengths) as Name[]) {
      views[name] = view(end, lengths[name]);
      end += align(lengths[name] * each);
    }
    return views;
  };
  const f64 = lay(f64Lengths, 8, (offset, length) => new Float64Array(memory.buffer, offset, length));
  const u32 = lay(u32Lengths, 4, (offset, length) => new Uint32Array(memory.buffer, offset, length));

  return { f64, u32, ...onMemory(memory) };
}
