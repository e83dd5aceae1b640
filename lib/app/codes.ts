import { Failure } from '../core/errors.ts';
import type { World } from './layout/worldPages.ts';

export interface Named {
  readonly code: string;
  readonly name: string;
}

/** The codes that somebody who wrote `wanted` may have meant, the likeliest first; a few, or none. */
export type Nearest = (wanted: string, among: readonly Named[]) => readonly string[];

/** Position of a country on the run's axis. Failure `<role>.unknown` with the nearest codes when the run has no such country. */
export function countryAt(
  world: World,
  role: 'exporter' | 'importer' | 'country',
  code: string,
  nearest: Nearest,
): number {
  const at = world.countries.at.get(code);
  if (at !== undefined) return at;
  const near = nearest(code, world.countryFacts);
  if (role === 'exporter') throw new Failure('exporter.unknown', { exporter: code, nearest: near });
  if (role === 'importer') throw new Failure('importer.unknown', { importer: code, nearest: near });
  throw new Failure('country.unknown', { country: code, nearest: near });
}

/** Position of a product on the run's axis. Failure `product.unknown` with the nearest codes when the run has no such product. */
export function productAt(world: World, code: string, nearest: Nearest): number {
  const at = world.products.at.get(code);
  if (at !== undefined) return at;
  throw new Failure('product.unknown', { product: code, nearest: nearest(code, world.productFacts) });
}

/**
 * The products that a code or the beginning of one names, as a stretch of the axis: positions from…to (exclusive).
 * Failure `product.unknown` when there are none.
 */
export function productsUnder(world: World, code: string, nearest: Nearest): { from: number; to: number } {
  const { codes } = world.products;
  const from = codes.findIndex((each) => each.startsWith(code));
  if (from < 0) throw new Failure('product.unknown', { product: code, nearest: nearest(code, world.productFacts) });
  let to = from;
  while (codes[to]?.startsWith(code)) to++;
  return { from, to };
}
