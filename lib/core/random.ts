/**
 * Randomness without state: draw n of a stream depends on (stream, n) alone, so that a cell keeps its draw whatever order cells are
 * visited in and however many others exist. Deterministic, not for secrets.
 *
 *     draw(s, n) = mix(s xor mix(φ·n))    φ the odd integer nearest 2^32 over the golden ratio: it spreads neighbours, `mix` avalanches
 *
 * @source after Steele, Lea & Flood (2014), OOPSLA, "Fast splittable pseudorandom number generators", in 32 bits
 */

/** The stream that belongs to a seed and a name; different names give unrelated streams. */
export function stream(seed: number, name: string): number {
  let hash = mix(seed);
  for (let at = 0; at < name.length; at++) hash = mix(hash + name.charCodeAt(at));
  return hash;
}

/** Draw n of the stream, uniform in the open interval (0, 1). */
export function uniform(of: number, n: number): number {
  return (mix(of ^ mix(Math.imul(n, 0x9e3779b9))) + 0.5) / 4294967296;
}

/** Draw n of the stream from the standard normal distribution (Box and Muller; takes the uniform draws 2n and 2n + 1). */
export function normal(of: number, n: number): number {
  return Math.sqrt(-2 * Math.log(uniform(of, 2 * n))) * Math.cos(2 * Math.PI * uniform(of, 2 * n + 1));
}

/** Scatters 32 bits so that every input bit reaches every output bit. */
function mix(bits: number): number {
  let x = bits | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
