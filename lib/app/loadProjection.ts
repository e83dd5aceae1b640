import { type Tariffs, tariffOf } from '../core/covariates/tariffs.ts';
import {
  type GrowthRatios,
  growthRatios,
  type TariffAdvantage,
  tariffAdvantage,
} from '../core/potential/projection.ts';
import type { ScoringInputs } from '../core/scoring/scoringInputs.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { loadCovariates } from './runCovariates.ts';
import { loadTariffs } from './runTariffs.ts';

/** What projections of potentials are made of. */
export interface Projection {
  /** how supply and demand grow; null where no growth is known */
  readonly growth: GrowthRatios | null;
  /** what importers charge, and what advantage that gives; null where no tariffs are loaded */
  readonly charged: { readonly tariffs: Tariffs; readonly advantage: TariffAdvantage } | null;
}

/** Loads what the plan step knew of growth and tariffs. */
export async function loadProjection(
  artifacts: ObjectStore,
  run: string,
  { flows, totals }: ScoringInputs,
): Promise<Projection> {
  const tariffs = await loadTariffs(artifacts, run);
  return {
    growth: growthRatios(totals, await loadCovariates(artifacts, run)),
    charged: tariffs && { tariffs, advantage: tariffAdvantage(flows, tariffOf(tariffs)) },
  };
}
