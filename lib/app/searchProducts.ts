import { type BeyondNoise, beyondNoise } from './beyondNoise.ts';
import type { Nearest } from './codes.ts';
import { productAt } from './codes.ts';
import { chapterOf } from './layout/keys.ts';
import type { Published, PublishedScores } from './layout/publishedScores.ts';
import type { World, WorldProduct } from './layout/worldPages.ts';
import { cents } from './opportunity.ts';
import type { Position, Reason } from './reason.ts';

export interface Product extends WorldProduct {
  /** HS2 */
  readonly chapter: string;
}

/**
 * The products of a run, all in code order or those that words describe, best first.
 *
 * A product matches when every word of the question begins a word of its name (accents, case and English plurals do not matter), or
 * when the question is the beginning of its code.
 */
export function searchProducts(deps: { scores: PublishedScores }) {
  const { scores } = deps;
  return async (request: {
    q?: string | undefined;
    limit: number;
    from: Position | null;
  }): Promise<{ published: Published; items: readonly Product[]; next: Position | null; reason: Reason | null }> => {
    const published = request.from ? await scores.still(request.from.run) : await scores.current();
    const { world } = published;
    const matching = request.q === undefined ? world.productFacts.map((_, at) => at) : matchProducts(world, request.q);
    const offset = request.from?.offset ?? 0;
    const items = matching.slice(offset, offset + request.limit).map((at) => productFacts(world, at));
    return {
      published,
      items,
      next: matching.length > offset + request.limit ? { run: published.run, offset: offset + request.limit } : null,
      reason:
        items.length === 0
          ? { code: 'NO_MATCH', detail: `No product of this run is described by "${request.q}".` }
          : null,
    };
  };
}

/** One product. Failure `product.unknown`. */
export function oneProduct(deps: { scores: PublishedScores; nearest: Nearest }) {
  return async (
    code: string,
  ): Promise<{ published: Published; product: Product & { readonly beyondNoise: BeyondNoise | null } }> => {
    const published = await deps.scores.current();
    const at = productAt(published.world, code, deps.nearest);
    const product = {
      ...productFacts(published.world, at),
      beyondNoise: await beyondNoise(published, 'products', at),
    };
    return { published, product };
  };
}

function productFacts(world: World, at: number): Product {
  const facts = world.productFacts[at];
  if (!facts) throw new RangeError(`product ${at} of ${world.productFacts.length}`);
  return { ...facts, chapter: chapterOf(facts.code), worldTradeUsd: cents(facts.worldTradeUsd) ?? 0 };
}

/** Positions of the products that a question describes, best first: whole words before beginnings; equals by world trade, then code. */
export function matchProducts(world: World, q: string): number[] {
  const question = q.trim();
  if (/^\d+$/.test(question)) {
    return world.products.codes.flatMap((code, at) => (code.startsWith(question) ? [at] : []));
  }
  const wanted = wordsOf(question);
  if (wanted.length === 0) return [];
  const { names, holders } = indexOf(world);
  return names
    .flatMap((words, at) => {
      const found = likeness(wanted, words, holders, names.length);
      return found ? [{ at, ...found }] : [];
    })
    .sort(
      (a, b) =>
        b.whole - a.whole ||
        b.score - a.score ||
        (world.productFacts[b.at]?.worldTradeUsd ?? 0) - (world.productFacts[a.at]?.worldTradeUsd ?? 0) ||
        a.at - b.at,
    )
    .map(({ at }) => at);
}

/**
 * How well a name answers the question: the words of it that the name has whole, and a score among names with equally many; null when a
 * word begins none of the name's. Each word adds its rarity, ln(1 + N / names with it), less the later in the name it stands (names begin
 * with what the product is, and go on with what is excepted); long names lose a little.
 */
function likeness(
  wanted: readonly string[],
  words: readonly string[],
  holders: ReadonlyMap<string, number>,
  names: number,
): { whole: number; score: number } | null {
  let whole = 0;
  let total = 0;
  for (const word of wanted) {
    let place = words.indexOf(word);
    if (place >= 0) whole++;
    else place = words.findIndex((each) => each.startsWith(word));
    if (place < 0) return null;
    const rarity = Math.log(1 + names / (holders.get(words[place] ?? '') ?? 1));
    total += rarity / (1 + place / 8);
  }
  return { whole, score: total / (1 + words.length / 100) };
}

interface WordIndex {
  /** the words of each name, in order */
  readonly names: readonly (readonly string[])[];
  /** how many names have the word */
  readonly holders: ReadonlyMap<string, number>;
}

/** One index for each world that was opened; it goes when the world goes. */
const indexes = new WeakMap<World, WordIndex>();

function indexOf(world: World): WordIndex {
  const known = indexes.get(world);
  if (known) return known;
  const names = world.productFacts.map(({ name }) => wordsOf(name));
  const holders = new Map<string, number>();
  for (const words of names) for (const word of new Set(words)) holders.set(word, (holders.get(word) ?? 0) + 1);
  const index = { names, holders };
  indexes.set(world, index);
  return index;
}

/** Words without case, accents and English plural endings: "Café-Röstereien, coffees" → cafe, rostereien, coffee. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).map(singular);
}

/** One form for both numbers of an English noun; it need not be a word, as long as both come to the same. */
function singular(word: string): string {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(s|x|z|ch|sh|o)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
}
