import type { Matrix } from '../matrix.ts';
import { normal, stream } from '../random.ts';
import type { Flows } from '../trade/flows.ts';
import { capabilities } from './capabilities.ts';
import { ECONOMIES } from './economies.ts';
import { ease, type Place } from './geography.ts';
import { demand, shares, supply } from './market.ts';
import { type DemoProduct, demoProducts } from './products.ts';
import { shipments } from './shipments.ts';
import { TRUTH } from './truth.ts';

/** Trade of a size class relative to the class below. */
const CLASS_RATIO = 3.2;
/** standard deviation of products' sizes in a family, log points */
const PRODUCT_SPREAD = 0.7;

export interface DemoWorld {
  readonly places: readonly Place[];
  readonly products: readonly DemoProduct[];
  readonly years: readonly DemoYear[];
  /** level of capability of each economy, in about [0, 1] */
  readonly capabilityE: Float64Array;
  /** exporters × importers */
  readonly easeEM: Matrix;
}

export interface DemoYear {
  readonly year: number;
  /** values are whole USD */
  readonly flows: Flows;
  /** tonnes; NaN where nobody weighed it */
  readonly quantityN: Float64Array;
  /** USD, exporters × products; with `demandMP` and `easeEM`, the factors of the expectation */
  readonly supplyEP: Matrix;
  /** importers × products, shares of demand that add up to 1 over importers */
  readonly demandMP: Matrix;
}

export interface DemoOptions {
  readonly seed: number;
  /** real geography of at least the economies asked for */
  readonly places: readonly Place[];
  readonly years: readonly number[];
  /** how many of the largest economies; all when absent */
  readonly countries?: number;
  readonly products?: number;
}

/**
 * A synthetic world of trade whose truth is known: gravity between places, comparative advantage from a space of know-how, and noise.
 *
 *     mu[e,m,p]    = supply[e,p] · demand[m,p] · ease[e,m]                                          expected USD of a year
 *     value[e,m,p] = mu · exp(σ·(√ρ·z[e,m,p] + √(1−ρ)·z_year[e,m,p]) − σ²/2), rounded to USD, and nothing below the least shipment
 *
 * so that the expectation has exactly the three-way form that the potential is fitted in. `supply` comes from size and capabilities,
 * balanced so that exporters' expected totals follow their size and products' their weight; all drift a little each year.
 *
 * Throws RangeError when a place of an economy is missing.
 */
export function demoWorld(options: DemoOptions): DemoWorld {
  const { seed } = options;
  const economies = ECONOMIES.slice(0, options.countries).sort((a, b) => (a.code < b.code ? -1 : 1));
  const places = economies.map(({ code }) => {
    const place = options.places.find((candidate) => candidate.code === code);
    if (!place) throw new RangeError(`demoWorld: no place for the economy ${code}`);
    return place;
  });
  const products = demoProducts(options.products);
  const { capabilityE, fitEP } = capabilities(places, economies, products, seed);
  const easeEM = ease(places, TRUTH.friction, seed);
  const weightE = shares(economies.map(({ size }) => CLASS_RATIO ** size));
  const sizeOf = stream(seed, 'product size');
  const weightP = shares(products.map(({ family }, p) => family.weight * Math.exp(PRODUCT_SPREAD * normal(sizeOf, p))));

  const years = options.years.map((year, t) => {
    const total = TRUTH.productTotal * products.length * (1 + TRUTH.growth) ** t;
    const demandMP = demand(economies, products, capabilityE, weightE, seed, t);
    const supplyEP = supply(fitEP, demandMP, easeEM, weightE, weightP, total, seed, t);
    return { year, supplyEP, demandMP, ...shipments(places, products, supplyEP, demandMP, easeEM, seed, year) };
  });
  return { places, products, years, capabilityE, easeEM };
}
