import { type Matrix, matrix } from '../matrix.ts';
import { normal, stream } from '../random.ts';
import type { Economy } from './economies.ts';
import type { Place } from './geography.ts';
import type { DemoProduct } from './products.ts';

/**
 * What each economy is good at. Economies and products have a place in one space of know-how; a region's economies lie near one
 * another, as do a family's products, and what an economy makes lies near it. On top of it, a product asks for a level of capability,
 * and what exceeds the economy's own is penalised: able economies make simple things too, the rest cannot make hard ones (nestedness).
 */
export interface Capabilities {
  /** level of capability of each economy, in about [0, 1] */
  readonly capabilityE: Float64Array;
  /** ln of productivity, economies × products, up to a constant per economy and per product */
  readonly fitEP: Matrix;
}

const AXES = 3;
/** standard deviations in the space of know-how: between regions, of an economy in its region, between families, of a product in its family */
const REGION = 0.7;
const ECONOMY = 0.7;
const FAMILY = 1.1;
const PRODUCT = 0.45;
/** log points lost per unit of capability that is missing */
const STEEPNESS = 8;
/** how far from its place an economy's products may lie: without capability, and added by a whole unit of it */
const REACH = 0.3;
const REACH_OF_ABILITY = 0.4;
/** how far from its latitude a crop still grows, in cosine of latitude */
const CLIMATE_WIDTH = 0.2;
/** what no rule explains, log points */
const ACCIDENT = 0.8;
const CAPABILITY_SPREAD = 0.05;

/**
 *     fit[e,p] = −½·Σ_a (x[e,a] − r[p,a])² − 7·max(0, κ[p] − c[e]) − ½·((cos φ[e] − w[p]) / 0.2)² + 0.7·N(0,1)
 *
 * with x and r the places of economies and products, κ what a product's family asks for, c the economy's capability, φ the latitude and
 * w the warmth that a crop likes (the term is absent for everything else).
 */
export function capabilities(
  places: readonly Place[],
  economies: readonly Economy[],
  products: readonly DemoProduct[],
  seed: number,
): Capabilities {
  const nP = products.length;
  const capabilityE = new Float64Array(places.length);
  const fitEP = matrix(places.length, nP);
  const requirementPA = products.map(({ code, family }) =>
    located(seed, `family ${family.name}`, FAMILY, `product ${code}`, PRODUCT),
  );
  for (const [e, place] of places.entries()) {
    const { code, skill } = economies[e]!;
    const capability = (skill - 0.5) / 5 + CAPABILITY_SPREAD * normal(stream(seed, `capability ${code}`), 0);
    const knowHowA = located(seed, `region ${place.region}`, REGION, `economy ${code}`, ECONOMY);
    const accident = stream(seed, `accident ${code}`);
    const reach = REACH + REACH_OF_ABILITY * capability;
    const warmth = Math.cos((place.latitude * Math.PI) / 180);
    capabilityE[e] = capability;
    for (const [p, { family }] of products.entries()) {
      let squares = 0;
      for (let a = 0; a < AXES; a++) squares += (knowHowA[a]! - requirementPA[p]![a]!) ** 2;
      const cold = family.warmth === undefined ? 0 : (warmth - family.warmth) / CLIMATE_WIDTH;
      fitEP.data[e * nP + p] =
        -squares / (2 * reach * reach) -
        STEEPNESS * Math.max(0, family.complexity - capability) -
        (cold * cold) / 2 +
        ACCIDENT * normal(accident, p);
    }
  }
  return { capabilityE, fitEP };
}

/** A point in the space of know-how: the group's centre and the member's own offset from it. */
function located(seed: number, group: string, groupSpread: number, member: string, memberSpread: number): number[] {
  const centre = stream(seed, group);
  const offset = stream(seed, member);
  return Array.from({ length: AXES }, (_, a) => groupSpread * normal(centre, a) + memberSpread * normal(offset, a));
}
