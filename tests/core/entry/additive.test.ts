import { describe, expect, it } from 'vitest';
import { contributions } from '../../../lib/core/entry/additive.ts';
import { binEdges, binner, binOf, withTail } from '../../../lib/core/entry/bins.ts';
import { calibrationCurve, logitsOn, probabilityOf } from '../../../lib/core/entry/calibration.ts';
import { fitAdditive } from '../../../lib/core/entry/fitAdditive.ts';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';

const ones = (length: number) => new Float64Array(length).fill(1);

describe('bins', () => {
  it('have equal weights, and equal values share one', () => {
    const values = Float32Array.of(0, 0, 0, 0, 5, 6, 7, 8);
    expect(binEdges(values, ones(8), 4)).toEqual([0, 6]);
    expect(binEdges(values, ones(8), 8)).toEqual([0, 5, 6, 7]);
    expect([...values].map((value) => binOf([0, 6], value))).toEqual([0, 0, 0, 0, 1, 1, 2, 2]);
    // weights count: the four zeros are a tenth of all
    expect(binEdges(values, Float64Array.of(0.1, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9, 0.9), 2)).toEqual([6]);
    expect(binEdges(Float32Array.of(3, 3, 3), ones(3), 5)).toEqual([]);
    expect(() => binEdges(Float32Array.of(1, Number.NaN), ones(2), 2)).toThrow('value 1 is NaN');
  });

  it('are divided at the top, each further edge leaving half of what is above', () => {
    const values = Float32Array.from({ length: 16 }, (_, n) => n + 1);
    expect(withTail([2, 8], values, 3)).toEqual([2, 8, 13, 15]);
    expect(withTail([2, 8], values, 0)).toEqual([2, 8]);
    // no bin without values: neither above the largest, nor where they are equal
    expect(withTail([2], Float32Array.of(1, 5, 5, 5, 5), 4)).toEqual([2]);
    expect(withTail([], Float32Array.of(1, 2, 3, 4), 1)).toEqual([3]);
    expect(withTail([9], values.slice(0, 4), 4)).toEqual([9]);
  });

  it('are found for whole columns as one by one: over twenty orders of magnitude, below, on and above every edge', () => {
    const random = pseudoRandom(3);
    const values = Float32Array.from({ length: 4_000 }, () => (random() < 0.2 ? 0 : 10 ** (24 * random() - 12)));
    const edges = binEdges(values, ones(values.length), 32);
    const all = Float32Array.from([...values, ...edges, ...edges.map((edge) => edge * 1.0001), -1, 1e30]);
    const binN = new Uint8Array(all.length);
    binner(edges)(all, binN);
    expect([...binN]).toEqual([...all].map((value) => binOf(edges, value)));
    // edges written with fewer digits than a value on them has
    const short = [0.1, 0.3, 1.7];
    const onEdges = Float32Array.from(short);
    binner(short)(onEdges, binN);
    expect([...binN.subarray(0, 3)]).toEqual([0, 1, 2]);
    expect([...onEdges].map((value) => binOf(short, value))).toEqual([0, 1, 2]);
    const counts = new Map<number, number>();
    for (const bin of binN.subarray(0, 4_000)) counts.set(bin, (counts.get(bin) ?? 0) + 1);
    expect(counts.get(0)).toBeGreaterThan(700); // the zeros
    for (const [bin, count] of counts) if (bin > 0) expect(count).toBeLessThan(150);
  });
});

/** Rows of two terms with planted shapes. */
function planted(rows: number, seed: number, binsT = [6, 4]) {
  const random = pseudoRandom(seed);
  const shapes = [
    [-1.5, -1, 0, 0.5, 1, 1],
    [0.8, -0.8, 0.4, -0.4],
  ];
  const binTN = binsT.map((bins) => Uint8Array.from({ length: rows }, () => Math.floor(bins * random())));
  const outcomeN = Uint8Array.from({ length: rows }, (_, n) =>
    random() < probabilityOf(-1 + shapes[0]![binTN[0]![n]!]! + shapes[1]![binTN[1]![n]!]!) ? 1 : 0,
  );
  return { shapes, rows: { binTN, binsT, outcomeN, weightN: ones(rows) } };
}

describe('the additive fit', () => {
  it('finds planted shapes', () => {
    const { shapes, rows } = planted(60_000, 1);
    const fit = fitAdditive(rows, { smoothness: 0, ridge: 1e-6 });
    expect(fit.converged).toBe(true);
    for (const [t, shape] of shapes.entries()) {
      const mean = shape.reduce((sum, effect) => sum + effect, 0) / shape.length;
      for (const [bin, effect] of shape.entries()) expect(fit.effectTB[t]![bin]! - (effect - mean)).toBeCloseTo(0, 0.9);
    }
  });

  it('is where the penalised likelihood has no slope: derivatives by differences of the definition', () => {
    const { rows } = planted(3_000, 2);
    const [smoothness, ridge] = [5, 0.5];
    const weighted = { ...rows, weightN: Float64Array.from(rows.outcomeN, (y) => (y === 1 ? 1 : 3)) };
    const fit = fitAdditive(weighted, { smoothness, ridge, tolerance: 1e-11 });
    expect(fit.converged).toBe(true);
    // effects were shifted to a mean of 0 in the end, which the likelihood does not notice but the ridge does: undo it where the ridge is smallest
    const shift = fit.effectTB.map((effectB) => effectB.reduce((sum, effect) => sum + effect, 0) / effectB.length);
    const effectTB = fit.effectTB.map((effectB, t) => effectB.map((effect) => effect - shift[t]!));
    const intercept = fit.intercept + shift.reduce((sum, each) => sum + each, 0);
    const value = (c: number, f: readonly Float64Array[]) => {
      let sum = 0;
      for (let n = 0; n < weighted.outcomeN.length; n++) {
        const eta = c + f.reduce((total, effectB, t) => total + effectB[weighted.binTN[t]![n]!]!, 0);
        sum += weighted.weightN[n]! * (weighted.outcomeN[n]! * eta - Math.log(1 + Math.exp(eta)));
      }
      for (const effectB of f)
        for (let b = 0; b < effectB.length; b++) {
          sum -= (ridge / 2) * effectB[b]! ** 2;
          if (b > 0) sum -= (smoothness / 2) * (effectB[b]! - effectB[b - 1]!) ** 2;
        }
      return sum;
    };
    const best = value(intercept, effectTB);
    const step = 1e-4;
    expect(Math.abs(value(intercept + step, effectTB) - value(intercept - step, effectTB)) / (2 * step)).toBeLessThan(
      1e-3,
    );
    for (const [t, effectB] of effectTB.entries())
      for (let b = 0; b < effectB.length; b++) {
        const moved = (by: number) =>
          effectTB.map((other, u) => (u === t ? other.map((f, c) => (c === b ? f + by : f)) : other));
        const [up, down] = [value(intercept, moved(step)), value(intercept, moved(-step))];
        expect(Math.abs(up - down) / (2 * step)).toBeLessThan(1e-3);
        expect(Math.max(up, down)).toBeLessThan(best);
      }
  });

  it('does not depend on the order of rows, nor on a row standing once with weight two or twice', () => {
    const { rows } = planted(2_000, 4);
    const fit = fitAdditive(rows);
    const backwards = {
      ...rows,
      binTN: rows.binTN.map((binN) => binN.slice().reverse()),
      outcomeN: rows.outcomeN.slice().reverse(),
    };
    const doubled = {
      ...rows,
      binTN: rows.binTN.map((binN) => Uint8Array.from([...binN, ...binN])),
      outcomeN: Uint8Array.from([...rows.outcomeN, ...rows.outcomeN]),
      weightN: ones(4_000),
    };
    const heavy = fitAdditive({ ...rows, weightN: rows.weightN.map((weight) => 2 * weight) });
    for (const [one, other] of [
      [fit, fitAdditive(backwards)],
      [heavy, fitAdditive(doubled)],
      [fit, fitAdditive(rows, { from: heavy })],
    ] as const)
      for (const [t, effectB] of one.effectTB.entries())
        for (const [b, effect] of effectB.entries()) expect(other.effectTB[t]![b]!).toBeCloseTo(effect, 6);
  });

  it('pulls neighbours together and everything to 0 as told, and refuses when there is nothing to tell apart', () => {
    const { rows } = planted(2_000, 5);
    const spread = (options: Parameters<typeof fitAdditive>[1]) => {
      const [first] = fitAdditive(rows, options).effectTB;
      return Math.max(...first!) - Math.min(...first!);
    };
    expect(spread({ smoothness: 1e6, ridge: 1e-3 })).toBeLessThan(0.02);
    expect(spread({ smoothness: 0, ridge: 1e6 })).toBeLessThan(0.02);
    expect(spread({ smoothness: 0, ridge: 1e-3 })).toBeGreaterThan(1.5);
    expect(() => fitAdditive({ ...rows, outcomeN: new Uint8Array(2_000) })).toThrow('nothing to tell apart');
  });
});

describe('the linear family', () => {
  it('is least squares: means of bins where nothing is pulled, in one step', () => {
    const rows = {
      binTN: [Uint8Array.of(0, 0, 1, 1, 1)],
      binsT: [2],
      outcomeN: Float64Array.of(1, 3, 10, 11, 15),
      weightN: Float64Array.of(1, 1, 1, 1, 2),
    };
    const fit = fitAdditive(rows, { family: 'linear', smoothness: 0, ridge: 1e-9 });
    expect(fit.converged).toBe(true);
    expect(fit.iterations).toBeLessThanOrEqual(2);
    const [[low, high]] = fit.effectTB as [Float64Array];
    expect(fit.intercept + low!).toBeCloseTo(2, 6);
    expect(fit.intercept + high!).toBeCloseTo((10 + 11 + 30) / 4, 6);
  });
});

describe('contributions', () => {
  it('with the intercept they are the score', () => {
    const model = {
      intercept: -2,
      shapes: [
        { term: 'a', edges: [1, 10], effects: [-1, 0, 1] },
        { term: 'b', edges: [], effects: [0.5] },
      ],
    };
    expect(contributions(model, [10, 7])).toEqual([0, 0.5]);
    expect(contributions(model, [10.1, 7])).toEqual([1, 0.5]);
  });
});

describe('calibration', () => {
  const random = pseudoRandom(9);
  const etaN = Float64Array.from({ length: 50_000 }, () => 6 * random() - 5);
  // scores twice too far apart
  const outcomeN = Uint8Array.from(etaN, (eta) => (random() < probabilityOf(eta / 2 - 1) ? 1 : 0));
  const curve = calibrationCurve(etaN, outcomeN, ones(etaN.length));

  it('finds the log-odds that scores stand for', () => {
    for (const eta of [-4, -2, -1, 0, 0.5]) expect(logitsOn(curve)(eta) - (eta / 2 - 1)).toBeCloseTo(0, 0.7);
  });

  it('is a straight line between two knots, and goes on with the slope of the score beyond them', () => {
    const knots = { eta: [-3, -2.999, -1, 4], logit: [-5, -4, -4, 1] };
    const logitOf = logitsOn(knots);
    const slowly = (score: number): number => {
      if (score <= -3) return -5 + score + 3;
      if (score >= 4) return 1 + score - 4;
      const k = knots.eta.findLastIndex((eta) => eta <= score);
      const share = (score - knots.eta[k]!) / (knots.eta[k + 1]! - knots.eta[k]!);
      return knots.logit[k]! + share * (knots.logit[k + 1]! - knots.logit[k]!);
    };
    for (let score = -5; score < 6; score += 0.0007) expect(logitOf(score)).toBeCloseTo(slowly(score), 12);
    for (const [k, eta] of knots.eta.entries()) expect(logitOf(eta)).toBe(knots.logit[k]);
    // a curve of one knot is the score, moved
    expect([-2, 0, 3].map(logitsOn({ eta: [0], logit: [0.5] }))).toEqual([-1.5, 0.5, 3.5]);
    expect(logitOf(Number.NaN)).toBeNaN();
  });

  it('keeps the order: no two scores get one probability', () => {
    let before = Number.NEGATIVE_INFINITY;
    for (let eta = -12; eta < 8; eta += 0.01) {
      const logit = logitsOn(curve)(eta);
      expect(logit).toBeGreaterThan(before);
      before = logit;
    }
  });

  it('adds up to what happened, weights counted', () => {
    const heavy = Float64Array.from(outcomeN, (y) => (y === 1 ? 1 : 4));
    const weighted = calibrationCurve(etaN, outcomeN, heavy);
    let expected = 0;
    for (const [n, eta] of etaN.entries()) expected += heavy[n]! * probabilityOf(logitsOn(weighted)(eta));
    const found = outcomeN.reduce((sum, y) => sum + y, 0);
    expect(expected / found).toBeCloseTo(1, 1.5);
  });
});
