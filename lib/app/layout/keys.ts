import type { Axis } from '../../core/labels.ts';

/** Where the pages of a slot lie (lib/README.md, Where things are stored). */
export const exporterPartition = (slot: number, exporter: string) => `s${slot}#exporter#${exporter}`;
export const importerPartition = (slot: number, importer: string) => `s${slot}#importer#${importer}`;
export const worldPartition = (slot: number) => `s${slot}#world`;

/** `kind#0007`: the eighth page of a kind that has no groups. */
export const numbered = (kind: string, sequence: number) => `${kind}#${String(sequence).padStart(4, '0')}`;

/** `kind#code#0007`: the eighth page of a group. */
export const grouped = (kind: string, code: string, sequence: number) => numbered(`${kind}#${code}`, sequence);

/** The HS2 chapter that a product belongs to. */
export const chapterOf = (product: string) => product.slice(0, 2);

/** The chapters of a product axis as stretches of it: chapter c has the positions first[c] … first[c + 1] − 1. */
export function chaptersOf(products: Axis): { readonly codes: readonly string[]; readonly first: Uint32Array } {
  const codes: string[] = [];
  const first: number[] = [];
  for (const [position, product] of products.codes.entries()) {
    const chapter = chapterOf(product);
    if (chapter === codes.at(-1)) continue;
    codes.push(chapter);
    first.push(position);
  }
  return { codes, first: Uint32Array.of(...first, products.codes.length) };
}
