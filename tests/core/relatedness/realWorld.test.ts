import { beforeAll, describe, expect, it } from 'vitest';
import { presence } from '../../../lib/core/complexity/presence.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { uniform } from '../../../lib/core/random.ts';
import { exporterRelatedness } from '../../../lib/core/relatedness/exporterRelatedness.ts';
import { importerRelatedness } from '../../../lib/core/relatedness/importerRelatedness.ts';
import { nearAndSimilarNeighbours, nearNeighbours } from '../../../lib/core/relatedness/neighbours.ts';
import { productRelatedness, relatedProducts } from '../../../lib/core/relatedness/productRelatedness.ts';
import { relatednessOfCells } from '../../../lib/core/relatedness/relatednessOfCells.ts';
import { exporterSimilarity } from '../../../lib/core/relatedness/similarity.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { exportsMatrix } from '../../../lib/core/trade/tradeMatrix.ts';
import { isThere, REAL_WORLDS, realWorld } from '../gravity/realWorlds.fixture.ts';
import { distancesAreThere, realDistances } from './distances.fixture.ts';

const here = isThere('hs4') && distancesAreThere;
const why = here ? '' : ` (skipped: ${REAL_WORLDS.hs4.file} or CEPII's distances are not there)`;

describe.skipIf(!here)(`relatedness of the world at HS4${why}`, () => {
  let flows: Flows;
  beforeAll(async () => {
    flows = await realWorld('hs4');
  }, 60_000);

  it('of whole exporters is that of single cells, large and small', () => {
    const products = relatedProducts(proximity(presence(exportsMatrix(flows))));
    const near = nearNeighbours(realDistances(flows.countries));
    const nCountries = flows.countries.codes.length;
    const nProducts = flows.products.codes.length;
    for (const code of ['CHN', 'MEX', 'TON']) {
      const exporter = flows.countries.at.get(code)!;
      const draws = Array.from({ length: 500 }, (_, n) => n);
      const importerN = draws.map((n) => Math.floor(uniform(7, 2 * n) * nCountries));
      const productN = draws.map((n) => Math.floor(uniform(7, 2 * n + 1) * nProducts));
      const found = relatednessOfCells(
        flows,
        { products, importers: near, exporters: near },
        { exporterN: draws.map(() => exporter), importerN, productN },
      );
      const pairs = [
        [productRelatedness(flows, products)(exporter), found.productRelatedN],
        [importerRelatedness(flows, near)(exporter), found.importerRelatedN],
        [exporterRelatedness(flows, near)(exporter), found.exporterRelatedN],
      ] as const;
      for (const [level, cellN] of pairs) {
        expect(cellN.some((value) => value > 0)).toBe(true);
        for (const n of draws) {
          const value = level.data[importerN[n]! * nProducts + productN[n]!]!;
          expect(Math.abs(value - cellN[n]!)).toBeLessThanOrEqual(1e-12 * value);
        }
      }
    }
  });

  it('likeness and nearness together find the neighbours that anyone would name', () => {
    const { weightCC, aloneC } = nearAndSimilarNeighbours(
      exporterSimilarity(exportsMatrix(flows)),
      realDistances(flows.countries),
    );
    const { codes, at } = flows.countries;
    const closest = (code: string) => {
      const row = weightCC.data.subarray(at.get(code)! * codes.length, (at.get(code)! + 1) * codes.length);
      return codes[row.indexOf(Math.max(...row))];
    };
    expect(['AUT', 'SWE', 'GTM', 'ZMB'].map(closest)).toEqual(['SVK', 'FIN', 'SLV', 'ZWE']);
    // no distances in the source: a territory, or a state younger than it
    expect(codes.filter((_, c) => aloneC[c] === 1)).toContain('SSD');
  });
});
