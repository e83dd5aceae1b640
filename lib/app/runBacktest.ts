import { entryReport, type ReportSettings } from '../core/backtest/entryReport.ts';
import { covariates } from '../core/covariates/covariates.ts';
import { EVENT_USD } from '../core/entry/entryContext.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { PageStore } from '../ports/pageStore.ts';
import { backtestJson, backtestOf, backtestPage } from './backtestRecord.ts';
import { artifactKeys, decodeFlows, required } from './runArtifacts.ts';
import { statementsOf } from './runCovariates.ts';
import { loadModels } from './runTraining.ts';
import { yearOnAxes } from './slices.ts';

/** What a run with a model of its own has to say of a back-test of the shipped one. */
const TRAINED_HERE =
  'The run ranks by a model that was trained on these very years; judged here is the shipped model, which was not.';

/** Cells as in a world at HS4 of 110 exporters: three minutes and two gigabytes (lib/decisions/0121). */
export const BACKTEST: ReportSettings = { eventUsd: EVENT_USD, draws: 1_000, seed: 1, mostCells: 20_000_000 };

/**
 * The back-test step, after publish: judges scores made from an earlier year by what the run's latest year holds. Without an earlier year there is nothing to
 * do. What it says depends on the run's manifest alone, so that repeating it writes the same bytes; it lies beside the slots and stays when they are written again.
 */
export function runBacktest(deps: {
  lake: ObjectStore;
  artifacts: ObjectStore;
  catalog: Catalog;
  pages: PageStore;
  /** a label by country, such as its continent */
  regionOf: (country: string) => string;
  settings?: ReportSettings;
}) {
  const { lake, artifacts, catalog, pages, regionOf, settings = BACKTEST } = deps;
  return async ({
    run,
  }: {
    run: string;
  }): Promise<{ run: string; outcome: 'noEarlierYear' | 'nothing' | 'judged' }> => {
    const record = await catalog.getRun(run);
    if (!record) throw new Error(`run ${run} was published, and is not there`);
    const { earlier, inputs, covariates: known, level, hsRevision, synthetic, years } = record.manifest;
    if (!earlier) return { run, outcome: 'noEarlierYear' };

    // both years, and each year between, on the axes of the base year
    const before = decodeFlows(await required(artifacts, artifactKeys(run).earlier));
    const outcome = Math.max(...years);
    const after = [...earlier.between, ...inputs].filter(({ year }) => year > earlier.year);
    const ofYear = (year: number) => yearOnAxes(lake, after, year, before);
    const between = [...new Set(after.map(({ year }) => year))].filter((year) => year < outcome);
    const report = entryReport(
      {
        base: {
          year: earlier.year,
          flows: before,
          covariates:
            known.length === 0
              ? null
              : covariates(before.countries, earlier.year, await statementsOf(lake, record.manifest)).covariates,
        },
        outcome: { year: outcome, flows: await ofYear(outcome) },
        between: await Promise.all(between.map(ofYear)),
        level,
        synthetic,
        regionOf,
      },
      settings,
    );

    const { eventUsd, draws } = settings;
    const trained = await loadModels(artifacts, run);
    const limits = [...report.limits, ...(trained?.entry.choice.used === 'trained' ? [TRAINED_HERE] : [])];
    const written = { run, base: earlier.year, outcome, between, level, hsRevision, synthetic, eventUsd, draws };
    const json = backtestJson({ ...written, ...report, limits });
    backtestOf(json); // a page that readers could not read is an error of this step
    await artifacts.put(artifactKeys(run).backtest, json);
    await pages.put([backtestPage(run, json)]);
    return { run, outcome: report.universe ? 'judged' : 'nothing' };
  };
}
