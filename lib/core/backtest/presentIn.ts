/**
 * Cells that reach a value in several years: an entry that lasted, and no single shipment.
 *
 *     present[n] = 1  if  #{t: v[t,n] ≥ threshold} ≥ atLeast
 *
 * @param valueTN one array of USD a year, the same cells in each
 * @param threshold USD
 * @param atLeast years
 * @source METHODS 6, task B
 */
export function presentIn(valueTN: readonly Float64Array[], threshold: number, atLeast: number): Uint8Array {
  const cells = valueTN[0]?.length ?? 0;
  const presentN = new Uint8Array(cells);
  for (let n = 0; n < cells; n++) {
    let years = 0;
    for (const valueN of valueTN) if (valueN[n]! >= threshold) years++;
    presentN[n] = Number(years >= atLeast);
  }
  return presentN;
}
