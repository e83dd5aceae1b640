import { describe, expect, it } from 'vitest';
import { decodeFlows, decodeLatest } from '../../lib/app/runArtifacts.ts';
import { flowForecast } from '../../lib/core/forecast/flowForecast.ts';
import { service } from './service.fixture.ts';

describe('the forecast on a card, through all steps of a run', () => {
  it('needs three years, and says so', async () => {
    const world = service();
    await world.drop('a', 2020, 1);
    await world.publish();
    const { score } = (await world.ask('/v1/scores/C0001/P0002/C0003')).json();
    expect(score.forecast).toBeNull();
    expect(score.forecastNote).toBe('A forecast is made from 3 years; the run has 1.');
  });

  it('is made from the latest value and the mean of every cell', async () => {
    const world = service();
    for (const year of [2019, 2020, 2021]) await world.drop(`y${year}`, year, year);
    const { run } = await world.publish();
    const bytes = (await world.artifacts.get(`runs/${run}/flows.bin`))!;
    const [flows, latestN] = [decodeFlows(bytes), decodeLatest(bytes)!];
    const { countries, products, exporterN, importerN, productN, valueN } = flows;
    for (let n = 0; n < valueN.length; n += 17) {
      const path = `${countries.codes[exporterN[n]!]}/${products.codes[productN[n]!]}/${countries.codes[importerN[n]!]}`;
      const { score } = (await world.ask(`/v1/scores/${path}`)).json();
      expect(score.forecast!.map(({ year }) => year)).toEqual([2022, 2023, 2024, 2025, 2026]);
      for (const [at, shown] of score.forecast!.entries()) {
        const exact = flowForecast(latestN[n]!, valueN[n]!, at + 1);
        // pages keep the latest value to seven digits
        for (const [found, expected] of [
          [shown.valueUsd, exact.value],
          [shown.lowUsd, exact.low],
          [shown.highUsd, exact.high],
        ])
          expect(Math.abs(found! - expected!)).toBeLessThanOrEqual(1e-6 * expected! + 1e-3);
      }
      expect(score.forecastNote).toContain('73 to 84 %');
    }
  });
});
