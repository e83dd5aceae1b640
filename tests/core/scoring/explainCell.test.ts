import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreement, agreementByte } from '../../../lib/core/scoring/confidence.ts';
import { explainCell } from '../../../lib/core/scoring/explainCell.ts';
import { exporterScores } from '../../../lib/core/scoring/exporterScores.ts';
import { BASES } from '../../../lib/core/scoring/scoredCells.ts';
import type { ScoringInputs } from '../../../lib/core/scoring/scoringInputs.ts';
import { anyTrade, blendedInputs, foresightOf, inputsOf, tradeAmong } from './world.fixture.ts';

describe('explainCell', () => {
  /** @returns the agreements of models that were met */
  function expectAgreement(inputs: ScoringInputs) {
    const agreements = new Set<number>();
    const scoresOf = exporterScores(inputs, foresightOf(inputs));
    for (let exporter = 0; exporter < inputs.flows.countries.codes.length; exporter++) {
      const cells = scoresOf(exporter, { floorUsd: 1 });
      for (let n = 0; n < cells.scoreN.length; n++) {
        const cell = { exporter, importer: cells.importerN[n]!, product: cells.productN[n]! };
        const found = explainCell(inputs, cell);
        expect(found.basis).toBe(BASES[cells.basisN[n]!]);
        expect(found.actual).toBe(cells.actualN[n]);
        const { threeWay, gravity } = found.models;
        // a byte may round the other way where the two differ in their last digit
        expect(Math.abs(cells.agreementN[n]! - agreementByte(agreement(threeWay, gravity)))).toBeLessThanOrEqual(1);
        agreements.add(cells.agreementN[n]!);
        if (found.drivers === null) {
          expect(cells.potentialN[n]).toBeNaN();
          continue;
        }
        expect(cells.potentialN[n]! / found.potential).toBeCloseTo(1, 12);
        expect(Math.abs(cells.shrunkN[n]! - found.unrealisedShrunk)).toBeLessThanOrEqual(1e-9 * found.potential);
        expect(found.size / cells.sizeN[n]!).toBeCloseTo(1, 12);
        const { logSize, logEase, logMarginAdjustment } = found.drivers;
        expect(logSize + logEase + logMarginAdjustment).toBeCloseTo(Math.log(found.potential), 9);
      }
    }
    return agreements;
  }

  it('says of an opportunity what the scores say', () => {
    fc.assert(
      fc.property(anyTrade, (flows) => void expectAgreement(inputsOf(flows))),
      { numRuns: 50 },
    );
  });

  it('says it of a blend too, of which models agree here and less there', () => {
    const agreements = expectAgreement(blendedInputs());
    expect(agreements.size).toBeGreaterThan(10);
    expect(agreements).toContain(0);
  });

  it('realised and unrealised add up to the potential, or the actual value exceeds it', () => {
    const inputs = inputsOf(tradeAmong(4, 3, (e, m, p) => 1000 * (1 + ((e * 5 + m * 3 + p * 7) % 11))));
    for (let importer = 1; importer < 4; importer++) {
      const { actual, potential, realised, unrealisedRaw } = explainCell(inputs, { exporter: 0, importer, product: 2 });
      expect(realised + unrealisedRaw).toBeCloseTo(potential, 6);
      expect(actual >= potential).toBe(unrealisedRaw === 0);
    }
  });

  describe('gives the reason where there is no estimate', () => {
    // C0–C3 trade P0 and P1 all round, except: C0 sells no P1; C1 buys no P0; C2 sells C3 nothing. Nobody trades P2 but C3 to C0.
    const flows = tradeAmong(5, 3, (e, m, p) => {
      if (e === 4 || m === 4) return 0;
      if (p === 2) return e === 3 && m === 0 ? 500 : 0;
      if ((e === 0 && p === 1) || (m === 1 && p === 0) || (e === 2 && m === 3)) return 0;
      return 100 * (1 + e + m + p);
    });
    const inputs = inputsOf(flows);
    const reason = (exporter: number, importer: number, product: number) =>
      explainCell(inputs, { exporter, importer, product }).reason;

    it.each([
      ['an estimate needs none', 0, 2, 0, null],
      ['one country on both sides', 0, 0, 0, 'sameCountry'],
      ['an importer that buys none of it', 0, 1, 0, 'importerDoesNotImport'],
      ['a pair that never traded', 2, 3, 0, 'pairNeverTraded'],
      ['a country that trades nothing', 4, 0, 0, 'pairNeverTraded'],
      ['an exporter that sells none of it', 0, 2, 1, 'exporterDoesNotExport'],
    ])('%s', (_, exporter, importer, product, expected) => {
      expect(reason(exporter, importer, product)).toBe(expected);
    });

    it('a potential of nothing, not of something unknown', () => {
      const found = explainCell(inputs, { exporter: 2, importer: 3, product: 0 });
      expect(found).toMatchObject({ basis: 'newPair', potential: 0, unrealisedRaw: 0, index: 0, drivers: null });
    });

    it('a new product: no potential', () => {
      const found = explainCell(inputs, { exporter: 0, importer: 2, product: 1 });
      expect(found.basis).toBe('newProduct');
      expect(found.potential).toBeNaN();
      expect(found.drivers).toBeNull();
    });

    it('what the totals decide: the potential is what is sold, or nothing', () => {
      // C0 sells P0 to C2 alone, where nobody else of its partners buys it, and nothing else to C2
      const trade = new Map([
        ['0,2,0', 7],
        ['0,3,1', 5],
        ['1,2,1', 3],
        ['1,3,1', 2],
      ]);
      const decided = inputsOf(tradeAmong(4, 2, (e, m, p) => trade.get(`${e},${m},${p}`) ?? 0));
      expect(explainCell(decided, { exporter: 0, importer: 2, product: 0 })).toMatchObject({
        reason: 'forced',
        actual: 7,
        potential: 7,
        unrealisedRaw: 0,
      });
      expect(explainCell(decided, { exporter: 0, importer: 2, product: 1 })).toMatchObject({
        reason: 'forced',
        actual: 0,
        potential: 0,
      });
    });
  });
});
