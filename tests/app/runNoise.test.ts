import { describe, expect, it } from 'vitest';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { noisePages, readBeyondNoise } from '../../lib/app/layout/noisePages.ts';
import { readWorld } from '../../lib/app/layout/worldPages.ts';
import { loadScoring } from '../../lib/app/loadScoring.ts';
import { type NetOfNoise, noiseBaseline } from '../../lib/core/scoring/noiseBaseline.ts';
import { noisyWorld } from '../core/scoring/world.fixture.ts';
import { service } from './service.fixture.ts';

const flows = noisyWorld({ countries: 9, products: 8, scale: 1e7, seed: 4, noise: () => 0.8 });

async function published() {
  const portolan = service();
  await portolan.drop('world', 2020, 1, 4, flows);
  return { portolan, run: await portolan.publish() };
}

describe('the noise step', () => {
  it('writes beside a run what its exporters and products miss beyond noise, and the same when it is repeated', async () => {
    const { portolan, run } = await published();
    expect(await run.noise()).toMatchObject({ outcome: 'found', kappa: expect.any(Number) });
    const { inputs } = await loadScoring(portolan.artifacts, run.run);
    const { exporters, products } = noiseBaseline(inputs, { draws: 10, seed: 1 });
    const world = await readWorld(portolan.pages, run.run, run.slot);
    for (const [of, nets, codes] of [
      ['exporters', exporters, world.countries.codes],
      ['products', products, world.products.codes],
    ] as const) {
      expect(nets).toHaveLength(codes.length);
      for (const [at, { raw, expected, interval }] of nets.entries()) {
        const read = await readBeyondNoise(portolan.pages, run, of, at);
        expect([read!.raw, read!.expected, ...read!.interval]).toEqual([raw, expected, ...interval].map(Math.fround));
      }
    }
    await run.noise();
    expect((await readBeyondNoise(portolan.pages, run, 'exporters', 0))!.raw).toBe(Math.fround(exporters[0]!.raw));
  });

  it('writes nothing once another run has been published, before it or meanwhile', async () => {
    const { portolan, run } = await published();
    const pointers = [{ run: run.run, slot: run.slot, publishedAt: '', previous: null }, null];
    const seen = [() => null, () => pointers.shift() ?? null];
    for (const pointer of seen) {
      expect(await run.noise({ pointer: async () => pointer() })).toEqual({ run: run.run, outcome: 'overtaken' });
      expect(await readBeyondNoise(portolan.pages, run, 'exporters', 0)).toBeNull();
    }
  });
});

it('a page holds a thousand aggregates, and each is found again', async () => {
  const net = (at: number): NetOfNoise => ({ raw: 2 * at, expected: at, excess: at, interval: [at - 1, at + 1] });
  const products = Array.from({ length: 2_500 }, (_, at) => net(at));
  const pages = noisePages({ slot: 1, run: 'r' }, { kappa: 1, exporters: [net(7)], products });
  expect(pages.map(({ sort }) => sort)).toEqual([
    'beyondNoise#exporters#0000',
    ...[0, 1, 2].map((sequence) => `beyondNoise#products#000${sequence}`),
  ]);
  const store = memoryPageStore();
  await store.put(pages);
  const at = { slot: 1, run: 'r' };
  for (const position of [0, 999, 1_000, 2_499])
    expect(await readBeyondNoise(store, at, 'products', position)).toEqual(net(position));
  expect(await readBeyondNoise(store, at, 'exporters', 0)).toEqual(net(7));
  expect(await readBeyondNoise(store, { slot: 1, run: 'other' }, 'exporters', 0)).toBeNull();
});
