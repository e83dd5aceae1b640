import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type CountryCodes, type CountryNumber, countryCodes } from '../core/trade/countryCodes.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { Dataset, Drop, RunManifest } from './records.ts';
import { required } from './runArtifacts.ts';

/** The entries of a country dictionary, as they lie in the lake under a dataset's `entriesKey`. */
export const CountryEntries = z.object({
  numbers: z.array(z.object({ numeric: z.number().int(), alpha3: z.string() })),
  /** name by alpha-3 code */
  names: z.record(z.string(), z.string()),
});
export type CountryEntries = z.infer<typeof CountryEntries>;

/** The entries of a product dictionary: description by HS code. */
export const ProductEntries = z.object({ names: z.record(z.string(), z.string()) });
export type ProductEntries = z.infer<typeof ProductEntries>;

/** The entries of a list of HS sections: name by number, 1 to 21. */
export const SectionEntries = z.object({ names: z.record(z.string(), z.string()) });

/** Which country codes hold now, and a fingerprint of what dropped dictionaries change in the built-in ones ('' when nothing). */
export interface CodesInForce {
  readonly countries: CountryCodes;
  readonly fingerprint: string;
}

/** The country codes that the dropped dictionaries make, the newest of them speaking last. */
export async function codesInForce(
  lake: ObjectStore,
  iso: readonly CountryNumber[],
  stored: { datasets: readonly Dataset[]; drops: readonly Drop[] },
): Promise<CodesInForce> {
  const standing = new Set(stored.drops.map(({ dataset }) => dataset));
  const keys = stored.datasets
    .filter(({ kind, dataset }) => kind === 'countries' && standing.has(dataset))
    .toSorted((a, b) => compare(a.lastModified, b.lastModified) || compare(a.key, b.key))
    .flatMap(({ entriesKey }) => entriesKey ?? []);
  const supplied: CountryNumber[] = [];
  for (const key of keys) supplied.push(...CountryEntries.parse(json(await required(lake, key))).numbers);

  const builtIn = countryCodes(iso);
  const countries = countryCodes(iso, supplied);
  const changes = [...countries.byNumber].filter(([number, code]) => builtIn.byNumber.get(number) !== code);
  const letters = [...countries.byLetters.keys()].filter((code) => !builtIn.byLetters.has(code));
  if (changes.length === 0 && letters.length === 0) return { countries, fingerprint: '' };
  const what = JSON.stringify([changes.toSorted(([a], [b]) => a - b), letters.toSorted()]);
  return { countries, fingerprint: sha256(what).slice(0, 16) };
}

/** The names that the dictionaries of a run give, the later ones over the earlier: by alpha-3 code, HS code and number of the HS section. */
export async function namesOf(
  lake: ObjectStore,
  dictionaries: RunManifest['dictionaries'],
): Promise<Record<'countries' | 'products' | 'sections', ReadonlyMap<string, string>>> {
  const names = {
    countries: new Map<string, string>(),
    products: new Map<string, string>(),
    sections: new Map<string, string>(),
  };
  const schemas = { countries: CountryEntries, products: ProductEntries, sections: SectionEntries };
  for (const { kind, entriesKey } of dictionaries) {
    const entries = schemas[kind].parse(json(await required(lake, entriesKey)));
    for (const [code, name] of Object.entries(entries.names)) names[kind].set(code, name);
  }
  return names;
}

const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
