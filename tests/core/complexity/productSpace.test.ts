import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { productSpace } from '../../../lib/core/complexity/productSpace.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { anyPresence } from './definitions.ts';
import { grid } from './fiveBySix.ts';

/** A chain 0–1–2–3, a chord 0–2 that the tree does without, and 4 on its own. */
const phi = grid(
  [0, 0.9, 0.6, 0.1, 0],
  [0.9, 0, 0.8, 0.2, 0],
  [0.6, 0.8, 0, 0.7, 0],
  [0.1, 0.2, 0.7, 0, 0],
  [0, 0, 0, 0, 0],
);
const tree = [
  { from: 0, to: 1, proximity: 0.9, tree: true },
  { from: 1, to: 2, proximity: 0.8, tree: true },
  { from: 2, to: 3, proximity: 0.7, tree: true },
];
const chord = { from: 0, to: 2, proximity: 0.6, tree: false };

describe('productSpace', () => {
  test('is the maximum spanning tree when nothing else is asked for', () => {
    expect(productSpace(phi, { strongest: 0 })).toEqual(tree);
  });

  test('adds the strongest links of each product', () => {
    expect(productSpace(phi, { strongest: 2 })).toEqual([
      ...tree,
      chord,
      { from: 1, to: 3, proximity: 0.2, tree: false }, // the second strongest of product 3
    ]);
  });

  test('shows five links of each product unless told', () => {
    // one centre that everybody is close to, all other pairs equally far: the earlier products are taken first
    const n = 8;
    const star = grid(
      ...Array.from({ length: n }, (_, p) =>
        Array.from({ length: n }, (_, q) => (p === q ? 0 : p === 0 || q === 0 ? 0.9 : 0.1)),
      ),
    );
    const ofProduct = (edges: ReturnType<typeof productSpace>, p: number) =>
      edges.filter(({ from, to }) => from === p || to === p).length;
    expect(ofProduct(productSpace(star), 1)).toBe(7); // everybody's link to an early product
    expect(ofProduct(productSpace(star), 7)).toBe(5);
    expect(ofProduct(productSpace(star, { strongest: 3 }), 7)).toBe(3);
  });

  test('adds every link above a proximity', () => {
    expect(productSpace(phi, { strongest: 0, atLeast: 0.55 })).toEqual([...tree, chord]);
    expect(productSpace(phi, { strongest: 0, atLeast: 0.6 })).toEqual([...tree, chord]);
    expect(productSpace(phi, { strongest: 0, atLeast: 0.61 })).toEqual(tree);
  });

  test('takes the earlier of equally strong links', () => {
    const equal = grid([0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]);
    expect(productSpace(equal, { strongest: 1 }).map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  test('has a tree as heavy as Kruskal’s, in as many pieces as the links leave', () => {
    fc.assert(
      fc.property(anyPresence, (m) => {
        const { rows: n, data } = proximity(m);
        // Kruskal: strongest first, unless both ends already hang together
        const piece = Array.from({ length: n }, (_, p) => p);
        let weight = 0;
        let links = 0;
        const pairs = piece.flatMap((p) => piece.slice(0, p).map((q) => [p, q] as const));
        for (const [p, q] of pairs.sort((a, b) => data[b[0] * n + b[1]]! - data[a[0] * n + a[1]]!)) {
          if (data[p * n + q] === 0 || piece[p] === piece[q]) continue;
          const [kept, gone] = [piece[p]!, piece[q]!];
          for (let r = 0; r < n; r++) if (piece[r] === gone) piece[r] = kept;
          weight += data[p * n + q]!;
          links++;
        }
        const edges = productSpace(proximity(m)).filter((edge) => edge.tree);
        expect(edges).toHaveLength(links);
        expect(edges.reduce((sum, edge) => sum + edge.proximity, 0)).toBeCloseTo(weight, 12);
      }),
    );
  });

  test('of nothing has no links', () => {
    expect(productSpace(grid())).toEqual([]);
    expect(productSpace(grid([0]))).toEqual([]);
  });
});
