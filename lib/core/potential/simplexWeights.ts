/** A step that promises to lower the objective by less than this share of Σ v is rounding. */
const ENOUGH = 1e-15;
const MAX_STEPS = 100;
const HALVINGS = 40;

export interface SimplexFit {
  /** one per model, ≥ 0, sum 1 */
  readonly weightM: Float64Array;
  /** Poisson deviance at these weights, and of each model alone; each with the scale that suits it best. Unit of the values */
  readonly deviance: number;
  readonly devianceM: Float64Array;
}

/**
 * The weights with which a weighted geometric mean of models describes values best, up to a scale:
 *
 *     P[n] = s · exp(Σ_m w[m] x[n,m]),   w ≥ 0,  Σ w = 1
 *     minimise the Poisson deviance  2 Σ_n v ln(v / P) - v + P
 *
 * With the best scale, s = Σ v / Σ exp(x w), what is left is Σ v · ln Σ exp(x w) - Σ v x w: convex in w, so there is one minimum. Newton steps, each to
 * the lowest point of the quadratic model on the simplex, found by looking at all of its faces; halved while the objective rises.
 *
 * @param valueN v ≥ 0, not all 0
 * @param logNM ln of each model by value, row-major, values × models; finite
 */
export function simplexWeights(valueN: Float64Array, logNM: Float64Array, models: number): SimplexFit {
  // logarithms around their mean weighted by v: then Σ v x w is 0 for every w
  const total = valueN.reduce((sum, value) => sum + value, 0);
  const meanM = new Float64Array(models);
  for (let n = 0, at = 0; n < valueN.length; n++)
    for (let m = 0; m < models; m++, at++) meanM[m]! += valueN[n]! * logNM[at]!;
  for (let m = 0; m < models; m++) meanM[m]! /= total;

  /** ln Σ exp(x w), and the mean and covariance of x under weights exp(x w) */
  const moments = (weightM: ArrayLike<number>) => {
    let sum = 0;
    const first = new Float64Array(models);
    const second = new Float64Array(models * models);
    const x = new Float64Array(models);
    for (let n = 0; n < valueN.length; n++) {
      let log = 0;
      for (let m = 0; m < models; m++) {
        x[m] = logNM[n * models + m]! - meanM[m]!;
        log += weightM[m]! * x[m]!;
      }
      const e = Math.exp(log);
      sum += e;
      for (let m = 0; m < models; m++) {
        first[m]! += e * x[m]!;
        for (let l = 0; l <= m; l++) second[m * models + l]! += e * x[m]! * x[l]!;
      }
    }
    for (let m = 0; m < models; m++) first[m]! /= sum;
    for (let m = 0; m < models; m++)
      for (let l = 0; l <= m; l++) {
        const covariance = second[m * models + l]! / sum - first[m]! * first[l]!;
        second[m * models + l] = covariance;
        second[l * models + m] = covariance;
      }
    return { objective: Math.log(sum), gradient: first, curvature: second };
  };

  // from the best single model
  const corners = Array.from({ length: models }, (_, m) => moments(unit(models, m)));
  const best = corners.reduce((least, { objective }, m) => (objective < corners[least]!.objective ? m : least), 0);
  let weightM = unit(models, best);
  let here = corners[best]!;
  for (let step = 0; step < MAX_STEPS; step++) {
    const { to, change } = lowestOnSimplex(here, weightM);
    if (!(-change > ENOUGH)) break;
    let length = 1;
    let taken = false;
    for (let halving = 0; halving < HALVINGS && !taken; halving++, length /= 2) {
      const next = weightM.map((weight, m) => weight + length * (to[m]! - weight));
      const there = moments(next);
      taken = there.objective < here.objective;
      if (!taken) continue;
      weightM = next;
      here = there;
    }
    if (!taken) break;
  }

  let logs = 0;
  for (const value of valueN) if (value > 0) logs += value * Math.log(value / total);
  const deviance = (objective: number) => Math.max(0, 2 * (logs + total * objective));
  return {
    weightM,
    deviance: deviance(here.objective),
    devianceM: Float64Array.from(corners, ({ objective }) => deviance(objective)),
  };
}

function unit(models: number, of: number): Float64Array {
  const weightM = new Float64Array(models);
  weightM[of] = 1;
  return weightM;
}

/** The lowest point of g (u - w) + (u - w)' H (u - w) / 2 on the simplex, and how much lower than at w it is. */
function lowestOnSimplex(
  { gradient, curvature }: { gradient: Float64Array; curvature: Float64Array },
  weightM: Float64Array,
): { to: Float64Array; change: number } {
  const models = weightM.length;
  let lowest = { to: weightM, change: 0 };
  for (let face = 1; face < 1 << models; face++) {
    const free = Array.from(weightM.keys()).filter((m) => face & (1 << m));
    // H u - λ = H w - g on the face, and u sums to 1
    const size = free.length + 1;
    const rows = free.map((m) => [
      ...free.map((l) => curvature[m * models + l]!),
      -1,
      weightM.reduce((sum, weight, l) => sum + curvature[m * models + l]! * weight, 0) - gradient[m]!,
    ]);
    rows.push([...free.map(() => 1), 0, 1]);
    const solution = solved(rows, size);
    if (!solution || free.some((_, at) => !(solution[at]! >= 0))) continue;
    const to = new Float64Array(models);
    for (const [at, m] of free.entries()) to[m] = solution[at]!;
    let change = 0;
    for (let m = 0; m < models; m++) {
      const d = to[m]! - weightM[m]!;
      change += gradient[m]! * d;
      for (let l = 0; l < models; l++) change += (d * curvature[m * models + l]! * (to[l]! - weightM[l]!)) / 2;
    }
    if (change < lowest.change) lowest = { to, change };
  }
  return lowest;
}

/** Gauss's elimination with the largest pivot; null when singular. The last column is the right-hand side. */
function solved(rows: number[][], size: number): number[] | null {
  const scale = Math.max(...rows.flat().map(Math.abs));
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let r = column; r < size; r++) if (Math.abs(rows[r]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = r;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const own = rows[column]!;
    if (!(Math.abs(own[column]!) > 1e-14 * scale)) return null;
    for (let r = 0; r < size; r++) {
      if (r === column) continue;
      const times = rows[r]![column]! / own[column]!;
      for (let c = column; c <= size; c++) rows[r]![c]! -= times * own[c]!;
    }
  }
  return rows.map((row, r) => row[size]! / row[r]!);
}
