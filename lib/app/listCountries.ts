import { BASES, type Basis } from '../core/scoring/scoredCells.ts';
import { type BeyondNoise, beyondNoise } from './beyondNoise.ts';
import { countryAt, type Nearest } from './codes.ts';
import type { BasisTotals } from './layout/exporterPages.ts';
import type { Published, PublishedScores } from './layout/publishedScores.ts';
import type { WorldCountry } from './layout/worldPages.ts';
import { cents } from './opportunity.ts';
import type { Position } from './reason.ts';

/** The countries of a run in code order. */
export function listCountries(deps: { scores: PublishedScores }) {
  const { scores } = deps;
  return async (request: {
    limit: number;
    from: Position | null;
  }): Promise<{ published: Published; items: readonly WorldCountry[]; next: Position | null }> => {
    const published = request.from ? await scores.still(request.from.run) : await scores.current();
    const { countryFacts } = published.world;
    const offset = request.from?.offset ?? 0;
    const end = offset + request.limit;
    return {
      published,
      items: countryFacts.slice(offset, end).map(shown),
      next: countryFacts.length > end ? { run: published.run, offset: end } : null,
    };
  };
}

/** One country with the sums over its opportunities (null for a country that exports nothing). Failure `country.unknown`. */
export function oneCountry(deps: { scores: PublishedScores; nearest: Nearest }) {
  return async (
    code: string,
  ): Promise<{
    published: Published;
    country: WorldCountry & {
      readonly bases: Readonly<Record<Basis, BasisTotals>> | null;
      readonly beyondNoise: BeyondNoise | null;
    };
  }> => {
    const published = await deps.scores.current();
    const at = countryAt(published.world, 'country', code, deps.nearest);
    const facts = published.world.countryFacts[at];
    if (!facts) throw new RangeError(`country ${at} of ${published.world.countryFacts.length}`);
    const [supply, beyond] = await Promise.all([
      published.exporter(code).facts(),
      beyondNoise(published, 'exporters', at),
    ]);
    return {
      published,
      country: {
        ...shown(facts),
        bases: supply && shownBases(supply.profile.bases),
        beyondNoise: supply && beyond,
      },
    };
  };
}

/** USD to the cent. */
const shown = (facts: WorldCountry): WorldCountry => ({
  ...facts,
  exportsUsd: cents(facts.exportsUsd) ?? 0,
  importsUsd: cents(facts.importsUsd) ?? 0,
});

const shownBases = (bases: Readonly<Record<Basis, BasisTotals>>) =>
  Object.fromEntries(BASES.map((basis) => [basis, shownTotals(bases[basis])])) as Record<Basis, BasisTotals>;

const shownTotals = ({
  opportunities,
  opportunityUsd,
  potentialUsd,
  unrealisedUsd,
  unrealisedRawUsd,
}: BasisTotals): BasisTotals => ({
  opportunities,
  opportunityUsd: cents(opportunityUsd) ?? 0,
  potentialUsd: potentialUsd === null ? null : cents(potentialUsd),
  unrealisedUsd: unrealisedUsd === null ? null : cents(unrealisedUsd),
  unrealisedRawUsd: unrealisedRawUsd === null ? null : cents(unrealisedRawUsd),
});
