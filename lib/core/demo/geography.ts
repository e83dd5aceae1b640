import { type Matrix, matrix } from '../matrix.ts';
import { normal, stream } from '../random.ts';

/** What the demonstration world takes from real geography. */
export interface Place {
  /** ISO 3166-1 alpha-3 */
  readonly code: string;
  readonly iso2: string;
  /** the number under which BACI lists it (ISO numeric, but for a handful) */
  readonly baciCode: number;
  readonly name: string;
  /** degrees, north and east positive */
  readonly latitude: number;
  readonly longitude: number;
  /** alpha-3 codes of the neighbours by land */
  readonly borders: readonly string[];
  /** ISO 639-3 codes of the official languages */
  readonly languages: readonly string[];
  /** part of its continent: places of one region share know-how */
  readonly region: string;
}

/** Elasticities of trade to what lies between two countries, and the spread of what geography does not explain. */
export interface Friction {
  /** of trade to distance, negative */
  readonly distance: number;
  /** log points that a shared land border adds */
  readonly border: number;
  /** log points that a shared official language adds */
  readonly language: number;
  /** standard deviation of a pair's own history, log points */
  readonly history: number;
}

const EARTH_RADIUS_KM = 6371;
/** Centres of two neighbours can nearly coincide; trade between them is not without bound. */
const NEAREST_KM = 100;

/** Great-circle distance between two places, km, at least 100. */
export function distanceKm(a: Place, b: Place): number {
  const radians = Math.PI / 180;
  const north = Math.sin(((b.latitude - a.latitude) * radians) / 2);
  const east = Math.sin(((b.longitude - a.longitude) * radians) / 2);
  const haversine = north * north + Math.cos(a.latitude * radians) * Math.cos(b.latitude * radians) * east * east;
  return Math.max(NEAREST_KM, 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(haversine))));
}

/**
 * How easily each exporter reaches each importer: one factor per ordered pair.
 *
 *     ease[e,m] = (km[e,m] / 1000)^distance · exp(border·B[e,m] + language·L[e,m] + history·N(0,1)),   ease[e,e] = 0
 *
 * @param places exporters and importers, in axis order
 * @returns exporters × importers, a pure ratio; 0 on the diagonal, where no trade is foreign
 */
export function ease(places: readonly Place[], friction: Friction, seed: number): Matrix {
  const n = places.length;
  const easeEM = matrix(n, n);
  for (const [e, from] of places.entries()) {
    const history = stream(seed, `history ${from.code}`);
    for (const [m, to] of places.entries()) {
      if (e === m) continue;
      const borders = from.borders.includes(to.code) || to.borders.includes(from.code);
      const speaks = from.languages.some((language) => to.languages.includes(language));
      easeEM.data[e * n + m] = Math.exp(
        friction.distance * Math.log(distanceKm(from, to) / 1000) +
          (borders ? friction.border : 0) +
          (speaks ? friction.language : 0) +
          friction.history * normal(history, m),
      );
    }
  }
  return easeEM;
}
