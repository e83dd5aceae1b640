/**
 * Groups of as equal a number as values allow, smallest first. Equal values share a group: that of the first of them.
 *
 *     group = floor(groups · #{smaller values} / n)
 *
 * @param valueN any numbers, no NaN
 * @returns a group below `groups` for each value
 */
export function quantileGroups(valueN: Float64Array, groups: number): Uint16Array {
  const ascending = valueN.slice().sort();
  if (Number.isNaN(ascending[ascending.length - 1]))
    throw new RangeError(`quantileGroups: value ${valueN.findIndex(Number.isNaN)} is NaN, expected a number`);
  const count = ascending.length;
  // how many values are smaller, by halving
  const groupN = new Uint16Array(count);
  for (let n = 0; n < count; n++) {
    let [from, to] = [0, count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (ascending[middle]! < valueN[n]!) from = middle + 1;
      else to = middle;
    }
    groupN[n] = Math.floor((groups * from) / count);
  }
  return groupN;
}
