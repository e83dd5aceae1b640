/**
 * What the noise step of a run costs: a real world with its covariates, in one process; and what comes of it.
 *
 *     node tests/bench/noise.ts [hs4|hs6] [draws]
 *
 * Prints one JSON line: seconds to draw a world and fit it again, peak megabytes, κ, how many exporters and products miss more and less than noise explains, and
 * a few exporters in billions of USD.
 */
import { inMemoryRun } from '../../functions/cli/inMemoryRun.ts';
import { terminal } from '../../functions/cli/terminal.ts';
import { loadScoring } from '../../lib/app/loadScoring.ts';
import { runComplexity } from '../../lib/app/runComplexity.ts';
import { runGravity } from '../../lib/app/runGravity.ts';
import { type NetOfNoise, noiseBaseline } from '../../lib/core/scoring/noiseBaseline.ts';
import { REAL_WORLDS } from '../core/gravity/realWorlds.fixture.ts';
import { COVARIATE_FILES } from './realCovariates.ts';

const SHOWN = ['CHN', 'DEU', 'IND', 'IRN', 'KEN', 'MEX', 'PER', 'RUS', 'USA', 'VNM'];
const [world = 'hs4', draws = 10] = [process.argv[2] as 'hs4' | 'hs6' | undefined, Number(process.argv[3] ?? 10)];
const silent = { write: () => true };
const screen = terminal(silent, silent, { live: false, now: () => performance.now() });
const run = await inMemoryRun([REAL_WORLDS[world].file, ...COVARIATE_FILES], screen);
await runComplexity(run)(run);
await runGravity(run)(run);
const { inputs } = await loadScoring(run.artifacts, run.run);

const from = performance.now();
const { kappa, exporters, products } = noiseBaseline(inputs, { draws, seed: 1 });
const seconds = (performance.now() - from) / 1000;
const told = (nets: readonly NetOfNoise[]) => ({
  more: nets.filter(({ interval }) => interval[0] > 0).length,
  less: nets.filter(({ interval }) => interval[1] < 0).length,
  of: nets.filter(({ raw }) => raw > 0).length,
});
const billions = (usd: number) => Number((usd / 1e9).toFixed(2));
console.log(
  JSON.stringify({
    world,
    draws,
    secondsADraw: Number((seconds / draws).toFixed(1)),
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
    kappa: Number(kappa.toFixed(3)),
    exporters: told(exporters),
    products: told(products),
    shown: Object.fromEntries(
      SHOWN.flatMap((code) => {
        const net = exporters[inputs.flows.countries.at.get(code) ?? -1];
        return net ? [[code, [net.raw, net.expected, net.excess, ...net.interval].map(billions)]] : [];
      }),
    ),
  }),
);
