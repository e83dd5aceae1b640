import type { Axis } from '../labels.ts';
import { NOBODY, type Statements } from './statements.ts';

/**
 * What importers charge, on the axes of a run: rows by importer, then product, then exporter; what holds for everyone without a rate of its own comes last
 * in its product, with NOBODY as exporter.
 */
export interface Tariffs {
  /** rows of importer m: from startM[m] up to startM[m + 1] (exclusive) */
  readonly startM: Uint32Array;
  readonly productN: Uint16Array;
  readonly exporterN: Uint16Array;
  /** of the value */
  readonly percentN: Float32Array;
}

/**
 * Brings tariffs of files onto the products of a run.
 *
 * A rate is the statement of the latest year at or before the year asked for; of two files that state that year the later in the list. Rates of finer
 * products are averaged over them, each line counting the same; a partner's rate is the average of what applies to it line by line, its own rate or else
 * the one for everyone. A rate of a coarser product holds for all of its parts.
 *
 * @param statements of tariffPercent, in the order in which their files speak
 * @returns null where no rate is known
 */
export function tariffs(
  countries: Axis,
  products: Axis,
  year: number,
  statements: readonly Statements[],
): Tariffs | null {
  const stated = statements.filter(({ measure }) => measure === 'tariffPercent');
  const level = products.codes[0]?.length ?? 0;

  // every line that a file knows, finer or as fine as the products of the run, in the order of its code
  const lineCodes = [
    ...new Set(stated.flatMap((of) => of.products.flatMap((code) => linesOf(code, products, level)))),
  ].sort();
  const lineAt = new Map(lineCodes.map((code, line) => [code, line]));
  const productL = lineCodes.map((code) => products.at.get(code.slice(0, level))!);

  // the statement that counts, by importer, line and exporter
  const latest = new Map<number, { year: number; percent: number }>();
  const nLines = lineCodes.length;
  for (const of of stated) {
    const importerOf = of.countries.map((code) => countries.at.get(code));
    const linesAt = of.products.map((code) => linesOf(code, products, level).map((line) => lineAt.get(line)!));
    for (let n = 0; n < of.valueN.length; n++) {
      const importer = importerOf[of.firstN[n]!];
      const exporter = of.secondN[n] === NOBODY ? NOBODY : importerOf[of.secondN[n]!];
      if (of.yearN[n]! > year || importer === undefined || exporter === undefined) continue;
      for (const line of linesAt[of.productN[n]!] ?? []) {
        const key = (importer * nLines + line) * (NOBODY + 1) + exporter;
        if ((latest.get(key)?.year ?? 0) <= of.yearN[n]!)
          latest.set(key, { year: of.yearN[n]!, percent: of.valueN[n]! });
      }
    }
  }
  if (latest.size === 0) return null;

  // lines of one importer and product lie together, and within a line everyone's rate comes last
  const keys = Float64Array.from(latest.keys()).sort();
  const rows: { importer: number; product: number; exporter: number; percent: number }[] = [];
  for (let from = 0; from < keys.length; ) {
    const group = (key: number) => {
      const line = Math.floor(key / (NOBODY + 1));
      return Math.floor(line / nLines) * products.codes.length + productL[line % nLines]!;
    };
    let to = from;
    while (to < keys.length && group(keys[to]!) === group(keys[from]!)) to++;
    const [importer, product] = [
      Math.floor(group(keys[from]!) / products.codes.length),
      group(keys[from]!) % products.codes.length,
    ];
    for (const [exporter, percent] of averaged(keys.subarray(from, to), latest))
      rows.push({ importer, product, exporter, percent });
    from = to;
  }

  const startM = new Uint32Array(countries.codes.length + 1);
  for (const { importer } of rows) startM[importer + 1]!++;
  for (let m = 0; m < countries.codes.length; m++) startM[m + 1]! += startM[m]!;
  return {
    startM,
    productN: Uint16Array.from(rows, ({ product }) => product),
    exporterN: Uint16Array.from(rows, ({ exporter }) => exporter),
    percentN: Float32Array.from(rows, ({ percent }) => percent),
  };
}

/** The rates of one importer and product by exporter, ascending, everyone's last: what applies, averaged over its lines. */
function averaged(
  keys: Float64Array,
  rates: ReadonlyMap<number, { percent: number }>,
): [exporter: number, percent: number][] {
  const lines = new Map<number, Map<number, number>>();
  for (const key of keys) {
    const line = Math.floor(key / (NOBODY + 1));
    const own = lines.get(line) ?? new Map<number, number>();
    lines.set(line, own.set(key % (NOBODY + 1), rates.get(key)!.percent));
  }
  const exporters = [...new Set([...lines.values()].flatMap((own) => [...own.keys()]))].sort((a, b) => a - b);
  return exporters.map((exporter) => {
    let [sum, count] = [0, 0];
    for (const own of lines.values()) {
      const percent = own.get(exporter) ?? own.get(NOBODY);
      if (percent === undefined) continue;
      sum += percent;
      count++;
    }
    return [exporter, sum / count];
  });
}

/** The lines that a code speaks of: itself where it is as fine as the products of the run, else all products that begin with it. */
function linesOf(code: string, products: Axis, level: number): readonly string[] {
  if (code.length < level) return products.codes.filter((product) => product.startsWith(code));
  return products.at.has(code.slice(0, level)) ? [code] : [];
}

/** What applies to a cell, in percent: the rate for its exporter, else the one for everyone; NaN where none is known. */
export function tariffOf({
  startM,
  productN,
  exporterN,
  percentN,
}: Tariffs): (exporter: number, importer: number, product: number) => number {
  return (exporter, importer, product) => {
    // the first row of the product
    let [low, high] = [startM[importer]!, startM[importer + 1]!];
    const end = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (productN[middle]! < product) low = middle + 1;
      else high = middle;
    }
    for (let n = low; n < end && productN[n] === product; n++)
      if (exporterN[n] === exporter || exporterN[n] === NOBODY) return percentN[n]!;
    return Number.NaN;
  };
}
