import { describe, expect, it } from 'vitest';
import { assemble } from '../../../lib/core/wasm/assemble.ts';

declare const WebAssembly: {
  Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { readonly exports: { f: (...numbers: number[]) => number } };
};

/** Runs one function of a module. */
function run(text: string, ...numbers: number[]): number {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(assemble(`(module (func (export "f") ${text}))`));
  return new WebAssembly.Instance(module, { env: { memory } }).exports.f(...numbers);
}

describe('assemble', () => {
  it('encodes constants of any size and sign', () => {
    for (const constant of [0, 63, 64, -64, -65, 127, 128, 8191, 8192, -8193, 2 ** 31 - 1, -(2 ** 31)])
      expect(run(`(result i32) (i32.const ${constant})`)).toBe(constant);
  });

  it('turns folded operands into stack order', () => {
    expect(run('(param $x $y f64) (result f64) (f64.div (local.get $x) (local.get $y))', 7, 2)).toBe(3.5);
  });

  it('finds labels by name, the innermost first', () => {
    // adds n to itself n times, leaving two nested labels by name
    const text = `(param $n i32) (result i32) (local $i $sum i32)
      (block $done (loop $next
        (br_if $done (i32.ge_u (local.get $i) (local.get $n))) ;; a comment
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
      (local.get $sum)`;
    expect(run(text, 12)).toBe(144);
  });

  it('reads bits, compares numbers of single precision and looks at lanes', () => {
    expect(run('(param $x f32) (result i32) (f32.lt (local.get $x) (local.get $x))', 1)).toBe(0);
    expect(run('(result i32) (i32.shr_u (i32.shl (i32.const -1) (i32.const 4)) (i32.const 28))')).toBe(15);
    expect(run('(result i32) (i32.load8_u (i32.const 0))')).toBe(0);
    const lanes = (value: number) =>
      run(
        '(param $x f64) (result i32) (v128.any_true (v128.or (f64x2.splat (local.get $x)) (f64x2.splat (local.get $x))))',
        value,
      );
    expect([lanes(0), lanes(5e-324)]).toEqual([0, 1]);
    const sum = '(f32x4.mul (f32x4.add (v128.load (i32.const 0)) (v128.load (i32.const 0))) (v128.load (i32.const 0)))';
    expect(run(`(result i32) (v128.any_true ${sum})`)).toBe(0);
  });

  it('names the word that it does not know', () => {
    expect(() => run('(result f64) (f64.sqrt (f64.const 2))')).toThrow('f64.sqrt is not in the subset');
    expect(() => run('(result i32) (local.get $x)')).toThrow('$x is not declared');
    expect(() => assemble('(module (func (export "f") ')).toThrow('ends inside a parenthesis');
  });
});
