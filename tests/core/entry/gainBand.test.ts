import { describe, expect, it } from 'vitest';
import { gainBand, withinBand } from '../../../lib/core/entry/gainBand.ts';
import { normal, stream, uniform } from '../../../lib/core/random.ts';

/** Cells of exporters: expectations over three orders of magnitude, one in ten comes true with ten times what was expected, times `factor` of its exporter. */
function world(exporters: number, each: number, factor: (exporter: number) => number) {
  const luck = stream(4, 'gains');
  const cells = exporters * each;
  const exporterN = Uint16Array.from({ length: cells }, (_, n) => Math.floor(n / each));
  const expectedN = Float64Array.from({ length: cells }, (_, n) => 1e4 * 10 ** (3 * uniform(luck, n)));
  const gainedN = expectedN.map((expected, n) =>
    uniform(luck, cells + n) < 0.1 ? 10 * expected * factor(exporterN[n]!) : 0,
  );
  return { expectedN, gainedN, weightN: new Float64Array(cells).fill(1), exporterN };
}

describe('how far expected gains are to be trusted', () => {
  it('covers 1 where expectations are right, closely where there is much to judge by', () => {
    const { fromUsd, low, high } = gainBand(world(40, 1_000, () => 1));
    expect(fromUsd).toHaveLength(5);
    expect(fromUsd[0]).toBe(0);
    for (let g = 0; g < 5; g++) {
      expect(low[g]).toBeLessThan(1);
      expect(high[g]).toBeGreaterThan(1);
      expect(high[g]! - low[g]!).toBeLessThan(0.8);
      if (g > 0) expect(fromUsd[g]).toBeGreaterThan(fromUsd[g - 1]!);
    }
  });

  it('says so where expectations are twice what comes', () => {
    const { high } = gainBand(world(40, 1_000, () => 0.5));
    for (const each of high) expect(each).toBeLessThan(0.8);
  });

  it('is wide where exporters differ: they are drawn, not cells', () => {
    const draws = stream(5, 'exporters');
    const differing = gainBand(world(40, 1_000, (exporter) => Math.exp(1.2 * normal(draws, exporter) - 0.72)));
    const alike = gainBand(world(40, 1_000, () => 1));
    const width = ({ low, high }: typeof alike) => high.reduce((sum, each, g) => sum + each - low[g]!, 0);
    expect(width(differing)).toBeGreaterThan(1.5 * width(alike));
  });

  it('by hand: one exporter, one group', () => {
    const band = gainBand({
      expectedN: Float64Array.of(10, 30, 20),
      gainedN: Float64Array.of(0, 90, 0),
      weightN: Float64Array.of(3, 2, 1),
      exporterN: Uint16Array.of(7, 7, 7),
    });
    // 2 · 90 over 3 · 10 + 2 · 30 + 20, in every draw
    expect(band).toEqual({ fromUsd: [0], low: [180 / 110], high: [180 / 110] });
    expect(withinBand(band, 11)).toEqual([18, 18]);
  });

  it('knows nothing where nothing was gained', () => {
    const band = gainBand({ ...world(3, 10, () => 1), gainedN: new Float64Array(30) });
    expect(withinBand(band, 5)).toEqual([0, 5 * Number.MAX_VALUE]);
  });

  it('is read by the size of the expectation', () => {
    const band = { fromUsd: [0, 100, 1_000], low: [0.5, 0.6, 0.7], high: [1, 2, 3] };
    expect([99, 100, 5_000].map((usd) => withinBand(band, usd))).toEqual([
      [49.5, 99],
      [60, 200],
      [3_500, 15_000],
    ]);
  });
});
