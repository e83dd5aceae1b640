import { extensiveCells } from './extensive.ts';
import { intensiveCells } from './intensive.ts';
import { joinBases } from './scoredBasis.ts';
import type { ScoredCells } from './scoredCells.ts';
import type { ScoringInputs } from './scoringInputs.ts';

export interface ScoreSettings {
  /** an intensive cell is an opportunity from this much unrealised value before shrinking, USD */
  readonly floorUsd?: number;
  /** at most this many extensive cells are kept, best first */
  readonly extensiveKept?: number;
}

/**
 * The opportunities of one exporter on both bases, in the default order.
 *
 * The score is the percentile of the opportunity among all cells of the basis, kept or not: `intensiveCells` and `extensiveCells` say what is ranked,
 * `rankOrder` how ties go. Scores of different exporters or bases do not compare.
 *
 * @source METHODS 1.4, 9.6 and 9.9 in its first form; decisions/0014
 */
export function scoreExporter(
  inputs: ScoringInputs,
  exporter: number,
  { floorUsd = 10_000, extensiveKept = 1_000 }: ScoreSettings = {},
): ScoredCells {
  return joinBases({
    intensive: intensiveCells(inputs, exporter, floorUsd),
    extensive: extensiveCells(inputs, exporter, extensiveKept),
  });
}
