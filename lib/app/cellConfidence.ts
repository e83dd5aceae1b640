import { agreementOf, type Confidence, confidence } from '../core/scoring/confidence.ts';
import type { CellBlock } from './layout/cells.ts';

/** What confidence takes from the run; the same for all of its cells. */
export interface RunEvidence {
  /** years of data that the run averages */
  readonly years: number;
  /** 0.9 per year between the latest data and the publication */
  readonly recency: number;
}

export const runEvidence = (years: readonly number[], publishedAt: string): RunEvidence => ({
  years: years.length,
  recency: 0.9 ** Math.max(0, new Date(publishedAt).getUTCFullYear() - Math.max(...years)),
});

/**
 * How far a potential can be relied on, from what the pages hold: the one function behind lists, cards, alerts and the lake, so that they agree.
 *
 * @param markets how many importers the exporter sells the product to
 * @param agreement byte of `agreementByte`
 */
export const cellConfidence = (
  { years, recency }: RunEvidence,
  markets: number,
  agreement: number,
  isEstimate: boolean,
): Confidence =>
  confidence({
    mirror: null,
    support: supportOf(markets * years),
    agreement: agreementOf(agreement),
    estimate: isEstimate ? 1 : 0,
    recency,
  });

/** Confidence of cell n of a block: an opportunity has a potential exactly where some model estimates it. */
export const confidenceAt = (run: RunEvidence, { context, productN, agreementI, gapI }: CellBlock, n: number) =>
  cellConfidence(
    run,
    context.marketsP[productN[n] ?? 0] ?? 0,
    agreementI[n] ?? 0,
    Number.isFinite(gapI[n] ?? Number.NaN),
  );

/** n / (n + 10). */
const supportOf = (observations: number) => observations / (observations + 10);
