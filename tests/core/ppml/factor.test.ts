import { describe, expect, it } from 'vitest';
import { factor, interaction, isNested, restrict, unordered } from '../../../lib/core/gravity/ppml/factor.ts';

const exporter = factor('exporter', ['MEX', 'USA', 'MEX', 'CAN', 'NA']);
const importer = factor('importer', ['USA', 'MEX', 'CAN', 'MEX', 'USA']);

describe('factor', () => {
  it('gives dense ids in the order of first appearance and keeps any text as a label', () => {
    expect([...exporter.codeN]).toEqual([0, 1, 0, 2, 3]);
    expect(exporter.levels).toEqual(['MEX', 'USA', 'CAN', 'NA']);
    expect(factor('year', [2001, 1999, 2001]).levels).toEqual(['2001', '1999']);
  });

  it('interacts: every combination that occurs is a level', () => {
    const pair = interaction('pair', exporter, importer);
    expect(pair.levels).toEqual(['MEX·USA', 'USA·MEX', 'MEX·CAN', 'CAN·MEX', 'NA·USA']);
    expect([...interaction('again', pair, pair).codeN]).toEqual([...pair.codeN]);
  });

  it('takes two labels as the same pair whichever comes first', () => {
    expect([...unordered('pair', exporter, importer).codeN]).toEqual([0, 0, 1, 1, 2]);
  });

  it('refuses two factors of different lengths, naming both', () => {
    expect(() => interaction('pair', exporter, factor('year', [1]))).toThrow(/exporter has 5 rows, year has 1/);
  });

  it('restricts to rows in any order, without the levels that lost all of theirs', () => {
    const two = restrict(exporter, Uint32Array.of(3, 0));
    expect([...two.codeN]).toEqual([0, 1]);
    expect(two.levels).toEqual(['CAN', 'MEX']);
  });

  it('knows nesting: a pair lies inside an exporter, an exporter not inside a pair', () => {
    const pair = interaction('pair', exporter, importer);
    expect(isNested(pair, exporter)).toBe(true);
    expect(isNested(exporter, pair)).toBe(false);
  });
});
