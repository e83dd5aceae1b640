import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HYSTERESIS, moveMark } from '../../../lib/core/alerts/hysteresis.ts';

describe('the mark of a cell', () => {
  it('a score that trembles around 95 enters once and leaves below 90', () => {
    //  score   93   96   94   96   91   89   95
    //  mark    93   96   96   96   96   94   95
    //  ≥ 95    no  yes  yes  yes  yes   no  yes
    let mark = 0;
    const marks = [93, 96, 94, 96, 91, 89, 95].map((score) => (mark = moveMark(mark, score)));
    expect(marks).toEqual([93, 96, 96, 96, 96, 94, 95]);
  });

  it('is, for every threshold, the switch that goes on at the threshold and off five points below', () => {
    const scores = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(scores, fc.double({ min: HYSTERESIS + 0.01, max: 100, noNaN: true }), (path, threshold) => {
        let mark = 0;
        let on = false;
        for (const score of path) {
          mark = moveMark(mark, score);
          // the definition, written out
          if (score >= threshold) on = true;
          else if (score + HYSTERESIS < threshold) on = false;
          expect(mark >= threshold).toBe(on);
        }
      }),
    );
  });
});
