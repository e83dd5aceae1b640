import { readFile } from 'node:fs/promises';
import type { Axis } from '../../lib/core/labels.ts';
import { Stop } from './command.ts';

/**
 * Pairs of countries from a CSV file with the columns exporter and importer.
 *
 * @returns exporter · number of countries + importer; pairs with a country that the axis does not have are left out
 * @throws Stop naming the file, and the line that is no pair
 */
export async function pairsOf(path: string, { codes, at }: Axis): Promise<Set<number>> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Stop(`${path} can't be read: ${error.message}`, { cause: error });
  });
  const [header = '', ...lines] = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r?\n/);
  if (header.trim().toLowerCase() !== 'exporter,importer')
    throw new Stop(`${path}: the header is ${header.slice(0, 60)}, expected exporter,importer`);
  const pairs = new Set<number>();
  for (const [n, line] of lines.entries()) {
    const [exporter, importer, ...rest] = line.split(',').map((code) => code.trim());
    if (!exporter || !importer || rest.length > 0)
      throw new Stop(`${path}, line ${n + 2}: ${line.slice(0, 60)}, expected two country codes`);
    const [e, m] = [at.get(exporter), at.get(importer)];
    if (e !== undefined && m !== undefined) pairs.add(e * codes.length + m);
  }
  return pairs;
}
