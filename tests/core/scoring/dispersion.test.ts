import { describe, expect, it } from 'vitest';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { dispersion, noiseSd } from '../../../lib/core/scoring/dispersion.ts';
import { supportCells } from '../../../lib/core/scoring/supportCells.ts';
import { unrealisedRaw, unrealisedShrunk } from '../../../lib/core/scoring/unrealised.ts';
import { exporterStarts, type Flows } from '../../../lib/core/trade/flows.ts';
import { noisyWorld, tradeAmong } from './world.fixture.ts';

const size = { countries: 24, products: 40, scale: 1e6, seed: 7 };

/** Shares of the potential that are unrealised, raw and shrunk, in a fitted world. */
function unrealisedShares(flows: Flows) {
  const fit = threeWayFit(flows);
  const noise = dispersion(flows, fit);
  const startE = exporterStarts(flows);
  const sums = { potential: 0, raw: 0, shrunk: 0 };
  for (let e = 0; e < flows.countries.codes.length; e++) {
    supportCells(flows, startE, fit, e, 1, (_, p, mu, actual) => {
      sums.potential += mu;
      sums.raw += unrealisedRaw(mu, actual);
      sums.shrunk += unrealisedShrunk(mu, actual, noiseSd(noise, p, mu));
    });
  }
  return { raw: sums.raw / sums.potential, shrunk: sums.shrunk / sums.potential };
}

describe('dispersion', () => {
  it.each([0.3, 0.5, 1])('recovers lognormal noise of standard deviation %f at the size of a typical cell', (sd) => {
    const flows = noisyWorld({ ...size, countries: 36, noise: () => sd });
    const noise = dispersion(flows, threeWayFit(flows));
    const found = Array.from({ length: size.products }, (_, p) => noiseSd(noise, p, 3e6));
    const mean = found.reduce((sum, each) => sum + each, 0) / found.length;
    expect(Math.abs(mean / sd - 1)).toBeLessThan(0.15);
  });

  it('tells a noisy product from a quiet one', () => {
    const flows = noisyWorld({ ...size, noise: (product) => (product % 2 === 0 ? 0.3 : 0.9) });
    const { ratioP } = dispersion(flows, threeWayFit(flows));
    const even = ratioP.filter((_, p) => p % 2 === 0);
    const odd = ratioP.filter((_, p) => p % 2 === 1);
    expect(Math.max(...even)).toBeLessThan(Math.min(...odd));
  });

  it('does not believe that products differ where the same noise has a heavy tail', () => {
    const flows = noisyWorld({ ...size, noise: () => 1.5 });
    const ratios = dispersion(flows, threeWayFit(flows)).ratioP.map(Math.log);
    // taken at their word they do, by .37; halves of their cells agree too little for that
    expect(Math.hypot(...ratios) / Math.sqrt(ratios.length)).toBeLessThan(0.28);
  });

  it('is nothing where the fit is exact: shrinking then takes nothing away', () => {
    const flows = noisyWorld({ ...size, noise: () => 0 });
    const noise = dispersion(flows, threeWayFit(flows));
    expect(Math.max(...noise.cv2Q)).toBeLessThan(1e-9);
    expect(noiseSd(noise, 0, 1e6)).toBeLessThan(1e-4);
  });

  it('leaves under one percent unrealised where there is nothing but noise', () => {
    const { raw, shrunk } = unrealisedShares(noisyWorld({ ...size, noise: () => 0.5 }));
    expect(raw).toBeGreaterThan(0.1);
    expect(shrunk).toBeLessThan(0.01);
  });

  it('still sees what noise does not explain', () => {
    // in a quiet world of a hundred million a cell, one pair trades half of its products only
    const flows = tradeAmong(20, 30, (e, m, p) =>
      e === 3 && m === 5 && p % 2 === 0 ? 0 : 1e8 * (1 + ((e * 7 + m * 5 + p * 3) % 4)),
    );
    const fit = threeWayFit(flows);
    const noise = dispersion(flows, fit);
    let shrunk = 0;
    supportCells(flows, exporterStarts(flows), fit, 3, 1, (m, p, mu, actual) => {
      if (m === 5 && actual === 0) shrunk += unrealisedShrunk(mu, actual, noiseSd(noise, p, mu));
    });
    expect(shrunk).toBeGreaterThan(1e8);
  });

  it('survives JSON, and a world without any cell large enough', () => {
    const flows = tradeAmong(3, 2, (e, m, p) => 10 + e + m + p);
    const noise = dispersion(flows, threeWayFit(flows));
    expect(JSON.parse(JSON.stringify(noise))).toEqual(noise);
    expect(noiseSd(noise, 1, 12)).toBe(0);
  });
});
