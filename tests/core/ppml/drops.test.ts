import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropByEffects, ROW } from '../../../lib/core/gravity/ppml/drops.ts';
import { type Factor, factor } from '../../../lib/core/gravity/ppml/factor.ts';

/** The definition: look at all levels of what is left, drop, and look again. */
function dropSlowly(yN: Float64Array, effects: readonly Factor[]): boolean[] {
  const used = [...yN].map(() => true);
  for (let dropped = true; dropped; ) {
    dropped = false;
    for (const { codeN, levels } of effects)
      for (let level = 0; level < levels.length; level++) {
        const rows = [...codeN.keys()].filter((row) => used[row] && codeN[row] === level);
        if (rows.length === 1 || (rows.length > 0 && rows.every((row) => yN[row] === 0))) {
          for (const row of rows) used[row] = false;
          dropped = true;
        }
      }
  }
  return used;
}

describe('rows that effects alone decide', () => {
  it('are dropped until nothing more can be: zeros of C leave D a singleton, which leaves the importer w only zeros', () => {
    //        A·x  A·y  B·x  B·y  C·x  C·w  D·w  E·w  E·y  A·w
    const yN = Float64Array.of(1, 2, 3, 1, 0, 0, 5, 0, 1, 0);
    const exporter = factor('exporter', [...'AABBCCDEEA']);
    const importer = factor('importer', [...'xyxyxwwwyw']);
    const status = new Uint8Array(10);
    const drops = dropByEffects(yN, [exporter, importer], status);
    const { used, singleton, separatedByEffect } = ROW;
    // C has no trade; D has one row; without it nobody sells to w; without w, E has one row
    const [C, D, w, E] = [separatedByEffect, singleton, separatedByEffect, singleton];
    expect([...status]).toEqual([used, used, used, used, C, C, D, w, E, w]);
    expect(drops.map(({ effect, level }) => [exporter, importer][effect]!.levels[level]).sort()).toEqual([
      'C',
      'D',
      'E',
      'w',
    ]);
  });

  it('are the same rows as by the definition, whatever the order', () => {
    const rows = fc.array(fc.tuple(fc.nat(3), fc.nat(6), fc.nat(5), fc.nat(8)), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rows, (table) => {
        const yN = Float64Array.from(table, ([y]) => Math.max(0, y - 1));
        const effects = [1, 2, 3].map((at) =>
          factor(
            `effect ${at}`,
            table.map((row) => row[at]!),
          ),
        );
        const status = new Uint8Array(yN.length);
        dropByEffects(yN, effects, status);
        expect([...status].map((reason) => reason === ROW.used)).toEqual(dropSlowly(yN, effects));
      }),
    );
  });

  it('keeps singletons when asked, and zeros where they mean nothing', () => {
    const effects = [factor('exporter', ['A', 'B', 'B'])];
    const kept = new Uint8Array(3);
    dropByEffects(Float64Array.of(1, 0, 2), effects, kept, { dropSingletons: false });
    expect([...kept]).toEqual([0, 0, 0]);
    const zeros = new Uint8Array(3);
    dropByEffects(Float64Array.of(1, 0, 0), effects, zeros, { zeros: false });
    expect([...zeros]).toEqual([ROW.singleton, ROW.used, ROW.used]);
  });
});
