import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { publishedScores } from '../../lib/app/layout/publishedScores.ts';
import { loadScoring } from '../../lib/app/loadScoring.ts';
import { artifactKeys, encodeFlows } from '../../lib/app/runArtifacts.ts';
import { runComplexity } from '../../lib/app/runComplexity.ts';
import { storeCovariates } from '../../lib/app/runCovariates.ts';
import { loadForesight, runEntry } from '../../lib/app/runEntry.ts';
import { runGravity } from '../../lib/app/runGravity.ts';
import { scoreCard } from '../../lib/app/scoreCard.ts';
import { scoreShard } from '../../lib/app/scoreShard.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { planShards } from '../../lib/app/shards.ts';
import { executionName } from '../../lib/app/startRun.ts';
import { explainCell } from '../../lib/core/scoring/explainCell.ts';
import { exporterScores } from '../../lib/core/scoring/exporterScores.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import { anyTrade, noisyWorld } from '../core/scoring/world.fixture.ts';

const RUN = 'r1';
const AT = '2026-03-01T00:00:00.000Z';
const settings = { ...SETTINGS, extensiveKept: 5 };

/** Takes flows through the steps of a run, up to where they can be read. */
async function published(flows: Flows) {
  const [artifacts, lake, catalog, pages] = [
    memoryObjectStore(),
    memoryObjectStore(),
    memoryCatalog(),
    memoryPageStore(),
  ];
  const manifest = {
    codeVersion: 'c',
    settings,
    level: 4,
    hsRevision: 'HS17',
    years: [2017],
    inputs: [],
    earlier: null,
    dictionaries: [],
    covariates: [],
    unused: [],
    synthetic: true,
  };
  await catalog.putRun({ run: RUN, status: 'running', slot: 0, attempt: 1, startedAt: AT, manifest });
  await catalog.acquire({ owner: executionName(RUN, 1), expiresAt: '2026-03-01T01:00:00.000Z' }, AT);
  await artifacts.put(artifactKeys(RUN).flows, encodeFlows(flows));
  await storeCovariates({ lake, artifacts }, RUN, manifest, flows.countries);
  await runComplexity({ artifacts, settings })({ run: RUN });
  await runGravity({ artifacts })({ run: RUN });
  await runEntry({ artifacts })({ run: RUN });
  const score = scoreShard({ artifacts, lake, catalog, pages, settings, countryNames: new Map() });
  for (const shard of planShards(flows.countries.codes.length, flows.exporterN, flows.importerN)) {
    await score({ run: RUN, slot: 0, attempt: 1, ...shard });
  }
  await catalog.flip({ run: RUN, slot: 0, publishedAt: AT, previous: null }, null);
  const { inputs } = await loadScoring(artifacts, RUN);
  const scoresOf = exporterScores(inputs, await loadForesight(artifacts, RUN, inputs));
  const scores = publishedScores({ catalog, pages, clock: () => new Date(AT) });
  return { inputs, scoresOf, card: scoreCard({ scores, nearest: () => [] }) };
}

/** Every cell's card says what the science says of the cell, from pages alone. */
async function agrees(flows: Flows): Promise<void> {
  const { inputs, scoresOf, card } = await published(flows);
  const { countries, products } = flows;
  const near = (shown: number | null, exact: number) => {
    if (Number.isNaN(exact)) expect(shown).toBeNull();
    else expect(Math.abs(shown! - exact)).toBeLessThanOrEqual(1e-12 * Math.abs(exact));
  };
  for (const [exporter, e] of countries.at) {
    const cells = scoresOf(e, settings);
    for (const [importer, m] of countries.at) {
      for (const [product, p] of products.at) {
        const { card: shown, reason } = await card({ exporter, product, importer });
        const exact = explainCell(inputs, { exporter: e, importer: m, product: p });
        expect(shown.basis).toBe(exact.basis);
        expect(shown.actualUsd).toBe(exact.actual);
        near(shown.potentialUsd, exact.potential);
        near(shown.realisedUsd, exact.realised);
        near(shown.unrealisedRawUsd, exact.unrealisedRaw);
        near(shown.unrealisedUsd, exact.unrealisedShrunk);
        near(shown.degree, exact.unrealisedRaw / exact.potential);
        expect(shown.density).toBeCloseTo(exact.density, 5);
        if (exact.drivers) {
          near(shown.drivers!.sizeUsd, exact.drivers.size);
          near(shown.drivers!.ease, exact.drivers.ease);
          near(shown.drivers!.marginAdjustment, exact.drivers.marginAdjustment);
          near(shown.indexUsd, exact.index);
        } else expect(shown.drivers).toBeNull();

        const n = cells.scoreN.findIndex((_, at) => cells.importerN[at] === m && cells.productN[at] === p);
        if (n >= 0) {
          expect(shown.score).toBeCloseTo(cells.scoreN[n]!, 3);
          expect(shown.opportunityUsd! / cells.opportunityN[n]!).toBeCloseTo(1, 6);
          const { of, base, parts, calibration, total } = shown.contributions!;
          expect(parts.reduce((sum, { value }) => sum + value, base + calibration)).toBeCloseTo(total, 9);
          expect(of).toBe(shown.basis === 'existing' ? 'logGrowth' : 'logOdds');
          if (of === 'logOdds') expect(1 / (1 + Math.exp(-total))).toBeCloseTo(cells.probabilityN[n]!, 6);
          if (shown.basis === 'existing') expect(shown.feasibility).toBeNull();
          else expect(shown.feasibility! / cells.probabilityN[n]!).toBeCloseTo(1, 5);
        } else expect(shown.score).toBeNull();
        expect(reason === null).toBe(n >= 0);
        if (exact.reason === 'forced' && shown.score === null) expect(reason?.code).toBe('NOT_ESTIMATED');
      }
    }
  }
}

describe('a card, through all steps of a run', () => {
  it('agrees with the science in a noisy world', async () => {
    await agrees(noisyWorld({ countries: 7, products: 9, scale: 1e6, seed: 3, noise: () => 0.8 }));
  });

  it('agrees with the science in small worlds with holes, where totals decide many cells', async () => {
    await fc.assert(fc.asyncProperty(anyTrade, agrees), { numRuns: 25 });
  });
});
