import { type Absorbed, absorb, type EffectCoefficients, noEffects } from './absorbed.ts';
import { ROW } from './drops.ts';
import { type Factor, restrict } from './factor.ts';
import type { Model } from './model.ts';

/** A regressor while it is being fitted: centred, scaled to standard deviation one, and partialled out step by step. */
export interface PanelColumn {
  /** position in the model's list of columns */
  readonly at: number;
  readonly name: string;
  readonly mean: number;
  /** 0 for a column without variation */
  readonly sd: number;
  /** Σ w |x| |y|, what the first-order condition of the regressor is measured against; sd Σ w |y| where that is zero */
  readonly onY: number;
  /** (x - mean) / sd, less what has been partialled out so far */
  readonly restN: Float64Array;
  /** what has been partialled out so far: restN = (x - mean) / sd - D θ */
  readonly taken: EffectCoefficients;
}

/** The used rows of a model, in the order that the absorbed effects ask for. */
export interface Panel {
  readonly n: number;
  /** row of the model that stands at position n */
  readonly rowN: Uint32Array;
  readonly yN: Float64Array;
  readonly offsetN: Float64Array | null;
  readonly weightN: Float64Array | null;
  readonly columns: readonly PanelColumn[];
  /** the model's effects, all rows of them: read them through rowN */
  readonly effects: readonly Factor[];
  readonly absorbed: Absorbed;
}

/** The effects of a model; the constant, one level that every row is in, where it has none. */
export const effectsOf = ({ effects, yN }: Model): readonly Factor[] =>
  effects.length > 0 ? effects : [{ name: '(constant)', codeN: new Uint32Array(yN.length), levels: ['all'] }];

/** Lays out the used rows of a model; null when there are none. */
export function panelOf(model: Model, status: Uint8Array): Panel | null {
  const used = usedRows(status);
  if (used.length === 0) return null;
  const effects = effectsOf(model);
  const { absorbed, rowN: positionN } = absorb(effects.map((effect) => restrict(effect, used)));
  const rowN = pick(used, positionN);
  const yN = pick(model.yN, rowN);
  const weightN = model.weightN ? pick(model.weightN, rowN) : null;
  const columns = model.columns.map(({ name, valueN }, at) => {
    const restN = pick(valueN, rowN);
    const onY = sizeOnY(restN, yN, weightN);
    const { mean, sd } = standardise(restN);
    return {
      at,
      name,
      mean,
      sd,
      onY: onY > 0 ? onY : sd * sizeOnY(null, yN, weightN),
      restN,
      taken: noEffects(absorbed),
    };
  });
  const offsetN = model.offsetN ? pick(model.offsetN, rowN) : null;
  return { n: rowN.length, rowN, yN, offsetN, weightN, columns, effects, absorbed };
}

function usedRows(status: Uint8Array): Uint32Array {
  let count = 0;
  for (let row = 0; row < status.length; row++) if (status[row] === ROW.used) count++;
  const used = new Uint32Array(count);
  count = 0;
  for (let row = 0; row < status.length; row++) if (status[row] === ROW.used) used[count++] = row;
  return used;
}

/** The entries of a column at the given rows. */
export function pick<Column extends Float64Array | Uint32Array>(column: Column, rowN: Uint32Array): Column {
  const picked = new (column.constructor as new (length: number) => Column)(rowN.length);
  for (let n = 0; n < rowN.length; n++) picked[n] = column[rowN[n]!]!;
  return picked;
}

/** Σ w |x| |y|; without x, Σ w |y| */
function sizeOnY(xN: Float64Array | null, yN: Float64Array, weightN: Float64Array | null): number {
  let sum = 0;
  for (let n = 0; n < yN.length; n++) sum += Math.abs((xN?.[n] ?? 1) * yN[n]!) * (weightN?.[n] ?? 1);
  return sum;
}

/** Centres and scales a column in place, to zeros where it varies by no more than rounding. */
function standardise(xN: Float64Array): { mean: number; sd: number } {
  const n = xN.length;
  let sum = 0;
  let largest = 0;
  for (let at = 0; at < n; at++) {
    sum += xN[at]!;
    largest = Math.max(largest, Math.abs(xN[at]!));
  }
  const mean = sum / n;
  let squares = 0;
  for (let at = 0; at < n; at++) squares += (xN[at]! - mean) ** 2;
  const spread = Math.sqrt(squares / n);
  const sd = spread > 1e-13 * largest ? spread : 0;
  for (let at = 0; at < n; at++) xN[at] = sd > 0 ? (xN[at]! - mean) / sd : 0;
  return { mean, sd };
}
