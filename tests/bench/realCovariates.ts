import { inMemoryRun } from '../../functions/cli/inMemoryRun.ts';
import { terminal } from '../../functions/cli/terminal.ts';
import { loadCovariates } from '../../lib/app/runCovariates.ts';
import { type Covariates, PAIR_COLUMNS } from '../../lib/core/covariates/covariates.ts';
import type { Axis } from '../../lib/core/labels.ts';
import { REAL_WORLDS } from '../core/gravity/realWorlds.fixture.ts';

/** Distances, coordinates and agreements beside the project. */
export const COVARIATE_FILES = ['dist_cepii.csv.gz', 'geo_cepii.csv', 'rta_in_force_2000_2020.csv.gz'].map(
  (name) => `../shared/data/covariates/${name}`,
);

/** "Other Asia, not elsewhere specified" of trade statistics is one country of the covariates. */
const ISO_CODES: Readonly<Record<string, string>> = { S19: 'TWN' };

/** What is known of pairs of countries in 2017, as a run over the same files finds it, on an axis of codes as the trade file has them. */
export async function realCovariates({ codes }: Axis): Promise<Pick<Covariates, (typeof PAIR_COLUMNS)[number]>> {
  const silent = { write: () => true };
  const screen = terminal(silent, silent, { live: false, now: () => performance.now() });
  const { artifacts, run, flows } = await inMemoryRun([REAL_WORLDS.hs4.file, ...COVARIATE_FILES], screen);
  const known = await loadCovariates(artifacts, run);
  const size = codes.length;
  const at = codes.map((code) => flows.countries.at.get(ISO_CODES[code] ?? code) ?? Number.NaN);
  const moved = (valueIJ: Float64Array) =>
    Float64Array.from(
      { length: size * size },
      (_, pair) => valueIJ[at[Math.floor(pair / size)]! * size + at[pair % size]!]!,
    );
  return Object.fromEntries(PAIR_COLUMNS.map((name) => [name, moved(known[name])])) as Pick<
    Covariates,
    (typeof PAIR_COLUMNS)[number]
  >;
}
