import type { Clock } from '../ports/clock.ts';

/**
 * Reads something at most once in so many milliseconds. What could not be read, or is not worth believing, is asked for again at once.
 *
 * @param isFirm whether an answer is believed for that long
 */
export function believed<Value>(
  read: () => Promise<Value>,
  { clock, ms, isFirm = () => true }: { clock: Clock; ms: number; isFirm?: (value: Value) => boolean },
): () => Promise<Value> {
  let known: { readonly read: Promise<Value>; readonly until: number } | null = null;
  return () => {
    const now = clock().getTime();
    if (known && now < known.until) return known.read;
    const asked = { read: read(), until: now + ms };
    known = asked;
    const forget = () => {
      if (known === asked) known = null;
    };
    asked.read.then((value) => isFirm(value) || forget(), forget);
    return asked.read;
  };
}
