/**
 * A categorical column: row n is in level `codeN[n]`, whose label is `levels[codeN[n]]`.
 * Every level has at least one row; ids are dense, in the order of first appearance.
 */
export interface Factor {
  readonly name: string;
  readonly codeN: Uint32Array;
  readonly levels: readonly string[];
}

/** Codes a column of labels (or whole numbers) as a factor. */
export function factor(name: string, values: ArrayLike<string | number>): Factor {
  const idOf = new Map<string | number, number>();
  const codeN = new Uint32Array(values.length);
  for (let n = 0; n < values.length; n++) codeN[n] = denseId(idOf, values[n]!);
  return { name, codeN, levels: Array.from(idOf.keys(), String) };
}

/** Every combination of two factors that occurs is a level: exporter × year. Labels are joined by '·'. */
export function interaction(name: string, one: Factor, other: Factor): Factor {
  checkRows(name, one, other);
  const width = other.levels.length;
  return combined(name, one.codeN.length, (n) => one.codeN[n]! * width + other.codeN[n]!, [one, other]);
}

/**
 * The pair of two factors' labels whatever their order: the level of (MEX, USA) is the level of (USA, MEX).
 * The two factors share one universe of labels (exporters and importers are both countries).
 */
export function unordered(name: string, one: Factor, other: Factor): Factor {
  checkRows(name, one, other);
  // a label has one number whichever column it stands in
  const labels = new Map<string | number, number>();
  const numberOfOne = one.levels.map((label) => denseId(labels, label));
  const numberOfOther = other.levels.map((label) => denseId(labels, label));
  const width = labels.size;
  const key = (n: number) => {
    const a = numberOfOne[one.codeN[n]!]!;
    const b = numberOfOther[other.codeN[n]!]!;
    return a < b ? a * width + b : b * width + a;
  };
  return combined(name, one.codeN.length, key, [one, other]);
}

/** The rows `rowN` of a factor, with ids made dense again: levels that lost all rows are gone. */
export function restrict({ name, codeN, levels }: Factor, rowN: Uint32Array): Factor {
  const idOfCode = new Int32Array(levels.length).fill(-1);
  const kept: string[] = [];
  const restricted = new Uint32Array(rowN.length);
  for (let n = 0; n < rowN.length; n++) {
    const code = codeN[rowN[n]!]!;
    let id = idOfCode[code]!;
    if (id < 0) {
      id = kept.push(levels[code]!) - 1;
      idOfCode[code] = id;
    }
    restricted[n] = id;
  }
  return { name, codeN: restricted, levels: kept };
}

/** Whether every level of `inner` lies inside one level of `outer`: a pair effect inside a pair cluster. */
export function isNested(inner: Factor, outer: Factor): boolean {
  const outerOf = new Int32Array(inner.levels.length).fill(-1);
  for (let n = 0; n < inner.codeN.length; n++) {
    const level = inner.codeN[n]!;
    const around = outer.codeN[n]!;
    if (outerOf[level] === -1) outerOf[level] = around;
    else if (outerOf[level] !== around) return false;
  }
  return true;
}

/** Rows in the order of their level, stably: those of a level lie at `from[level] … from[level + 1] - 1`. */
export function byLevel(codeN: Uint32Array, levels: number): { from: Uint32Array; rowN: Uint32Array } {
  const from = new Uint32Array(levels + 1);
  for (let n = 0; n < codeN.length; n++) from[codeN[n]! + 1]!++;
  for (let level = 0; level < levels; level++) from[level + 1]! += from[level]!;
  const next = from.slice(0, levels);
  const rowN = new Uint32Array(codeN.length);
  for (let n = 0; n < codeN.length; n++) rowN[next[codeN[n]!]!++] = n;
  return { from, rowN };
}

function combined(name: string, rows: number, keyOf: (n: number) => number, parts: readonly Factor[]): Factor {
  const idOf = new Map<string | number, number>();
  const codeN = new Uint32Array(rows);
  const levels: string[] = [];
  for (let n = 0; n < rows; n++) {
    const id = denseId(idOf, keyOf(n));
    codeN[n] = id;
    if (id === levels.length) levels.push(parts.map((part) => part.levels[part.codeN[n]!]!).join('·'));
  }
  return { name, codeN, levels };
}

function denseId(idOf: Map<string | number, number>, key: string | number): number {
  let id = idOf.get(key);
  if (id === undefined) {
    id = idOf.size;
    idOf.set(key, id);
  }
  return id;
}

function checkRows(name: string, one: Factor, other: Factor): void {
  if (one.codeN.length !== other.codeN.length)
    throw new RangeError(`${name}: ${one.name} has ${one.codeN.length} rows, ${other.name} has ${other.codeN.length}`);
}
