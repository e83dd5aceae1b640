import { decodeArrays, encodeArrays } from '../../core/arrays.ts';
import { pick } from '../../core/pick.ts';
import { CONTRIBUTION_GROUPS } from '../../core/scoring/contributions.ts';
import type { ScoredCells } from '../../core/scoring/scoredCells.ts';

/** What makes the scores of one importer's cells, or of those of them that lie on one page. */
export interface ContributionBlock {
  readonly group: string;
  readonly productN: Uint16Array;
  /** cells × CONTRIBUTION_GROUPS, log-odds of an empty cell, log points of an existing one; single precision */
  readonly contributionNG: Float32Array;
}

interface Meta {
  readonly pages: number;
  readonly groups: readonly (readonly [string, number])[];
}

/** Packs what makes the scores of cells into one page; the parameters are those of `encodeCells`. */
export function encodeContributions(
  cells: ScoredCells,
  rows: Uint32Array,
  groups: readonly { readonly code: string; readonly count: number }[],
  pages: number,
): Uint8Array {
  const width = CONTRIBUTION_GROUPS.length;
  const contributionNG = new Float32Array(rows.length * width);
  for (let n = 0; n < rows.length; n++) {
    const row = rows[n] ?? 0;
    contributionNG.set(cells.contributionNG.subarray(row * width, (row + 1) * width), n * width);
  }
  const meta: Meta = { pages, groups: groups.map(({ code, count }) => [code, count] as const) };
  return encodeArrays(meta, {
    contributionNG,
    productN: pick(cells.productN, rows, new Uint16Array(rows.length)),
  });
}

/** The inverse: blocks are views on the page. */
export function decodeContributions(body: Uint8Array): { pages: number; blocks: readonly ContributionBlock[] } {
  const { meta, arrays } = decodeArrays<Meta, 'contributionNG' | 'productN'>(body);
  const width = CONTRIBUTION_GROUPS.length;
  let n = 0;
  const blocks = meta.groups.map(([group, count]) => {
    const block = {
      group,
      productN: (arrays.productN as Uint16Array).subarray(n, n + count),
      contributionNG: (arrays.contributionNG as Float32Array).subarray(n * width, (n + count) * width),
    };
    n += count;
    return block;
  });
  return { pages: meta.pages, blocks };
}
