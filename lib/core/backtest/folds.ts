import { stream } from '../random.ts';

/**
 * Deals codes out into folds: in the order of their hashes, one after the other, so that folds are of equal size (within one) and say nothing of a code.
 *
 * @param codes in any order; which fold a code gets depends on the set alone
 * @param name what the folds are of: exporters and importers are dealt independently under different names
 * @returns a fold in 0 … folds − 1 for each code
 */
export function dealFolds(codes: readonly string[], folds: number, name: string): Uint8Array {
  const hashOf = (code: string) => stream(0, `${name} ${code}`);
  const order = codes
    .map((code, at) => ({ code, at, hash: hashOf(code) }))
    .sort((a, b) => a.hash - b.hash || (a.code < b.code ? -1 : 1));
  const foldN = new Uint8Array(codes.length);
  for (const [place, { at }] of order.entries()) foldN[at] = place % folds;
  return foldN;
}

/** Folds crossed by exporter and importer: a cell is judged by the model of its pair of folds. */
export interface CrossedFolds {
  readonly folds: number;
  readonly exporterFoldC: Uint8Array;
  readonly importerFoldC: Uint8Array;
}

/** Crossed folds over one axis of countries. */
export function crossedFolds(countries: readonly string[], folds: number): CrossedFolds {
  return {
    folds,
    exporterFoldC: dealFolds(countries, folds, 'exporter'),
    importerFoldC: dealFolds(countries, folds, 'importer'),
  };
}

/** Which of the folds × folds models judges a cell; each cell is judged by exactly one. */
export const judgedBy = ({ folds, exporterFoldC, importerFoldC }: CrossedFolds, exporter: number, importer: number) =>
  exporterFoldC[exporter]! * folds + importerFoldC[importer]!;

/** Whether a cell may train a model: it shares neither its exporter nor its importer with any cell that the model judges. */
export const trains = (crossed: CrossedFolds, model: number, exporter: number, importer: number): boolean =>
  crossed.exporterFoldC[exporter]! !== Math.floor(model / crossed.folds) &&
  crossed.importerFoldC[importer]! !== model % crossed.folds;
