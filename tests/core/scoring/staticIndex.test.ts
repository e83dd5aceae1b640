import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exposure, sizeAlone, staticIndex } from '../../../lib/core/scoring/staticIndex.ts';
import { totals } from '../../../lib/core/trade/totals.ts';
import { anyTrade, tradeAmong } from './world.fixture.ts';

describe('static index', () => {
  // C0 sells P0 (6 to C1, 2 to C2) and P1 (4 to C1); C1 sells P0 (8 to C2); C2 sells P1 (4 to C1)
  const trade = new Map([
    ['0,1,0', 6],
    ['0,2,0', 2],
    ['0,1,1', 4],
    ['1,2,0', 8],
    ['2,1,1', 4],
  ]); // v_k: 16 and 8
  const sums = totals(tradeAmong(3, 2, (e, m, p) => trade.get(`${e},${m},${p}`) ?? 0));

  it('exposure: what the importer buys, at world market shares', () => {
    // C0 has half of P0 and half of P1: C1 buys 6 and 8, C2 buys 10 and 0
    expect([...exposure(sums, 0)]).toEqual([0, 7, 5]);
    // C1 has half of P0 only; C0 buys nothing
    expect([...exposure(sums, 1)]).toEqual([0, 0, 5]);
  });

  it('size and index of one cell', () => {
    // C0 sells 8 of the 16 of P0, C2 buys 10; the pair trades 2 instead of the 5 that sizes give
    expect(sizeAlone(8, 10, 16)).toBe(5);
    expect(staticIndex(5, 2, 5)).toBe(2);
  });

  it('shares out exactly what the pair trades', () => {
    fc.assert(
      fc.property(anyTrade, (flows) => {
        const { exporterProduct, importerProduct, pair, productP } = totals(flows);
        const [nCountries, nProducts] = [pair.rows, productP.length];
        for (let e = 0; e < nCountries; e++) {
          const exposureM = exposure(totals(flows), e);
          for (let m = 0; m < nCountries; m++) {
            const traded = pair.data[e * nCountries + m]!;
            if (traded === 0) continue;
            let sum = 0;
            for (let p = 0; p < nProducts; p++) {
              const supply = exporterProduct.data[e * nProducts + p]!;
              if (supply > 0)
                sum += staticIndex(
                  sizeAlone(supply, importerProduct.data[m * nProducts + p]!, productP[p]!),
                  traded,
                  exposureM[m]!,
                );
            }
            expect(sum / traded).toBeCloseTo(1, 12);
          }
        }
      }),
    );
  });
});
