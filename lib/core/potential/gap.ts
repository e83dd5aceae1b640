/** What a potential means for one cell; USD. The parts add up: growth + friction = unrealised against the projected potential. */
export interface Gap {
  /** min(v, P) */
  readonly realised: number;
  /** max(P - v, 0), P projected */
  readonly unrealised: number;
  /** of that, what is missing already now */
  readonly friction: number;
  /** and what comes with the growth of supply and demand */
  readonly growth: number;
}

/**
 * Splits what is missing from a projected potential into friction, missing already from the static one, and growth, the rest.
 *
 *     U = max(P - v, 0),     friction = min(U, max(P_static - v, 0)),     growth = U - friction
 *
 * Where P ≥ P_static ≥ v that is P_static - v and P - P_static. Elsewhere the usual formulas, max(P_static - v, 0) and max(P - P_static, 0), do not add
 * up to U; these do: what is sold beyond the static potential counts against growth, and a shrinking potential against friction.
 *
 * @source METHODS 1.3; decisions/0086
 */
export function gap(projected: number, fixed: number, actual: number): Gap {
  const unrealised = Math.max(projected - actual, 0);
  const friction = Math.min(unrealised, Math.max(fixed - actual, 0));
  return { realised: Math.min(actual, projected), unrealised, friction, growth: unrealised - friction };
}

/**
 * The degree of unrealised potential of any set of cells: cells first, sums after.
 *
 *     Σ max(P - v, 0) / Σ P
 *
 * @returns in [0, 1]; NaN where nothing has a potential
 */
export function degree(potentialN: ArrayLike<number>, actualN: ArrayLike<number>): number {
  let missing = 0;
  let potential = 0;
  for (let n = 0; n < potentialN.length; n++) {
    missing += Math.max(potentialN[n]! - actualN[n]!, 0);
    potential += potentialN[n]!;
  }
  return missing / potential;
}
