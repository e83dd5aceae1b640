import { kernel, paddedLength } from './kernel.ts';

/**
 * Steps remembered. Measured on the worlds of tests/bench/threeWay.ts: 6 need half as many sweeps again, 20 save none.
 */
const DEPTH = 12;
/** Added to the diagonal of the scaled normal equations, whose unknowns are often all but dependent. */
const RIDGE = 1e-10;

/**
 * Accelerates a fixed-point iteration on positive factors: Anderson mixing on their logarithms, in the norm whose weights are the margins
 * (in which the likelihood's curvature is about the identity, so that small margins can't outvote large ones).
 *
 *     x⁺ = g(x_n) − Σ_u γ_u Δg_u ,   γ minimises Σ_n w_n (f(x_n) − Σ_u γ_u Δf_u)² ,   f = g(x) − x
 *
 * @param weightN w, one per factor
 * @source Anderson (1965), J. ACM 12:547; Walker and Ni (2011), SIAM J. Numer. Anal. 49:1715
 */
export interface Anderson {
  /**
   * Moves the factors on from where a plain step has left them.
   *
   * @param driftN f: by how much the plain step raised their logarithms
   * @param factorN the factors after the plain step; changed in place
   * @returns false when there is nothing to go by yet, and nothing has changed
   */
  extrapolate(driftN: Float64Array, factorN: Float64Array): boolean;
  /** The factors have been moved by something else: what is remembered stays good, but no difference spans that move. */
  interrupt(): void;
  /** Forgets everything. */
  forget(): void;
}

export function anderson(weightN: Float64Array): Anderson {
  const length = weightN.length;
  const padded = paddedLength(length);
  const { f64, dot, axpy } = kernel(
    { driftHistory: DEPTH * padded, stepHistory: DEPTH * padded, weighted: padded, step: padded },
    {},
  );
  const { driftHistory, stepHistory, weighted, step } = f64;
  const bytes = padded * 8;
  const slot = (history: Float64Array, u: number) => history.byteOffset + u * bytes;

  const driftBefore = new Float64Array(length);
  const projectionBefore = new Float64Array(DEPTH);
  const gram = new Float64Array(DEPTH * DEPTH);
  const projection = new Float64Array(DEPTH);
  let used = 0;
  let next = 0;
  let continuous = false;

  /** ⟨Δf_u, f⟩ for every step remembered. */
  const project = (driftN: Float64Array) => {
    for (let n = 0; n < length; n++) weighted[n] = weightN[n]! * driftN[n]!;
    for (let u = 0; u < used; u++) {
      const x = slot(driftHistory, u);
      projection[u] = dot(x, x + bytes, weighted.byteOffset);
    }
  };

  /** Replaces the oldest step by the last: Δf = f − f before, Δg = Δx + Δf; the new inner products are differences of projections. */
  const remember = (driftN: Float64Array) => {
    const u = next;
    const at = u * padded;
    for (let n = 0; n < length; n++) {
      const change = driftN[n]! - driftBefore[n]!;
      driftHistory[at + n] = change;
      stepHistory[at + n] = step[n]! + change;
    }
    next = (next + 1) % DEPTH;
    used = Math.max(used, u + 1);
    project(driftN);
    for (let v = 0; v < used; v++) {
      if (v !== u) gram[u * DEPTH + v] = gram[v * DEPTH + u] = projection[v]! - projectionBefore[v]!;
    }
    const x = slot(driftHistory, u);
    for (let n = 0; n < length; n++) weighted[n] = weightN[n]! * driftHistory[at + n]!;
    gram[u * DEPTH + u] = dot(x, x + bytes, weighted.byteOffset);
  };

  return {
    extrapolate(driftN, factorN) {
      if (continuous) remember(driftN);
      else project(driftN);
      driftBefore.set(driftN);
      projectionBefore.set(projection);
      continuous = true;
      if (used === 0) {
        step.set(driftN);
        return false;
      }
      const gammaU = mixingWeights(gram, projection, used);
      step.fill(0);
      for (let u = 0; u < used; u++) {
        const x = slot(stepHistory, u);
        axpy(x, x + bytes, step.byteOffset, -gammaU[u]!);
      }
      for (let n = 0; n < length; n++) {
        const extra = step[n]!;
        factorN[n]! *= Math.abs(extra) < 0.03 ? 1 + extra * (1 + extra * (0.5 + extra / 6)) : Math.exp(extra);
        step[n] = extra + driftN[n]!;
      }
      return true;
    },
    interrupt() {
      continuous = false;
    },
    forget() {
      used = 0;
      next = 0;
      continuous = false;
    },
  };
}

/** Solves the normal equations Σ_v ⟨Δf_u, Δf_v⟩ γ_v = ⟨Δf_u, f⟩, scaled to a unit diagonal, by Gauss elimination. */
function mixingWeights(gram: Float64Array, projection: Float64Array, used: number): Float64Array {
  const scale = Float64Array.from({ length: used }, (_, u) => Math.sqrt(gram[u * DEPTH + u]!) || 1);
  const rows = Array.from({ length: used }, (_, u) =>
    Float64Array.from({ length: used + 1 }, (_, v) =>
      v === used ? projection[u]! / scale[u]! : gram[u * DEPTH + v]! / (scale[u]! * scale[v]!) + (u === v ? RIDGE : 0),
    ),
  );
  for (let pivot = 0; pivot < used; pivot++) {
    for (let u = pivot + 1; u < used; u++) {
      const ratio = rows[u]![pivot]! / rows[pivot]![pivot]!;
      for (let v = pivot; v <= used; v++) rows[u]![v]! -= ratio * rows[pivot]![v]!;
    }
  }
  const gamma = new Float64Array(used);
  for (let u = used - 1; u >= 0; u--) {
    let left = rows[u]![used]!;
    for (let v = u + 1; v < used; v++) left -= rows[u]![v]! * gamma[v]!;
    gamma[u] = left / rows[u]![u]!;
  }
  return gamma.map((value, u) => value / scale[u]!);
}
