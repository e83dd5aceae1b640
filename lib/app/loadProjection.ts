import type { Elasticities } from '../core/covariates/elasticities.ts';
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
import { loadElasticities } from './runElasticities.ts';
import { loadTariffs } from './runTariffs.ts';

/** What projections of potentials are made of. */
export interface Projection {
  /** how supply and demand grow; null where no growth is known */
  readonly growth: GrowthRatios | null;
  /** how imports answer income and prices; null where no file says */
  readonly elasticities: Elasticities | null;
  /** what importers charge, and what advantage that gives; null where no tariffs are loaded */
  readonly charged: { readonly tariffs: Tariffs; readonly advantage: TariffAdvantage } | null;
}

/** Loads what the plan step knew of growth, elasticities and tariffs. */
export async function loadProjection(
  artifacts: ObjectStore,
  run: string,
  { flows, totals }: ScoringInputs,
): Promise<Projection> {
  const tariffs = await loadTariffs(artifacts, run);
  const elasticities = await loadElasticities(artifacts, run);
  return {
    growth: growthRatios(totals, await loadCovariates(artifacts, run)),
    elasticities,
    charged: tariffs && { tariffs, advantage: tariffAdvantage(flows, tariffOf(tariffs), elasticities?.priceP) },
  };
}
