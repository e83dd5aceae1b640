import { addEffects, type EffectCoefficients, noEffects } from './absorbed.ts';
import { demean } from './demean.ts';
import { crossProducts, dot, inverseOf } from './gram.ts';
import type { Panel, PanelColumn } from './panel.ts';
import { weighted } from './reduced.ts';

/** A column that is a combination of the effects and of columns before it, and that combination. */
export interface Collinear {
  readonly column: PanelColumn;
  /** standardised column = Σ ofK[k].times × standardised kept column + effects, up to the threshold */
  readonly ofK: readonly { readonly column: PanelColumn; readonly times: number }[];
  readonly effects: EffectCoefficients;
}

/** A column counts as collinear when what the others leave of it is below this share of its own standard deviation. */
const LEAST_OWN = 1e-6;
/** Partialling out this roughly tells most columns apart, when this much more of them is left … */
const ROUGH = 0.03;
const PLENTY = 0.3;
/** … and this finely decides the rest. */
const FINE = 1e-11;

/**
 * Finds the columns that the effects and the columns before them leave nothing of; the others are kept, in the given order, so that
 * the first named of two equal regressors stays (decision 0016). Row weights of the model only: whether columns depend on each other
 * does not hang on any positive weights, but how well it shows does.
 *
 * Works on the panel's columns in place: on return they are partialled out at least roughly, which the fit starts from.
 */
export function collinear(panel: Panel): { kept: PanelColumn[]; dropped: Collinear[] } {
  const weightN = panel.weightN ?? new Float64Array(panel.n).fill(1);
  const weights = weighted(panel.absorbed, weightN);
  const step = noEffects(panel.absorbed);
  const partialOut = (absolute: number) => {
    for (const { sd, restN, taken } of panel.columns) {
      if (sd === 0) continue;
      demean(panel.absorbed, weights, restN, step, { absolute, relative: 0 });
      addEffects(taken, 1, step);
    }
  };
  partialOut(ROUGH);
  if (leavesPlenty(panel, weightN)) return { kept: [...panel.columns], dropped: [] };
  partialOut(FINE);
  return inOrder(panel, weightN, LEAST_OWN);
}

/** Whether no column is anywhere near a combination of the effects and the other columns. */
function leavesPlenty({ columns }: Panel, weightN: Float64Array): boolean {
  const products = crossProducts(
    columns.map(({ restN }) => restN),
    weightN,
  );
  const total = weightN.reduce((sum, weight) => sum + weight, 0);
  if (columns.some(({ sd }, k) => sd === 0 || products.data[k * columns.length + k]! < PLENTY ** 2 * total))
    return false;
  return (inverseOf(products)?.smallestPivot ?? 0) >= PLENTY ** 2;
}

/** Gram-Schmidt in the given order: a column of which less than `least` (root mean square) is left is dropped. */
function inOrder(panel: Panel, weightN: Float64Array, least: number): { kept: PanelColumn[]; dropped: Collinear[] } {
  const totalWeight = weightN.reduce((sum, weight) => sum + weight, 0);
  const kept: PanelColumn[] = [];
  const dropped: Collinear[] = [];
  // own part of each kept column, and that part as a combination of the kept columns
  const basis: { ownN: Float64Array; squares: number; ofK: Float64Array }[] = [];
  for (const column of panel.columns) {
    const ownN = column.restN.slice();
    const ofK = new Float64Array(kept.length + 1);
    ofK[kept.length] = 1;
    for (
      let pass = 0;
      pass < 2;
      pass++ // the second pass removes what rounding left in the first
    )
      for (const before of basis) {
        const share = dot(ownN, before.ownN, weightN) / before.squares;
        for (let n = 0; n < ownN.length; n++) ownN[n]! -= share * before.ownN[n]!;
        for (let k = 0; k < before.ofK.length; k++) ofK[k]! -= share * before.ofK[k]!;
      }
    const squares = dot(ownN, ownN, weightN);
    if (column.sd > 0 && Math.sqrt(squares / totalWeight) >= least) {
      kept.push(column);
      basis.push({ ownN, squares, ofK });
    } else dropped.push(combination(panel, column, kept, ofK));
  }
  return { kept, dropped };
}

/** `column` + Σ ofK[k] `kept` column k has only effects left: written as what `column` is equal to. */
function combination(panel: Panel, column: PanelColumn, kept: readonly PanelColumn[], ofK: Float64Array): Collinear {
  const effects = noEffects(panel.absorbed);
  addEffects(effects, 1, column.taken);
  const terms = kept.map((other, k) => ({ column: other, times: -ofK[k]! })).filter(({ times }) => times !== 0);
  for (const { column: other, times } of terms) addEffects(effects, -times, other.taken);
  return { column, ofK: terms, effects };
}
