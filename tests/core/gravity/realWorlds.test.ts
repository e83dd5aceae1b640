import { beforeAll, describe, expect, it } from 'vitest';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { type ThreeWayFit, threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { dispersion, noiseSd } from '../../../lib/core/scoring/dispersion.ts';
import { checkFlows, type Flows } from '../../../lib/core/trade/flows.ts';
import { isThere, REAL_WORLDS, realWorld } from './realWorlds.fixture.ts';

const here = isThere('hs4');

describe.skipIf(!here)(`the world at HS4${here ? '' : ` (skipped: ${REAL_WORLDS.hs4.file} is not there)`}`, () => {
  let flows: Flows;
  let fit: ThreeWayFit;
  beforeAll(async () => {
    flows = await realWorld('hs4');
    checkFlows(flows);
    fit = threeWayFit(flows);
  }, 60_000);

  it('is reproduced: a billionth of trade in each family, a millionth in every margin above 10,000 USD', () => {
    expect(fit.converged).toBe(true);
    for (const family of [fit.margins.exporterProduct, fit.margins.importerProduct, fit.margins.pair]) {
      expect(family.sumAbsErrorOverTotal).toBeLessThanOrEqual(1e-9);
      expect(family.worstRelativeAbove10kUsd).toBeLessThanOrEqual(1e-6);
    }
    // 225,000 margins, 12.5 million cells
    expect(fit.margins.supportCells).toBe(12_543_396);
    expect(fit.sweeps).toBeLessThan(80);
  });

  it('one cell is decided by its totals: ships for scrap from Palau to Turkey are all that the pair trades', () => {
    const names = fit.forced.map(({ exporter, importer, product, value }) => [
      flows.countries.codes[exporter],
      flows.countries.codes[importer],
      flows.products.codes[product],
      value,
    ]);
    expect(names).toEqual([['PLW', 'TUR', '8908', 1_314_513]]);
    expect(potentialOf(fit)(fit.forced[0]!)).toBe(1_314_513);
    expect(fit.zeros).toEqual([]);
  });

  it('no accepted sweep lowers the likelihood by more than rounding', () => {
    const world = flows.valueN.reduce((sum, value) => sum + value, 0);
    for (const { gain, rejected } of fit.progress)
      if (gain !== null && !rejected) expect(gain / world).toBeGreaterThan(-1e-14);
  });

  it('scatters the less the larger a cell is', () => {
    const noise = dispersion(flows, fit);
    const product = flows.products.at.get('0901')!;
    const sds = [1e4, 1e5, 1e6, 1e7, 1e8].map((mu) => noiseSd(noise, product, mu));
    for (const [n, sd] of sds.entries()) if (n > 0) expect(sd).toBeLessThan(sds[n - 1]!);
    expect(sds[0]).toBeGreaterThan(1.5);
    expect(sds[4]).toBeLessThan(1);
  });
});
