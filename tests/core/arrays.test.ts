import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeArrays, encodeArrays, type TypedArray } from '../../lib/core/arrays.ts';

const anyArray: fc.Arbitrary<TypedArray> = fc.oneof(
  fc.float64Array({ noNaN: false }),
  fc.float32Array({ noNaN: false }),
  fc.uint32Array(),
  fc.uint16Array(),
  fc.uint8Array(),
);

describe('arrays in one buffer', () => {
  test('come back as they went in: names, order, types, every bit, and what describes them', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]\w{0,8}$/), anyArray, { noNullPrototype: true }),
        fc.jsonValue(),
        (arrays, meta) => {
          const decoded = decodeArrays(encodeArrays(meta, arrays));
          expect(Object.entries(decoded.arrays)).toEqual(Object.entries(arrays));
          expect(decoded.meta).toEqual(JSON.parse(JSON.stringify(meta)));
        },
      ),
    );
  });

  test('are views on the bytes given, not copies', () => {
    const bytes = encodeArrays(null, { valueN: Float64Array.of(1, 2) });
    const { arrays } = decodeArrays<null, 'valueN'>(bytes);
    expect(arrays.valueN.buffer).toBe(bytes.buffer);
  });

  test('are read from bytes that start anywhere', () => {
    const bytes = encodeArrays({ year: 2017 }, { productN: Uint16Array.of(1, 2, 3), valueN: Float64Array.of(0.5) });
    for (let shift = 0; shift < 8; shift++) {
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      const { arrays } = decodeArrays<unknown, 'productN' | 'valueN'>(moved.subarray(shift));
      expect([...arrays.productN, ...arrays.valueN]).toEqual([1, 2, 3, 0.5]);
    }
  });

  test('of a part of a larger buffer are that part', () => {
    const part = Float64Array.of(1, 2, 3, 4).subarray(1, 3);
    expect([...decodeArrays<null, 'part'>(encodeArrays(null, { part })).arrays.part]).toEqual([2, 3]);
  });

  test('lie on 8-byte boundaries after a header that says what they are', () => {
    const bytes = encodeArrays({ unit: 'USD' }, { flagN: Uint8Array.of(1), valueN: Float64Array.of(2) });
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('PTLN');
    expect(bytes[4]).toBe(1);
    const jsonLength = new DataView(bytes.buffer).getUint32(8, true);
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(16, 16 + jsonLength)))).toEqual({
      meta: { unit: 'USD' },
      arrays: [
        { name: 'flagN', type: 'u8', length: 1, offset: 0 },
        { name: 'valueN', type: 'f64', length: 1, offset: 8 },
      ],
    });
    expect(bytes.length % 8).toBe(0);
  });

  test('of a type that is not stored are refused', () => {
    const signed = new Int8Array(1) as unknown as Uint8Array;
    expect(() => encodeArrays(null, { signed })).toThrow('encodeArrays: [object Int8Array] is not one of');
  });
});

describe('bytes that are not such a buffer are refused', () => {
  const bytes = encodeArrays(null, { valueN: Float64Array.of(1, 2) });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['fewer bytes than a header', bytes.slice(0, 15)],
    ['another file', new TextEncoder().encode('t,i,j,k,v,q\n2022,4,8,010121,1.5,2\n')],
  ])('%s', (_, other) => {
    expect(() => decodeArrays(other)).toThrow(new RangeError('decodeArrays: not a Portolan artifact'));
  });

  test('a later version', () => {
    const later = bytes.slice();
    later[4] = 2;
    expect(() => decodeArrays(later)).toThrow(new RangeError('decodeArrays: version 2, expected 1'));
  });

  test('bytes that end too early', () => {
    expect(() => decodeArrays(bytes.slice(0, -8))).toThrow(
      new RangeError(`decodeArrays: valueN ends at byte ${bytes.length} of ${bytes.length - 8}`),
    );
  });
});
