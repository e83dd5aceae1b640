import { binOf, type Edges } from './bins.ts';

/** What one term adds to the score, bin by bin. Survives JSON. */
export interface Shape {
  readonly term: string;
  readonly edges: Edges;
  /** one more than edges; log-odds */
  readonly effects: readonly number[];
}

/**
 * A score that is a sum of what each term adds:
 *
 *     eta = intercept + Σ_t f_t(x_t),    f_t constant within bins
 */
export interface Additive {
  readonly intercept: number;
  readonly shapes: readonly Shape[];
}

/** What each term adds for one cell, in the order of the shapes; with the intercept they sum to the score. */
export const contributions = ({ shapes }: Additive, valueT: ArrayLike<number>): number[] =>
  shapes.map(({ edges, effects }, t) => effects[binOf(edges, valueT[t]!)]!);
