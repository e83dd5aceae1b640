import { DAMPED_FITS, entryContext, type PreparedEntries, whoIsAlike } from '../../../lib/core/entry/entryContext.ts';
import { type EntryCovariates, entryCovariates } from '../../../lib/core/entry/entryCovariates.ts';
import { shippedEntryModel } from '../../../lib/core/entry/shippedEntryModel.ts';
import { type ThreeWayFit, threeWayFit } from '../../../lib/core/gravity/threeWay.ts';
import { SHIPPED_GROWTH_MODEL } from '../../../lib/core/growth/shippedGrowthModel.ts';
import { rowsWhere } from '../../../lib/core/pick.ts';
import { foresee } from '../../../lib/core/scoring/foreseen.ts';
import { threeWayPotentials } from '../../../lib/core/scoring/scoringInputs.ts';
import type { Flows } from '../../../lib/core/trade/flows.ts';
import { scoreRows } from './scoreRows.ts';
import { shared } from './shared.ts';

/** What all exporters are scored with. */
export interface ScoringGround {
  readonly flows: Flows;
  readonly threeWay: ThreeWayFit;
  readonly prepared: PreparedEntries;
  readonly covariates: EntryCovariates | null;
  /** how many of each basis, the best first */
  readonly top: number;
}

/** The rows of one exporter. */
export interface ScoredRows {
  /** overwritten by the question after the next to the same thread */
  readonly text: Uint8Array;
  readonly cells: number;
}

/** The parts of the work that threads share. Arguments and results are cloned on their way, but for what is in shared memory: they are numbers, arrays and plain objects. */
export function scoreTasks() {
  let rowsOf: ((exporter: number) => ScoredRows) | null = null;
  return {
    threeWayFit: (flows: Flows) => shared(threeWayFit(flows)),
    dampedFit: (which: keyof typeof DAMPED_FITS, flows: Flows) => shared(DAMPED_FITS[which](flows)),
    whoIsAlike: (flows: Flows) => shared(whoIsAlike(flows)),
    entryCovariates: (...given: Parameters<typeof entryCovariates>) => shared(entryCovariates(...given)),
    /** Everything that `rows` needs, once. */
    begin({ flows, threeWay, prepared, covariates, top }: ScoringGround): void {
      const context = entryContext(flows, { threeWay, prepared, covariates });
      const models = { entry: shippedEntryModel(covariates !== null), growth: SHIPPED_GROWTH_MODEL };
      const foreseenOf = foresee(context, models, threeWayPotentials(flows, context.startE, threeWay), top);
      const textOf = scoreRows(flows);
      rowsOf = (exporter) => {
        const foreseen = foreseenOf(exporter);
        // the cells that are ranked have a score
        const { scoreN } = foreseen;
        const rows = rowsWhere(scoreN.length, (n) => (scoreN[n] ?? 0) > 0);
        return { text: textOf(exporter, foreseen, rows), cells: rows.length };
      };
    },
    rows(exporter: number): ScoredRows {
      if (!rowsOf) throw new RangeError('scoreTasks: rows before begin');
      return rowsOf(exporter);
    },
  };
}

export type ScoreTasks = ReturnType<typeof scoreTasks>;
