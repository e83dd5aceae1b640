import { nearest } from '../../infra/nearest.ts';
import { UsageError } from './command.ts';

/** A number made of a column: itself, or its natural logarithm. */
export interface NumberTerm {
  /** as it was written: the name of the coefficient */
  readonly name: string;
  readonly column: string;
  readonly log: boolean;
}

/** A category made of columns: one, every combination of several, or a pair whose order does not matter. */
export interface FactorTerm {
  readonly name: string;
  readonly columns: readonly string[];
  readonly unordered: boolean;
}

/**
 * Reads `ldist,log(dist),rta`.
 *
 * @throws UsageError naming the unknown column and the nearest that there is
 */
export function numberTerms(option: string, text: string, columns: readonly string[]): NumberTerm[] {
  return split(text).map((name) => {
    const logarithm = /^log\((.+)\)$/i.exec(name)?.[1]?.trim();
    return { name, column: known(option, logarithm ?? name, columns), log: logarithm !== undefined };
  });
}

/**
 * Reads `exporter,exporter^year,exporter~importer`. What is no column is taken apart: `exporter_year` is exporter^year where those are
 * columns, and `pair` is exporter^importer.
 *
 * @throws UsageError naming the unknown column and the nearest that there is
 */
export function factorTerms(option: string, text: string, columns: readonly string[]): FactorTerm[] {
  return split(text).map((name) => {
    if (name.includes('~')) {
      const parts = name.split('~').map((part) => known(option, part.trim(), columns));
      if (parts.length !== 2) throw new UsageError(`ppml: ${option} ${name}: ~ joins two columns`);
      return { name, columns: parts, unordered: true };
    }
    const parts = name.split('^').flatMap((part) => takenApart(part.trim(), columns));
    // a mistyped exporter_year is near what it would be taken apart into
    const together = columns.flatMap((one) => columns.map((other) => `${one}_${other}`));
    return { name, columns: parts.map((part) => known(option, part, columns, together)), unordered: false };
  });
}

const split = (text: string): string[] =>
  text
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '');

/** The columns that a name stands for: itself, or those that its words name. */
function takenApart(name: string, columns: readonly string[]): string[] {
  if (columns.includes(name)) return [name];
  const found = (words: readonly string[]) => (words.every((word) => columns.includes(word)) ? [...words] : null);
  if (name === 'pair') return found(['exporter', 'importer']) ?? [name];
  for (let at = name.indexOf('_'); at > 0; at = name.indexOf('_', at + 1)) {
    const words = found([name.slice(0, at), name.slice(at + 1)]);
    if (words) return words;
  }
  return [name];
}

function known(option: string, name: string, columns: readonly string[], alsoTaken: readonly string[] = []): string {
  if (columns.includes(name)) return name;
  const near = nearest(name, [...columns, ...alsoTaken]);
  const hint = near === null ? `the file has ${columns.join(', ')}` : `did you mean ${near}?`;
  throw new UsageError(`ppml: ${option}: there is no column ${name}; ${hint}`);
}
