import { beforeAll, describe, expect, it } from 'vitest';
import { drawExporters } from '../../../lib/core/backtest/bootstrap.ts';
import { type EntryCandidates, entryCandidates, valueAfter } from '../../../lib/core/backtest/entryCandidates.ts';
import { judge } from '../../../lib/core/backtest/judge.ts';
import { presentIn } from '../../../lib/core/backtest/presentIn.ts';
import { complexity } from '../../../lib/core/complexity/complexity.ts';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { axis } from '../../../lib/core/labels.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';
import { exportsMatrix } from '../../../lib/core/trade/tradeMatrix.ts';
import { isThere, REAL_WORLDS, realWorld } from '../gravity/realWorlds.fixture.ts';
import { outcomesAreThere, realOutcomes, unreportedPairs } from './outcomes.fixture.ts';

describe('candidates for entry', () => {
  const countries = axis(['A', 'B', 'C']);
  const products = axis(['1', '2']);
  const columns = (rows: readonly [number, number, number, number][]) => ({
    exporterN: rows.map(([e]) => e),
    importerN: rows.map(([, m]) => m),
    productN: rows.map(([, , p]) => p),
    valueN: rows.map(([, , , value]) => value),
  });
  // A sells 1 to B and 2 to C, B sells 1 to C: nobody sells anything to A, nor 2 to B
  const flows = sortFlows(
    countries,
    products,
    columns([
      [0, 1, 0, 5],
      [0, 2, 1, 5],
      [1, 2, 0, 5],
    ]),
  );
  const listed = ({ exporterE, startE, importerN, productN }: EntryCandidates) =>
    [...exporterE].flatMap((exporter, e) =>
      [...importerN.subarray(startE[e], startE[e + 1])].map((importer, x) => [
        exporter,
        importer,
        productN[startE[e]! + x],
      ]),
    );

  it('are the empty cells of products that the importer buys, never the own country', () => {
    expect(listed(entryCandidates(flows, Uint16Array.of(0, 1, 2)))).toEqual([
      [0, 2, 0],
      [1, 2, 1],
      [2, 1, 0],
    ]);
  });

  it('leave out pairs of which nothing is known, and exporters not asked for', () => {
    expect(listed(entryCandidates(flows, Uint16Array.of(1, 2), new Set([1 * 3 + 2])))).toEqual([[2, 1, 0]]);
  });

  it('are worth what is reported afterwards', () => {
    const after = sortFlows(
      countries,
      products,
      columns([
        [0, 1, 0, 7],
        [0, 2, 0, 8],
        [2, 0, 0, 1],
        [2, 1, 0, 9],
      ]),
    );
    expect([...valueAfter(entryCandidates(flows, Uint16Array.of(0, 1, 2)), after)]).toEqual([8, 0, 9]);
  });
});

const here = isThere('hs4') && outcomesAreThere;
const why = here ? '' : ` (skipped: ${REAL_WORLDS.hs4.file} or its outcomes of 2024 are not there)`;

describe.skipIf(!here)(`entries between 2017 and 2024 at HS4${why}`, () => {
  let flows: Flows;
  let candidates: EntryCandidates;
  let positiveN: Uint8Array;
  const judgedBy = (scoreOf: (exporter: number) => (importer: number, product: number) => number) => {
    const { exporterE, startE, importerN, productN } = candidates;
    const scoreN = new Float64Array(productN.length);
    for (const [e, exporter] of exporterE.entries()) {
      const score = scoreOf(exporter);
      for (let n = startE[e]!; n < startE[e + 1]!; n++) scoreN[n] = score(importerN[n]!, productN[n]!);
    }
    return judge({ startE, positiveN }, scoreN, drawExporters(exporterE.length, 100, 1));
  };
  beforeAll(async () => {
    flows = await realWorld('hs4');
    const { after, exporterE } = await realOutcomes(flows);
    candidates = entryCandidates(flows, exporterE, unreportedPairs(flows));
    positiveN = presentIn([valueAfter(candidates, after)], 100_000, 1);
  }, 120_000);

  it('18,015,543 cells of 108 exporters, 60,553 of which came to be', () => {
    expect(candidates.exporterE.length).toBe(108);
    expect(candidates.productN.length).toBe(18_015_543);
    expect(positiveN.reduce((sum, positive) => sum + positive, 0)).toBe(60_553);
  });

  // each to the digits that an independent measurement published
  it('the three-way fit: AUC .896, AP .067, macro AP .052, precision at 20 .178', () => {
    const fit = threeWayFit(flows);
    const potential = potentialOf(fit);
    const { values, exporters } = judgedBy(
      (exporter) => (importer, product) => potential({ exporter, importer, product }),
    );
    expect(values.auc).toBeCloseTo(0.896, 3);
    expect(values.averagePrecision).toBeCloseTo(0.067, 3);
    expect(values.macroAveragePrecision).toBeCloseTo(0.052, 3);
    expect(values.precisionAt20).toBeCloseTo(0.178, 3);
    expect(exporters.precisionAt20).toBe(91);
  }, 120_000);

  it('product-space density, with thousands of ties: AUC .814, AP .013, precision at 20 .022', () => {
    const { density } = complexity(exportsMatrix(flows));
    const { values } = judgedBy((exporter) => (_, product) => density.data[exporter * density.cols + product]! || 0);
    expect(values.auc).toBeCloseTo(0.814, 3);
    expect(values.averagePrecision).toBeCloseTo(0.013, 3);
    expect(values.precisionAt20).toBeCloseTo(0.022, 3);
  }, 120_000);
});
