import { expect, test } from 'vitest';
import { matrix } from '../../lib/core/matrix.ts';

test('a matrix is its buffer, row after row, and copies nothing', () => {
  const data = Float64Array.of(1, 2, 3, 4, 5, 6);
  const m = matrix(2, 3, data);
  expect(m).toEqual({ rows: 2, cols: 3, data });
  expect(m.data).toBe(data);
});

test('a matrix without a buffer is zeros', () => {
  expect([...matrix(2, 2).data]).toEqual([0, 0, 0, 0]);
});

test('a buffer of another size is refused, with both sizes', () => {
  expect(() => matrix(2, 3, new Float64Array(5))).toThrow(
    new RangeError('matrix: data has 5 elements, expected 2×3 = 6'),
  );
});
