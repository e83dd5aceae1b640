import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { covariance } from '../../../lib/core/gravity/ppml/covariance.ts';
import { factor } from '../../../lib/core/gravity/ppml/factor.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { expectedOf, productGravity } from '../../../lib/core/gravity/product/productGravity.ts';
import { axis } from '../../../lib/core/labels.ts';
import { sortFlows } from '../../../lib/core/trade/flows.ts';
import { hsSection } from '../../../lib/core/trade/hsSections.ts';
import { pairColumns } from './pairColumns.fixture.ts';
import { isThere, realWorld } from './realWorlds.fixture.ts';

const there = isThere('hs4') && existsSync('../shared/data/covariates/dist_cepii.csv.gz');

describe.skipIf(!there)('product gravity of real trade (skipped without ../shared/data)', () => {
  it('arms and ammunition (HS section XIX): as PPML on all its cells written down', async () => {
    const world = await realWorld('hs4');
    const pairs = await pairColumns(world.countries.codes, 2017);
    const codes = world.products.codes.filter((code) => hsSection(code) === 19);
    const products = axis(codes);
    const rows = [...world.valueN.keys()].filter((n) => products.at.has(world.products.codes[world.productN[n]!]!));
    const flows = sortFlows(world.countries, products, {
      exporterN: rows.map((n) => world.exporterN[n]!),
      importerN: rows.map((n) => world.importerN[n]!),
      productN: rows.map((n) => products.at.get(world.products.codes[world.productN[n]!]!)!),
      valueN: rows.map((n) => world.valueN[n]!),
    });
    const fit = productGravity(flows, new Uint8Array(codes.length), pairs);
    const [group] = fit.groups;

    // every seller and buyer of each product, but for pairs of unknown distance
    const countries = world.countries.codes.length;
    const known = (pair: number) => pairs.every(({ valueIJ }) => Number.isFinite(valueIJ[pair]!));
    const cells: { k: number; i: number; j: number; y: number }[] = [];
    for (const k of codes.keys()) {
      const value = new Map<number, number>();
      flows.productN.forEach((product, n) => {
        const pair = flows.exporterN[n]! * countries + flows.importerN[n]!;
        if (product === k && known(pair)) value.set(pair, flows.valueN[n]!);
      });
      const sellers = new Set([...value.keys()].map((pair) => Math.floor(pair / countries)));
      const buyers = new Set([...value.keys()].map((pair) => pair % countries));
      for (const i of sellers)
        for (const j of buyers) {
          const pair = i * countries + j;
          if (i !== j && known(pair)) cells.push({ k, i, j, y: value.get(pair) ?? 0 });
        }
    }
    const pairN = cells.map(({ i, j }) => i * countries + j);
    const written = ppml({
      yN: Float64Array.from(cells, ({ y }) => y),
      columns: pairs.map(({ name, valueIJ }) => ({
        name,
        valueN: Float64Array.from(pairN, (pair) => valueIJ[pair]!),
      })),
      effects: [
        factor('exporter-product', cells.map(({ k, i }) => k * countries + i)), // biome-ignore format: one line each
        factor('importer-product', cells.map(({ k, j }) => k * countries + j)), // biome-ignore format: one line each
      ],
    });
    const { standardErrorK } = covariance(
      written.fitted!,
      { kind: 'cluster', by: [factor('pair', pairN)] },
      'leverage',
    );

    expect([group!.converged, written.converged]).toEqual([true, true]);
    expect(group!.observations).toBe(written.observations);
    expect(group!.coefficients.map(({ name }) => name)).toEqual(pairs.map(({ name }) => name));
    group!.coefficients.forEach(({ estimate, standardError }, k) => {
      expect(Math.abs(estimate - written.coefficients[k]!.estimate)).toBeLessThan(1e-8);
      expect(Math.abs(standardError / standardErrorK[k]! - 1)).toBeLessThan(1e-6);
    });
    const expected = expectedOf(fit);
    const total = cells.reduce((sum, { y }) => sum + y, 0);
    const off = cells.reduce(
      (sum, { k, i, j }, row) =>
        sum + Math.abs(expected({ exporter: i, importer: j, product: k }) - written.fittedN[row]!),
      0,
    );
    expect(off / total).toBeLessThan(1e-8);
  });
});
