import type { Model } from '../../../lib/core/gravity/ppml/model.ts';

/** What a textbook estimator says: every effect a column of zeros and ones, dense algebra, no partialling out. */
export interface Explicit {
  readonly estimateK: number[];
  readonly fittedN: number[];
  /** inverse of X'WX for the first K columns */
  readonly inverseKK: number[][];
  /** all independent columns, the model's first */
  readonly designNC: number[][];
}

/** Poisson regression on explicit dummies by Newton's method from ln((y + mean) / 2), to rounding. For small models that have a maximum. */
export function poissonWithDummies(model: Model): Explicit {
  const rows = [...model.yN.keys()];
  const offset = (n: number) => model.offsetN?.[n] ?? 0;
  const weight = (n: number) => model.weightN?.[n] ?? 1;
  const design = independent(dummies(model));
  const mean = model.yN.reduce((sum, y) => sum + y, 0) / rows.length;
  let eta = rows.map((n) => Math.log((model.yN[n]! + mean) / 2));
  let solution: { coefficients: number[]; inverse: number[][] } = { coefficients: [], inverse: [] };
  for (let iteration = 0; iteration < 200; iteration++) {
    const mu = eta.map(Math.exp);
    const target = rows.map((n) => eta[n]! - offset(n) + model.yN[n]! / mu[n]! - 1);
    solution = leastSquares(
      design,
      target,
      mu.map((m, n) => m * weight(n)),
    );
    const next = rows.map((n) => offset(n) + sum(design[n]!.map((x, c) => x * solution.coefficients[c]!)));
    const step = Math.max(...rows.map((n) => Math.abs(next[n]! - eta[n]!)));
    eta = next;
    if (step < 1e-13) break;
  }
  return packed(model, design, solution, eta.map(Math.exp));
}

/** Weighted least squares on explicit dummies. */
export function leastSquaresWithDummies(model: Model): Explicit {
  const design = independent(dummies(model));
  const rows = [...model.yN.keys()];
  const target = rows.map((n) => model.yN[n]! - (model.offsetN?.[n] ?? 0));
  const solution = leastSquares(
    design,
    target,
    rows.map((n) => model.weightN?.[n] ?? 1),
  );
  const fitted = rows.map(
    (n) => (model.offsetN?.[n] ?? 0) + sum(design[n]!.map((x, c) => x * solution.coefficients[c]!)),
  );
  return packed(model, design, solution, fitted);
}

function packed(
  model: Model,
  designNC: number[][],
  { coefficients, inverse }: { coefficients: number[]; inverse: number[][] },
  fittedN: number[],
): Explicit {
  const k = model.columns.length;
  return {
    estimateK: coefficients.slice(0, k),
    fittedN,
    inverseKK: inverse.slice(0, k).map((row) => row.slice(0, k)),
    designNC,
  };
}

function dummies({ yN, columns, effects }: Model): number[][] {
  return [...yN.keys()].map((n) => [
    ...columns.map(({ valueN }) => valueN[n]!),
    ...(effects.length === 0 ? [1] : []),
    ...effects.flatMap(({ codeN, levels }) => levels.map((_, level) => (codeN[n] === level ? 1 : 0))),
  ]);
}

/** Columns that are no combination of those before them, by Gram-Schmidt (twice). */
function independent(design: number[][]): number[][] {
  const kept: number[] = [];
  const basis: number[][] = [];
  for (let c = 0; c < design[0]!.length; c++) {
    let rest = design.map((row) => row[c]!);
    const length = Math.sqrt(sum(rest.map((x) => x * x)));
    for (let pass = 0; pass < 2; pass++)
      for (const vector of basis) {
        const share = sum(rest.map((x, n) => x * vector[n]!));
        rest = rest.map((x, n) => x - share * vector[n]!);
      }
    const left = Math.sqrt(sum(rest.map((x) => x * x)));
    if (left <= 1e-8 * length) continue;
    kept.push(c);
    basis.push(rest.map((x) => x / left));
  }
  return design.map((row) => kept.map((c) => row[c]!));
}

/** Normal equations by Gauss-Jordan with pivoting, columns scaled to length one. */
function leastSquares(design: number[][], target: number[], weights: number[]) {
  const size = design[0]!.length;
  const indices = [...Array(size).keys()];
  const scale = indices.map((c) => Math.sqrt(sum(design.map((row, n) => weights[n]! * row[c]! ** 2))));
  const system = indices.map((a) => [
    ...indices.map((b) => sum(design.map((row, n) => (weights[n]! * row[a]! * row[b]!) / scale[a]! / scale[b]!))),
    ...indices.map((b) => (a === b ? 1 : 0)),
    sum(design.map((row, n) => (weights[n]! * row[a]! * target[n]!) / scale[a]!)),
  ]);
  for (let c = 0; c < size; c++) {
    const best = indices.slice(c).reduce((a, b) => (Math.abs(system[b]![c]!) > Math.abs(system[a]![c]!) ? b : a), c);
    [system[c], system[best]] = [system[best]!, system[c]!];
    const pivot = system[c]![c]!;
    system[c] = system[c]!.map((x) => x / pivot);
    for (const r of indices)
      if (r !== c && system[r]![c] !== 0) {
        const times = system[r]![c]!;
        system[r] = system[r]!.map((x, at) => x - times * system[c]![at]!);
      }
  }
  return {
    coefficients: system.map((row, c) => row[2 * size]! / scale[c]!),
    inverse: system.map((row, a) => indices.map((b) => row[size + b]! / scale[a]! / scale[b]!)),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
