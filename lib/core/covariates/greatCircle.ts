/** Mean radius of the Earth, km (IUGG). */
const EARTH_KM = 6371.0088;

/** A place, degrees north and east. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/**
 * The distance along the Earth's surface, taken for a sphere.
 *
 *     d = 2 R asin √( sin²(Δφ/2) + cos φ₁ cos φ₂ sin²(Δλ/2) )
 *
 * @returns km; NaN when a coordinate is
 * @source Sinnott (1984), Sky and Telescope 68:158 (the form that keeps its digits for short distances)
 */
export function greatCircleKm(from: Place, to: Place): number {
  const radians = Math.PI / 180;
  const north = Math.sin(((to.latitude - from.latitude) * radians) / 2);
  const east = Math.sin(((to.longitude - from.longitude) * radians) / 2);
  const chord = north * north + Math.cos(from.latitude * radians) * Math.cos(to.latitude * radians) * east * east;
  return 2 * EARTH_KM * Math.asin(Math.sqrt(Math.min(1, chord)));
}
