import { normal, stream } from '../random.ts';
import { normalCdf } from '../scoring/normalCdf.ts';

/** Cells that are drawn one by one, and how often; the others together are as good as normal. */
const DRAWN_CELLS = 128;
const DRAWS = 400;

/** What of the raw unrealised value of an aggregate noise alone explains; USD. */
export interface NetOfNoise {
  /** Σ max(P - v, 0) */
  readonly raw: number;
  /** the same as noise alone would have it, on average */
  readonly expected: number;
  /** raw - expected, and where it lies with 95 % if there is nothing but noise around `expected`: [raw - q.975, raw - q.025] */
  readonly excess: number;
  readonly interval: readonly [number, number];
}

/** The cells of an aggregate, columnar. */
export interface NoisyCells {
  readonly potentialN: ArrayLike<number>;
  readonly actualN: ArrayLike<number>;
  readonly sdN: ArrayLike<number>;
  readonly kappaN: ArrayLike<number>;
}

/**
 * What a cell misses of its potential by noise alone, when v = P η with η lognormal of mean 1:
 *
 *     E max(P - P η, 0)  = P (2 Φ(s/2) - 1)
 *     E max(P - P η, 0)² = P² (Φ(s/2) - 2 Φ(-s/2) + exp(s²) Φ(-3s/2))
 *
 * @param sd s, standard deviation of ln η, ≥ 0
 * @returns both, for P = 1
 */
export function missedByNoise(sd: number): { mean: number; square: number } {
  const half = normalCdf(sd / 2);
  // exp(s²) Φ(-3s/2) for s of 10 and more is exp(-s²/8) and less
  const third = sd > 8 ? 0 : Math.exp(sd * sd) * normalCdf((-3 * sd) / 2);
  return { mean: 2 * half - 1, square: half - 2 * (1 - half) + third };
}

/**
 * The scatter that is left around a fit, of a cell that makes up the share h of its own totals: squared coefficients of variation scale by 1 - h.
 *
 * @param sd of ln η around the truth
 * @param leverage h in [0, 1]
 */
export function residualSd(sd: number, leverage: number): number {
  return Math.sqrt(Math.log1p(Math.expm1(sd * sd) * Math.max(0, 1 - leverage)));
}

/**
 * The unrealised value of an aggregate net of noise. Under pure noise half of the cells lie below their potential, so Σ max(P - v, 0) is positive by
 * construction; what it exceeds its expectation by is the finding.
 *
 *     excess = Σ max(P - v, 0) - Σ κ E max(P - P η, 0) ,   E exact per cell (`missedByNoise`)
 *
 * The interval is simulated: the cells of the largest variance are drawn one by one, the sum of the others is normal with their exact mean and
 * variance. Cells count as independent. Totals that the fit keeps tie them together, which makes the true scatter of a sum smaller: the interval is wide
 * rather than narrow (test: a noise-only world).
 *
 * @param cells P > 0 and v, USD; s of what noise leaves around the fit (`residualSd`); κ of the world (noiseCalibration.ts)
 * @param seed the same seed, the same interval
 * @source METHODS 9.6; decisions/0085
 */
export function netOfNoise({ potentialN, actualN, sdN, kappaN }: NoisyCells, seed: number): NetOfNoise {
  // exactly, cell by cell
  const cells = potentialN.length;
  const meanN = new Float64Array(cells);
  const varianceN = new Float64Array(cells);
  let raw = 0;
  let expected = 0;
  for (let n = 0; n < cells; n++) {
    const { mean, square } = missedByNoise(sdN[n]!);
    const unit = kappaN[n]! * potentialN[n]!;
    raw += Math.max(potentialN[n]! - actualN[n]!, 0);
    meanN[n] = unit * mean;
    expected += meanN[n]!;
    varianceN[n] = unit ** 2 * Math.max(0, square - mean * mean);
  }

  // the largest one by one, the others as a normal
  const largest = largestFirst(varianceN, DRAWN_CELLS);
  let rest = varianceN.reduce((sum, variance) => sum + variance, 0);
  let restMean = expected;
  for (const n of largest) {
    rest -= varianceN[n]!;
    restMean -= meanN[n]!;
  }
  const restSd = Math.sqrt(Math.max(0, rest));
  const draws = stream(seed, 'noise baseline');
  const sums = Float64Array.from({ length: DRAWS }, (_, draw) => {
    let sum = restMean + restSd * normal(draws, draw * (DRAWN_CELLS + 1));
    for (const [k, n] of largest.entries()) {
      const s = sdN[n]!;
      const eta = Math.exp(s * normal(draws, draw * (DRAWN_CELLS + 1) + k + 1) - (s * s) / 2);
      sum += kappaN[n]! * potentialN[n]! * Math.max(1 - eta, 0);
    }
    return sum;
  }).sort();
  const at = (share: number) => sums[Math.min(DRAWS - 1, Math.floor(share * DRAWS))]!;
  return { raw, expected, excess: raw - expected, interval: [raw - at(0.975), raw - at(0.025)] };
}

/** The positions of the largest values that are not 0; the earlier ones among equals. */
function largestFirst(valueN: Float64Array, kept: number): number[] {
  const positive = Array.from(valueN.keys()).filter((n) => valueN[n]! > 0);
  if (positive.length <= kept) return positive;
  const threshold = Float64Array.from(positive, (n) => valueN[n]!).sort()[positive.length - kept]!;
  const above = positive.filter((n) => valueN[n]! > threshold);
  return [...above, ...positive.filter((n) => valueN[n] === threshold).slice(0, kept - above.length)];
}
