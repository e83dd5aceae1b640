import { closest, distance } from 'fastest-levenshtein';

/** The known word that a mistyped one most probably stands for, or null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const candidate = closest(word, known);
  return distance(word, candidate) <= Math.max(2, Math.floor(candidate.length / 3)) ? candidate : null;
}
