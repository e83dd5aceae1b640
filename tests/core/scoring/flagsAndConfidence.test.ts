import { describe, expect, it } from 'vitest';
import { agreement, agreementByte, agreementOf, confidence } from '../../../lib/core/scoring/confidence.ts';
import { exporterScores } from '../../../lib/core/scoring/exporterScores.ts';
import { type Flag, flagBits, flagsIn, isLumpy, isPassedOn } from '../../../lib/core/scoring/flags.ts';
import { foresightOf, inputsOf, tradeAmong } from './world.fixture.ts';

describe('flags', () => {
  it.each([
    ['2709', true],
    ['271019', true],
    ['2701', false],
    ['7108', true],
    ['7117', true],
    ['7101', false],
    ['8802', true],
    ['890190', true],
    ['9703', true],
    ['9999', true],
    ['0901', false],
    ['8703', false],
  ])('%s is lumpy: %s', (code, expected) => expect(isLumpy(code)).toBe(expected));

  it('say what an importer passes on from half of what it buys', () => {
    expect([isPassedOn(49, 100), isPassedOn(50, 100), isPassedOn(0, 0)]).toEqual([false, true, false]);
    expect([0, 1, 2, 3].map(flagsIn)).toEqual([[], ['lumpy'], ['passedOn'], ['lumpy', 'passedOn']]);
    expect([[], ['lumpy'], ['oneYear', 'lumpy']].map((flags) => flagBits(flags as Flag[]))).toEqual([0, 1, 5]);
  });

  it('are those of the importer and the product in every cell', () => {
    // C1 sells P0 on to everybody, the others sell little of it
    const flows = tradeAmong(5, 2, (e, m, p) =>
      p === 1 ? 1e6 * (1 + ((e + m) % 3)) : e === 1 ? 5e6 : m === 1 ? 2e5 : 1e5,
    );
    const inputs = inputsOf(flows);
    const cells = exporterScores(inputs, foresightOf(inputs))(0, { floorUsd: 1 });
    const { exporterProduct, importerProduct } = inputs.totals;
    expect(cells.flagN.length).toBeGreaterThan(0);
    for (const [n, bits] of cells.flagN.entries()) {
      const at = cells.importerN[n]! * 2 + cells.productN[n]!;
      expect(flagsIn(bits).includes('passedOn')).toBe(exporterProduct.data[at]! >= 0.5 * importerProduct.data[at]!);
    }
  });
});

describe('a trade of one year', () => {
  const flows = tradeAmong(5, 3, (e, m, p) => (p === 2 && e === 0 && m === 4 ? 0 : 1e6 * (1 + ((e + 2 * m + p) % 4))));
  const [nCountries, nProducts] = [5, 3];
  const none = () => ({
    exporterProduct: new Uint8Array(nCountries * nProducts),
    importerProduct: new Uint8Array(nCountries * nProducts),
    flowN: new Uint8Array(flows.valueN.length),
  });
  /** The cells of C0 that are flagged. */
  const flagged = (marks: ReturnType<typeof none> | null) => {
    const inputs = { ...inputsOf(flows), oneYear: marks };
    const cells = exporterScores(inputs, foresightOf(inputs))(0, { floorUsd: 1 });
    expect(cells.flagN.length).toBeGreaterThan(3);
    return [...cells.flagN.keys()]
      .filter((n) => flagsIn(cells.flagN[n]!).includes('oneYear'))
      .map((n) => `${cells.importerN[n]} ${cells.productN[n]}`);
  };
  const cellsOf0 = () => {
    const inputs = inputsOf(flows);
    const cells = exporterScores(inputs, foresightOf(inputs))(0, { floorUsd: 1 });
    return [...cells.flagN.keys()].map((n) => ({
      m: cells.importerN[n]!,
      p: cells.productN[n]!,
      v: cells.actualN[n]!,
    }));
  };

  it('flags what the exporter sells, what the importer buys, or the flow itself', () => {
    expect(flagged(null)).toEqual([]);
    expect(flagged(none())).toEqual([]);
    const { m, p } = cellsOf0().find(({ v }) => v > 0)!;
    const sells = none();
    sells.exporterProduct[p] = 1;
    expect(flagged(sells).sort()).toEqual(
      cellsOf0()
        .filter((cell) => cell.p === p)
        .map((cell) => `${cell.m} ${cell.p}`)
        .sort(),
    );
    const buys = none();
    buys.importerProduct[m * nProducts + p] = 1;
    expect(flagged(buys)).toEqual([`${m} ${p}`]);
    const flow = none();
    flow.flowN[
      flows.valueN.findIndex((_, n) => flows.exporterN[n] === 0 && flows.importerN[n] === m && flows.productN[n] === p)
    ] = 1;
    expect(flagged(flow)).toEqual([`${m} ${p}`]);
  });
});

describe('confidence', () => {
  it('is the geometric mean of what is known, an unknown mirror counting as 0.7', () => {
    const found = confidence({ mirror: null, support: 0.5, agreement: null, estimate: 1, recency: 0.9 });
    expect(found.value).toBeCloseTo((0.7 * 0.5 * 1 * 0.9) ** (1 / 4), 12);
    expect(found).toMatchObject({ grade: 'B', missing: ['mirror', 'agreement'] });
  });

  it('keeps an agreement in a byte, to a 500th', () => {
    expect([null, 0, 1].map(agreementByte)).toEqual([0, 1, 255]);
    expect([0, 1, 255].map(agreementOf)).toEqual([null, 0, 1]);
    for (let known = 0; known <= 1; known += 0.0037)
      expect(Math.abs(agreementOf(agreementByte(known))! - known)).toBeLessThanOrEqual(0.5 / 254 + 1e-12);
  });

  it('is nothing where nothing is estimated', () => {
    expect(confidence({ mirror: 1, support: 1, agreement: 1, estimate: 0, recency: 1 })).toMatchObject({
      value: 0,
      grade: 'D',
    });
    expect(confidence({ mirror: 1, support: 1, agreement: 1, estimate: 1, recency: 1 })).toMatchObject({
      value: 1,
      grade: 'A',
    });
  });

  it('two models that differ by a factor of four agree by 1 / e', () => {
    expect(agreement(4, 1)).toBeCloseTo(Math.exp(-1), 12);
    expect(agreement(1, 4)).toBeCloseTo(Math.exp(-1), 12);
    expect(agreement(0, 4)).toBeNull();
  });
});
