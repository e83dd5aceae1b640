/** What confidence is made of, each in [0, 1]; null is not known. */
export interface ConfidenceParts {
  /** how far the two sides report the same trade: data that are reconciled already don't tell */
  readonly mirror: number | null;
  /** n / (n + 10), n: markets of the exporter in the product, times years */
  readonly support: number;
  /** e^(−|ln P_threeWay − ln P_gravity| / ln 4) */
  readonly agreement: number | null;
  /** 1 where the potential is an estimate, 0 where the totals decide it or none speaks */
  readonly estimate: number;
  /** 0.9 per year between the data and the run */
  readonly recency: number;
}

/** From the best to the worst. */
export const GRADES = ['A', 'B', 'C', 'D'] as const;
export type Grade = (typeof GRADES)[number];

export interface Confidence {
  /** geometric mean of the parts, in [0, 1] */
  readonly value: number;
  readonly grade: Grade;
  readonly parts: ConfidenceParts;
  /** parts that are not known: the mirror counts as 0.7 then, others do not count */
  readonly missing: readonly (keyof ConfidenceParts)[];
}

const UNKNOWN_MIRROR = 0.7;

/**
 * How much a potential can be relied on.
 *
 *     C = (Π parts)^(1/n);    A from 0.75, B from 0.5, C from 0.3, else D
 *
 * @source METHODS 9.10; volatility is left out, since a run keeps a mean and no series
 */
export function confidence(parts: ConfidenceParts): Confidence {
  const names = Object.keys(parts) as (keyof ConfidenceParts)[];
  const missing = names.filter((name) => parts[name] === null);
  const known = names.flatMap((name) => parts[name] ?? (name === 'mirror' ? UNKNOWN_MIRROR : []));
  const value = known.reduce((product, part) => product * part, 1) ** (1 / known.length);
  const grade = value >= 0.75 ? 'A' : value >= 0.5 ? 'B' : value >= 0.3 ? 'C' : 'D';
  return { value, grade, parts, missing };
}

/** How far two models agree: 1 when they say the same, ½ at a factor of 2.6; null unless both speak. */
export const agreement = (one: number, other: number): number | null =>
  one > 0 && other > 0 ? Math.exp(-Math.abs(Math.log(one / other)) / Math.log(4)) : null;

/** An agreement as a byte, so that every cell can keep it: 0 not known, else 1 + 254 · agreement. A confidence moves by 0.3 % at most. */
export const agreementByte = (known: number | null): number => (known === null ? 0 : 1 + Math.round(254 * known));

/** The inverse of `agreementByte`. */
export const agreementOf = (byte: number): number | null => (byte === 0 ? null : (byte - 1) / 254);
