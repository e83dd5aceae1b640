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

/** The names that the dictionaries of a run give, the later ones over the earlier: by alpha-3 code and by HS code. */
export async function namesOf(
  lake: ObjectStore,
  dictionaries: RunManifest['dictionaries'],
): Promise<{ countries: ReadonlyMap<string, string>; products: ReadonlyMap<string, string> }> {
  const countries = new Map<string, string>();
  const products = new Map<string, string>();
  for (const { kind, entriesKey } of dictionaries) {
    const entries = json(await required(lake, entriesKey));
    const { names } = kind === 'countries' ? CountryEntries.parse(entries) : ProductEntries.parse(entries);
    const into = kind === 'countries' ? countries : products;
    for (const [code, name] of Object.entries(names)) into.set(code, name);
  }
  return { countries, products };
}

const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
