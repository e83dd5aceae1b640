import { isotonicFit } from './isotonic.ts';

/** Knots of a rising curve from a score to the log-odds of a probability. Survives JSON. */
export interface Curve {
  readonly eta: readonly number[];
  readonly logit: readonly number[];
}

/** Cells are joined into groups with this many positives at least, before anything is fitted. */
const POSITIVES = 40;

/**
 * How scores turn into probabilities: isotonic regression of outcomes on scores, drawn through its steps.
 *
 * Cells are taken in the order of their scores, in groups of about equal numbers of positives. The means of groups become rising by pooling
 * adjacent violators; steps that differ are knots at their mean score. Between knots the log-odds are a straight line, beyond them they go on with the
 * slope of the score, so that no two scores get one probability.
 *
 * @param etaN scores that were found without the cell's own outcome
 * @param weightN > 0
 */
export function calibrationCurve(etaN: Float64Array, outcomeN: Uint8Array, weightN: Float64Array): Curve {
  const order = Uint32Array.from(etaN.keys()).sort((a, b) => etaN[a]! - etaN[b]!);
  const positives = outcomeN.reduce((sum, y) => sum + y, 0);
  const groups = Math.max(1, Math.min(200, Math.floor(positives / POSITIVES)));
  const sums = Array.from({ length: groups }, () => ({ eta: 0, weight: 0, found: 0 }));
  let seen = 0;
  for (const n of order) {
    const group = sums[Math.min(groups - 1, Math.floor((seen * groups) / Math.max(1, positives)))]!;
    group.eta += weightN[n]! * etaN[n]!;
    group.weight += weightN[n]!;
    group.found += weightN[n]! * outcomeN[n]!;
    seen += outcomeN[n]!;
  }
  const used = sums.filter(({ weight, found }) => found > 0 && found < weight);
  if (used.length === 0) return { eta: [0], logit: [0] };

  // rising means, and the mean score of every step
  const place = Float64Array.from(used, (_, g) => g);
  const { from, value } = isotonicFit(
    place,
    used.map(({ found, weight }) => found / weight),
    used.map(({ weight }) => weight),
  );
  const knots = from.map((first, step) => {
    const members = used.slice(first, from[step + 1] ?? used.length);
    const weight = members.reduce((sum, each) => sum + each.weight, 0);
    return {
      eta: members.reduce((sum, each) => sum + each.eta, 0) / weight,
      logit: Math.log(value[step]!) - Math.log1p(-value[step]!),
    };
  });
  return { eta: knots.map(({ eta }) => eta), logit: knots.map(({ logit }) => logit) };
}

/** So many places between the first and the last knot say where to begin to look. */
const PLACES = 1024;

/**
 * The log-odds at scores: on a straight line between two knots, beyond them with the slope of the score.
 *
 * @returns a function of the score
 */
export function logitsOn({ eta, logit }: Curve): (score: number) => number {
  const last = eta.length - 1;
  const [knotK, logitK] = [Float64Array.from(eta), Float64Array.from(logit)];
  const [first, end] = [knotK[0]!, knotK[last]!];
  const perScore = PLACES / (end - first);
  // the last knot that is not above any score of the place
  const knotOf = new Uint8Array(PLACES + 1);
  for (let place = 1; place <= PLACES; place++) {
    let knot = knotOf[place - 1]!;
    while (knot + 1 < last && (knotK[knot + 1]! - first) * perScore < place - 1) knot++;
    knotOf[place] = knot;
  }
  return (score) => {
    if (score <= first) return logitK[0]! + score - first;
    if (score >= end) return logitK[last]! + score - end;
    let low = knotOf[((score - first) * perScore) | 0]!;
    while (knotK[low + 1]! <= score) low++;
    const share = (score - knotK[low]!) / (knotK[low + 1]! - knotK[low]!);
    return logitK[low]! * (1 - share) + logitK[low + 1]! * share;
  };
}

export const probabilityOf = (logit: number): number => 1 / (1 + Math.exp(-logit));
