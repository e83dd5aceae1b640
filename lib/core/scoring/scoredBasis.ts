import { BASES, type ScoredCells } from './scoredCells.ts';

/** The cells of one basis, best first. */
export type ScoredBasis = Omit<ScoredCells, 'basisN'>;

/** The cells of all bases, in the order of `BASES`. */
export function joinBases(bases: Readonly<Record<(typeof BASES)[number], ScoredBasis>>): ScoredCells {
  const parts = BASES.map((basis) => bases[basis]);
  const cells = parts.reduce((sum, part) => sum + part.scoreN.length, 0);
  const basisN = new Uint8Array(cells);
  const starts: number[] = [];
  let start = 0;
  for (const [basis, part] of parts.entries()) {
    starts.push(start);
    basisN.fill(basis, start);
    start += part.scoreN.length;
  }
  const positions = (of: (part: ScoredBasis) => Uint16Array) => {
    const joined = new Uint16Array(cells);
    for (const [basis, part] of parts.entries()) joined.set(of(part), starts[basis]);
    return joined;
  };
  const measures = (of: (part: ScoredBasis) => Float64Array) => {
    const joined = new Float64Array(cells);
    for (const [basis, part] of parts.entries()) joined.set(of(part), starts[basis]);
    return joined;
  };
  return {
    basisN,
    importerN: positions((part) => part.importerN),
    productN: positions((part) => part.productN),
    actualN: measures((part) => part.actualN),
    potentialN: measures((part) => part.potentialN),
    shrunkN: measures((part) => part.shrunkN),
    sizeN: measures((part) => part.sizeN),
    indexN: measures((part) => part.indexN),
    feasibilityN: measures((part) => part.feasibilityN),
    scoreN: measures((part) => part.scoreN),
  };
}

/** Copies rows of a column, in the order asked, into `out`. */
export function pickRows<Column extends Float64Array | Uint16Array>(
  column: ArrayLike<number>,
  rows: Uint32Array,
  out: Column,
): Column {
  for (let n = 0; n < rows.length; n++) out[n] = column[rows[n]!]!;
  return out;
}
