import type { Place } from './geography.ts';
import type { DemoWorld, DemoYear } from './world.ts';

/** A file that somebody could drop. Its name says that what is in it is made up: a run of such files is marked as synthetic. */
export interface DemoFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The world as BACI would publish it: the dictionaries of countries and products, then one file of flows a year. */
export function baciFiles(world: DemoWorld): DemoFile[] {
  const countries = world.places.map(
    ({ baciCode, name, iso2, code }) => `${baciCode},${quoted(name)},${iso2},${code}\n`,
  );
  const products = world.products.map(({ code, name }) => `${code},${quoted(name)}\n`);
  return [
    {
      name: 'demo-synthetic-countries.csv',
      bytes: encode(`country_code,country_name,country_iso2,country_iso3\n${countries.join('')}`),
    },
    { name: 'demo-synthetic-products.csv', bytes: encode(`code,description\n${products.join('')}`) },
    ...world.years.map((year) => ({
      name: `demo-synthetic-world-${year.year}.csv`,
      bytes: flowsCsv(year, world.places),
    })),
  ];
}

const encode = (text: string) => new TextEncoder().encode(text);
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

const HEADER = 't,i,j,k,v,q\n';
/** year 4, two country numbers 3 each, product 6, value and quantity at most 16 each, six separators */
const LONGEST_ROW = 54;
const [COMMA, POINT, NEWLINE, ZERO] = [44, 46, 10, 48];

/**
 * One year of flows: year, exporter, importer (BACI's country numbers), product, thousand USD and tonnes with three decimals, sorted in
 * that order. Values are whole USD and quantities kept to the kilogram, so both are written digit by digit from an integer.
 */
function flowsCsv({ year, flows, quantityN }: DemoYear, places: readonly Place[]): Uint8Array {
  const { exporterN, importerN, productN, valueN } = flows;
  const nE = places.length;
  // where the rows of each pair start: rows are sorted by alpha-3 code, the file by number
  const startEM = new Uint32Array(nE * nE + 1);
  for (let n = 0; n < valueN.length; n++) startEM[exporterN[n]! * nE + importerN[n]! + 1]!++;
  for (let at = 1; at < startEM.length; at++) startEM[at]! += startEM[at - 1]!;
  const byNumber = places.map((_, at) => at).sort((a, b) => places[a]!.baciCode - places[b]!.baciCode);
  const productCodes = flows.products.codes.map(encode);

  const bytes = new Uint8Array(HEADER.length + LONGEST_ROW * valueN.length);
  bytes.set(encode(HEADER));
  let at = HEADER.length;
  for (const e of byNumber) {
    for (const m of byNumber) {
      const pair = encode(`${year},${places[e]!.baciCode},${places[m]!.baciCode},`);
      for (let n = startEM[e * nE + m]!; n < startEM[e * nE + m + 1]!; n++) {
        bytes.set(pair, at);
        bytes.set(productCodes[productN[n]!]!, at + pair.length);
        at += pair.length + 6;
        bytes[at++] = COMMA;
        at = writeThousandths(bytes, at, valueN[n]!);
        bytes[at++] = COMMA;
        if (Number.isNaN(quantityN[n])) {
          bytes.set(NOT_AVAILABLE, at);
          at += NOT_AVAILABLE.length;
        } else at = writeThousandths(bytes, at, Math.round(quantityN[n]! * 1000));
        bytes[at++] = NEWLINE;
      }
    }
  }
  return bytes.slice(0, at);
}

const NOT_AVAILABLE = encode('NA');

/** Writes a whole number of thousandths as a decimal number with three decimals; returns the position after it. */
function writeThousandths(bytes: Uint8Array, at: number, thousandths: number): number {
  // digits come out backwards: find the end first
  let digits = 4;
  for (let power = 10_000; power <= thousandths; power *= 10) digits++;
  const end = at + digits + 1;
  let rest = thousandths;
  for (let to = end - 1; to >= at; to--) {
    if (to === end - 4) {
      bytes[to] = POINT;
      continue;
    }
    const tenth = Math.floor(rest / 10);
    bytes[to] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}
