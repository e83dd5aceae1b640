/**
 * Fits the three-way potential to the real worlds beside the project and scores them.
 *
 *     node tests/bench/threeWay.ts [hs4|hs6]...
 *
 * Prints one JSON line for each world: seconds of fit, of fits that start from that of the same flows, of the flows before its largest exporter revised its figures and of
 * a year before, of dispersion and of all exporters' scores; sweeps; errors by family of margins (exporter-product, importer-product, pair); what the totals decide; cells; peak megabytes. Each world is
 * fitted in a fresh process that gets packed flows, so that reading CSV counts neither in seconds nor in megabytes.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFlows, encodeFlows } from '../../lib/app/runArtifacts.ts';
import { complexity } from '../../lib/core/complexity/complexity.ts';
import { startFrom } from '../../lib/core/gravity/startFrom.ts';
import { type ThreeWayFit, threeWayFit } from '../../lib/core/gravity/threeWay.ts';
import { dispersion } from '../../lib/core/scoring/dispersion.ts';
import { scoringInputs } from '../../lib/core/scoring/scoringInputs.ts';
import { unrealisedCells } from '../../lib/core/scoring/unrealisedCells.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import { totals } from '../../lib/core/trade/totals.ts';
import { exportsMatrix } from '../../lib/core/trade/tradeMatrix.ts';
import { earlierYear, revised } from '../core/gravity/otherVintages.fixture.ts';
import { isThere, REAL_WORLDS, realWorld } from '../core/gravity/realWorlds.fixture.ts';

const [first, packed] = process.argv.slice(2);
if (first === '--packed' && packed !== undefined) measure(packed);
else await prepare(process.argv.slice(2));

/** Packs each world and hands it to a fresh process. */
async function prepare(asked: readonly string[]) {
  const worlds = (Object.keys(REAL_WORLDS) as (keyof typeof REAL_WORLDS)[]).filter(
    (world) => asked.length === 0 || asked.includes(world),
  );
  const folder = mkdtempSync(join(tmpdir(), 'three-way-'));
  for (const world of worlds) {
    if (!isThere(world)) {
      console.error(`${REAL_WORLDS[world].file} is not there`);
      continue;
    }
    const file = join(folder, world);
    writeFileSync(file, encodeFlows(await realWorld(world)));
    execFileSync(process.execPath, [import.meta.filename, '--packed', file], { stdio: 'inherit' });
  }
  rmSync(folder, { recursive: true });
}

function measure(file: string) {
  const seconds: Record<string, number> = {};
  const timed = <Result>(name: string, work: () => Result): Result => {
    const from = performance.now();
    const result = work();
    seconds[name] = Number(((performance.now() - from) / 1000).toFixed(2));
    return result;
  };
  // not resourceUsage().maxRSS: that counts what the parent held when it forked
  const peak = () => Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024);

  const flows = decodeFlows(readFileSync(file));
  const fit = timed('fit', () => threeWayFit(flows));
  const fitMb = peak();
  const noise = timed('dispersion', () => dispersion(flows, fit));
  const { density } = complexity(exportsMatrix(flows));
  const inputs = scoringInputs(flows, fit, density, noise);
  const opportunityCells = timed('scores', () => {
    let sum = 0;
    for (let e = 0; e < flows.countries.codes.length; e++) sum += unrealisedCells(inputs, e, 10_000).shrunkN.length;
    return sum;
  });
  const all = peak();

  // from what is known of other vintages
  const warm = (name: string, now: Flows, before: Flows, known: ThreeWayFit) =>
    timed(name, () => threeWayFit(now, { start: startFrom({ ...before, b: known.b, c: known.c }, now) })).sweeps;
  const { exporterE } = totals(flows);
  const now = revised(flows, exporterE.indexOf(Math.max(...exporterE)));
  const before = earlierYear(flows, { countries: 4, products: 15 });
  const warmSweeps = {
    same: warm('warmSame', flows, flows, fit),
    revision: warm('warmRevision', now, flows, fit),
    year: warm('warmYear', flows, before, threeWayFit(before)),
  };
  const { exporterProduct, importerProduct, pair, supportCells } = fit.margins;
  const families = [exporterProduct, importerProduct, pair];
  console.log(
    JSON.stringify({
      flows: flows.valueN.length,
      seconds,
      converged: fit.converged,
      sweeps: fit.sweeps,
      rejectedSweeps: fit.progress.filter(({ rejected }) => rejected).length,
      warmSweeps,
      sumAbsErrorOverTotal: families.map((family) => family.sumAbsErrorOverTotal),
      worstRelativeAbove10kUsd: families.map((family) => family.worstRelativeAbove10kUsd),
      forced: fit.forced.length,
      zeros: fit.zeros.length,
      supportCells,
      opportunityCells,
      peakMb: { fit: fitMb, all },
    }),
  );
}
