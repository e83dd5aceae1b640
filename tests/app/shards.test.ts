import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planShards } from '../../lib/app/shards.ts';

describe('planShards', () => {
  it('puts every country in exactly one shard of each axis, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 250 }), fc.array(fc.nat(249), { maxLength: 300 }), (countries, drawn) => {
        const countryN = Uint16Array.from(drawn, (each) => each % countries);
        const shards = planShards(countries, countryN, countryN);
        for (const axis of ['exporter', 'importer'] as const) {
          const own = shards.filter((shard) => shard.axis === axis);
          expect(own[0]?.from).toBe(0);
          expect(own.at(-1)?.to).toBe(countries);
          for (let at = 1; at < own.length; at++) expect(own[at]?.from).toBe(own[at - 1]?.to);
          expect(own.every((shard) => shard.to > shard.from)).toBe(true);
        }
        expect(shards.filter((shard) => shard.axis === 'world')).toHaveLength(1);
      }),
    );
  });

  it('balances by cells and grows with them: a world of 2.5 M flows gets 8 exporter shards', () => {
    const exporterN = Uint16Array.from({ length: 2_500_000 }, (_, n) => Math.floor((n / 2_500_000) ** 2 * 226));
    const own = planShards(226, exporterN, exporterN).filter((shard) => shard.axis === 'exporter');
    expect(own.length).toBe(8);
    const cells = own.map(({ from, to }) => exporterN.filter((exporter) => exporter >= from && exporter < to).length);
    expect(Math.max(...cells)).toBeLessThan(2 * Math.min(...cells));
  });
});
