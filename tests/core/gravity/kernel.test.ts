import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kernel, paddedLength, ROWS_AT_ONCE } from '../../../lib/core/gravity/kernel.ts';

const numbers = (length: number) =>
  fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: length, maxLength: length });

/** A product's block: rows of C (some of them used), totals, and a vector to meet. */
const block = fc
  .tuple(
    fc.integer({ min: 1, max: 7 }),
    fc.integer({ min: 1, max: 3 }).map((n) => 2 * n),
  )
  .chain(([rows, cols]) =>
    fc.record({
      cols: fc.constant(cols),
      c: numbers(rows * cols),
      b: numbers(cols),
      used: fc.array(fc.integer({ min: 0, max: rows - 1 }), { minLength: ROWS_AT_ONCE, maxLength: ROWS_AT_ONCE }),
      total: numbers(ROWS_AT_ONCE),
    }),
  );

describe('the inner loops do what their readable form says', () => {
  it('balance: a = total / Σ C b, then t += a C', () => {
    fc.assert(
      fc.property(block, ({ cols, c, b, used, total }) => {
        const { f64, u32, balance } = kernel({ c: c.length, b: cols, t: cols, total: 4, a: 4 }, { row: 4 });
        f64.c.set(c);
        f64.b.set(b);
        f64.total.set(total);
        u32.row.set(used.map((row) => row * cols * 8));
        const at = u32.row.byteOffset;
        balance(
          at,
          at + 16,
          cols * 8,
          f64.c.byteOffset,
          f64.b.byteOffset,
          f64.t.byteOffset,
          f64.total.byteOffset,
          f64.a.byteOffset,
        );

        const rowOf = (r: number) => c.slice(used[r]! * cols, (used[r]! + 1) * cols);
        const a = total.map((value, r) => value / rowOf(r).reduce((sum, x, m) => sum + x * b[m]!, 0));
        const t = b.map((_, m) => a.reduce((sum, x, r) => sum + x * rowOf(r)[m]!, 0));
        for (const [r, x] of a.entries()) expect(f64.a[r]).toBeCloseTo(x, 8);
        for (const [m, x] of t.entries()) expect(f64.t[m]! / x).toBeCloseTo(1, 12);
      }),
    );
  });

  it('spread: D += a b', () => {
    fc.assert(
      fc.property(block, ({ cols, c, b, used, total }) => {
        const { f64, u32, spread } = kernel({ d: c.length, b: cols, a: 4 }, { row: 4 });
        f64.d.set(c);
        f64.b.set(b);
        f64.a.set(total);
        const rows = [...new Set(used)];
        fc.pre(rows.length === ROWS_AT_ONCE);
        u32.row.set(rows.map((row) => row * cols * 8));
        const at = u32.row.byteOffset;
        spread(at, at + 16, cols * 8, f64.d.byteOffset, f64.b.byteOffset, f64.a.byteOffset);
        const expected = [...c];
        for (const [r, row] of rows.entries())
          for (let m = 0; m < cols; m++) expected[row * cols + m]! += total[r]! * b[m]!;
        for (const [n, x] of expected.entries()) expect(f64.d[n]! / x).toBeCloseTo(1, 12);
      }),
    );
  });

  it('meet: s = Σ C b, then t += (p - q s) C', () => {
    fc.assert(
      fc.property(block, numbers(ROWS_AT_ONCE), ({ cols, c, b, used, total: p }, q) => {
        const { f64, u32, meet } = kernel({ c: c.length, b: cols, t: cols, p: 4, q: 4, s: 4 }, { row: 4 });
        f64.c.set(c);
        f64.b.set(b);
        f64.p.set(p);
        f64.q.set(q);
        u32.row.set(used.map((row) => row * cols * 8));
        const at = u32.row.byteOffset;
        const { c: C, b: B, t: T, p: P, q: Q, s: S } = f64;
        const [cAt, bAt, tAt, pAt, qAt, sAt] = [C, B, T, P, Q, S].map(({ byteOffset }) => byteOffset);
        meet(at, at + 16, cols * 8, cAt!, bAt!, tAt!, pAt!, qAt!, sAt!);

        const rowOf = (r: number) => c.slice(used[r]! * cols, (used[r]! + 1) * cols);
        const s = p.map((_, r) => rowOf(r).reduce((sum, x, m) => sum + x * b[m]!, 0));
        for (const [r, x] of s.entries()) expect(S[r]! / x).toBeCloseTo(1, 12);
        for (let m = 0; m < cols; m++) {
          const terms = s.map((x, r) => [p[r]! * rowOf(r)[m]!, q[r]! * x * rowOf(r)[m]!] as const);
          const expected = terms.reduce((sum, [plus, minus]) => sum + plus - minus, 0);
          const size = terms.reduce((sum, [plus, minus]) => sum + plus + minus, 0);
          expect(Math.abs(T[m]! - expected) / size).toBeLessThan(1e-12);
        }
      }),
    );
  });

  it('dot and axpy, over lengths that are padded', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }).chain((n) => fc.tuple(numbers(n), numbers(n))),
        ([x, y]) => {
          const length = paddedLength(x.length);
          const { f64, dot, axpy } = kernel({ x: length, y: length }, {});
          f64.x.set(x);
          f64.y.set(y);
          const from = f64.x.byteOffset;
          const sum = x.reduce((total, value, n) => total + value * y[n]!, 0);
          expect(dot(from, from + length * 8, f64.y.byteOffset) / sum).toBeCloseTo(1, 12);
          axpy(from, from + length * 8, f64.y.byteOffset, -3);
          for (const [n, value] of x.entries()) expect(f64.y[n]).toBeCloseTo(y[n]! - 3 * value, 9);
        },
      ),
    );
  });
});
