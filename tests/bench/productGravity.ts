/**
 * Fits product gravity of a whole year at HS4, coefficients by HS section, on one thread.
 *
 *     node tests/bench/productGravity.ts
 *
 * Reads ../shared/data (flows of 2017; distance, borders, language, colonies; agreements in force) and prints one JSON line for each
 * section and one for the whole. Reading does not count.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { productGravity } from '../../lib/core/gravity/product/productGravity.ts';
import { HS_SECTIONS, hsSection } from '../../lib/core/trade/hsSections.ts';
import { pairColumns } from '../core/gravity/pairColumns.fixture.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
if (!isThere('hs4') || !existsSync('../shared/data/covariates')) {
  console.error('../shared/data is not there');
  process.exit(1);
}
const flows = await realWorld('hs4');
const pairs = await pairColumns(flows.countries.codes, 2017);
const groupP = flows.products.codes.map((code) => hsSection(code) - 1);

for (const shrinkTowardsPooled of [false, true]) {
  const from = performance.now();
  const { groups, shrunk, zeros } = productGravity(flows, groupP, pairs, { shrinkTowardsPooled });
  const seconds = Number(((performance.now() - from) / 1000).toFixed(2));
  if (!shrinkTowardsPooled)
    for (const [
      g,
      { coefficients, iterations, passes, converged, firstOrder, observations, unknown },
    ] of groups.entries())
      console.log(
        JSON.stringify({
          section: g + 1,
          observations,
          converged,
          iterations,
          passes: Math.round(passes),
          firstOrder,
          unknown,
          coefficients: coefficients.map(({ name, estimate, standardError }) => [
            name,
            Number(estimate.toFixed(4)),
            Number(standardError.toFixed(4)),
          ]),
        }),
      );
  console.log(
    JSON.stringify({
      name: shrinkTowardsPooled ? 'fitted, shrunk, effects fitted anew' : 'fitted',
      seconds,
      converged: groups.filter(({ converged }) => converged).length,
      sections: HS_SECTIONS,
      cells: groups.reduce((sum, { observations }) => sum + observations, 0),
      zeros: zeros.length,
      pooled: [...shrunk].map(([name, { pooled, pooledError, tau2 }]) => [name, pooled, pooledError, tau2]),
    }),
  );
}
