/**
 * Does the minimum change of alerts (METHODS 9.11: more than 2 s of a cell's noise) silence what matters? Two real years, 2017 and 2024, of the exporters of the outcomes
 * file; the other exporters stay as they were.
 *
 *     node tests/bench/alertNoise.ts [exporters]
 *
 * Two comparisons: the years themselves, and windows of three years that share two of them, (2·v17 + v24)/3 against v17, which is what one more year does. With noise taken as 0, half of what it is and all of it prints one JSON line: opportunities, the median s of those that score 95 or more, marks that moved, and how many cells an exporter's subscription to
 * everything (threshold 95) hears of, up and down, as mean over the exporters (known: of cells that were opportunities in both); at 0 s every tremble of a score that passes the hysteresis counts.
 */

import type { AlertCells } from '../../lib/core/alerts/cells.ts';
import { compareCells, firstMemory } from '../../lib/core/alerts/compareCells.ts';
import { USUAL_THRESHOLD } from '../../lib/core/alerts/hysteresis.ts';
import { noiseSd } from '../../lib/core/scoring/dispersion.ts';
import { exporterScores } from '../../lib/core/scoring/exporterScores.ts';
import type { ScoredCells } from '../../lib/core/scoring/scoredCells.ts';
import { exporterStarts, type Flows, sortFlows } from '../../lib/core/trade/flows.ts';
import { outcomesAreThere, realOutcomes } from '../core/backtest/outcomes.fixture.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';
import { foresightOf, inputsOf } from '../core/scoring/world.fixture.ts';

if (!isThere('hs4') || !outcomesAreThere) throw new Error('the real world and its outcomes are not beside the project');
const wanted = Number(process.argv[2] ?? 12);
const KEPT = 1_000;

const before = await realWorld('hs4');
const { after, exporterE } = await realOutcomes(before);
const { countries, products } = before;

/** One year for the exporters that have it, and the other for everybody else, each cell `share` of the way to the later year. */
function towards(share: number): Flows {
  const later = new Set(exporterE);
  const cells = new Map<number, number>();
  const number = ({ exporterN, importerN, productN }: Flows, n: number) =>
    (exporterN[n]! * countries.codes.length + importerN[n]!) * products.codes.length + productN[n]!;
  for (let n = 0; n < before.valueN.length; n++)
    cells.set(number(before, n), before.valueN[n]! * (later.has(before.exporterN[n]!) ? 1 - share : 1));
  for (let n = 0; n < after.valueN.length; n++)
    cells.set(number(after, n), (cells.get(number(after, n)) ?? 0) + share * after.valueN[n]!);
  const rows = [...cells].filter(([, value]) => value > 0);
  const [nC, nP] = [countries.codes.length, products.codes.length];
  return sortFlows(countries, products, {
    exporterN: rows.map(([cell]) => Math.floor(cell / nP / nC)),
    importerN: rows.map(([cell]) => Math.floor(cell / nP) % nC),
    productN: rows.map(([cell]) => cell % nP),
    valueN: rows.map(([, value]) => value),
  });
}

const alertCells = (cells: ScoredCells): AlertCells => ({
  importerN: cells.importerN,
  productN: cells.productN,
  basisN: cells.basisN,
  scoreN: Float32Array.from(cells.scoreN),
  worthN: Float32Array.from(cells.opportunityN),
  feasibilityN: Float32Array.from(cells.probabilityN),
  potentialN: Float32Array.from(cells.potentialN),
  unrealisedN: Float32Array.from(cells.shrunkN),
  sizeN: Float32Array.from(cells.sizeN),
  actualN: cells.actualN,
  easeN: new Float32Array(cells.scoreN.length),
  flagN: cells.flagN,
  gradeN: new Uint8Array(cells.scoreN.length),
});

// exporters of every size
const startE = exporterStarts(before);
const bySize = [...exporterE].sort((a, b) => startE[b + 1]! - startE[b]! - (startE[a + 1]! - startE[a]!));
const chosen = Array.from({ length: wanted }, (_, n) => bySize[Math.floor(((n + 0.5) * bySize.length) / wanted)]!);

function scored(flows: Flows) {
  const inputs = inputsOf(flows);
  const scoresOf = exporterScores(inputs, foresightOf(inputs));
  return { inputs, cellsE: new Map(chosen.map((e) => [e, alertCells(scoresOf(e, { extensiveKept: KEPT }))])) };
}
const old = scored(before);

for (const [name, share] of [
  ['one more year of three', 1 / 3],
  ['seven years', 1],
] as const) {
  const { inputs, cellsE } = scored(towards(share));
  const noise = (product: number, potential: number) => noiseSd(inputs.dispersion, product, potential);
  for (const multiple of [0, 1, 2]) {
    const sums = { opportunities: 0, high: 0, moved: 0, up: 0, upKnown: 0, down: 0, downKnown: 0 };
    const noises: number[] = [];
    for (const e of chosen) {
      const now = cellsE.get(e)!;
      const { changes } = compareCells(
        firstMemory(old.cellsE.get(e)!),
        now,
        { importers: countries.codes.length, products: products.codes.length },
        null,
        // compareCells asks for more than 2 s
        (product, potential) => (multiple / 2) * noise(product, potential),
        KEPT,
      );
      sums.opportunities += now.scoreN.length;
      for (let n = 0; n < now.scoreN.length; n++)
        if (now.scoreN[n]! >= USUAL_THRESHOLD && now.potentialN[n]! > 0) {
          sums.high++;
          noises.push(noise(now.productN[n]!, now.potentialN[n]!));
        }
      sums.moved += changes.nowR.length;
      for (let r = 0; r < changes.nowR.length; r++) {
        const [from, to] = [changes.markBeforeR[r]!, changes.markAfterR[r]!];
        const isKnown = changes.beforeR[r]! >= 0 && changes.nowR[r]! >= 0;
        if (from < USUAL_THRESHOLD && to >= USUAL_THRESHOLD) {
          sums.up++;
          if (isKnown) sums.upKnown++;
        }
        if (from >= USUAL_THRESHOLD && to < USUAL_THRESHOLD) {
          sums.down++;
          if (isKnown) sums.downKnown++;
        }
      }
    }
    const medianNoise = noises.sort((a, b) => a - b)[noises.length >> 1];
    const mean = Object.fromEntries(Object.entries(sums).map(([key, sum]) => [key, Math.round(sum / chosen.length)]));
    console.log(JSON.stringify({ comparison: name, noiseTimes: multiple / 2, medianNoise, ...mean }));
  }
}
