/** Points of score between entering and leaving: in at the 95th percentile, out below the 90th (METHODS 9.11). */
export const HYSTERESIS = 5;
/** The threshold of who names none. */
export const USUAL_THRESHOLD = 95;

/**
 * The mark of a cell: one number that remembers enough of its past scores to say, for every threshold at once, on which side of it the
 * cell is.
 *
 *     M ← max(s, min(M, s + w))
 *
 * A subscription with threshold θ counts a cell as in from the moment its score reaches θ until it falls below θ − w. That is the case
 * exactly while M ≥ θ: a rise to θ lifts M to θ, between θ − w and θ the mark stays where it was, and below θ − w it is under θ.
 * So no state is kept per subscription, and a score that trembles around a threshold crosses it once.
 *
 * @param mark M before; 0 for a cell never seen
 * @param score s, 0 to 100; 0 for a cell that is no opportunity any more
 * @returns M, at least the score and at most the score + w
 */
export const moveMark = (mark: number, score: number, width: number = HYSTERESIS): number =>
  Math.max(score, Math.min(mark, score + width));
