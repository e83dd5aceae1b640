import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { ISO_COUNTRIES } from '../../../lib/adapters/files/isoCountries.ts';
import type { Axis } from '../../../lib/core/labels.ts';
import { type Matrix, matrix } from '../../../lib/core/matrix.ts';
import { countryCodes } from '../../../lib/core/trade/countryCodes.ts';

const FILE = '../shared/data/covariates/dist_cepii.csv.gz';

export const distancesAreThere = existsSync(FILE);

/** CEPII's distances between most populated cities, km, on an axis of alpha-3 codes or numbers; NaN where they are missing. */
export function realDistances({ codes }: Axis): Matrix {
  const { byNumber, byLetters } = countryCodes(ISO_COUNTRIES);
  const lettersOf = (code: string) => (/^\d+$/.test(code) ? byNumber.get(Number(code)) : byLetters.get(code)) ?? code;
  const at = new Map(codes.map((code, position) => [lettersOf(code), position]));
  const distanceKm = matrix(codes.length, codes.length, new Float64Array(codes.length ** 2).fill(Number.NaN));
  const [header, ...lines] = gunzipSync(readFileSync(FILE)).toString().trim().split('\n');
  const column = header!.split(',').indexOf('dist');
  for (const line of lines) {
    const cells = line.split(',');
    const [from, to] = [cells[0]!, cells[1]!].map((code) => at.get(lettersOf(code)));
    if (from !== undefined && to !== undefined) distanceKm.data[from * codes.length + to] = Number(cells[column]);
  }
  return distanceKm;
}
