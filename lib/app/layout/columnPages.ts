import { decodeArrays, encodeArrays, type TypedArray } from '../../core/arrays.ts';
import { Failure } from '../../core/errors.ts';
import type { Page, PageStore } from '../../ports/pageStore.ts';
import { planPages } from './groups.ts';
import { grouped } from './keys.ts';

/** About 31 KB, whatever the columns. */
const BYTES_PER_PAGE = 31_000;

interface Meta {
  /** pages of the group that starts here; 1 when the page holds whole groups */
  readonly pages: number;
  /** the groups on the page, and how many rows each has here */
  readonly groups: readonly (readonly [code: string, rows: number])[];
}

/**
 * Rows in groups as pages, column by column: small neighbours share a page, a large group has several of its own.
 *
 * @param groups codes ascending; group g has rows start[g] up to start[g + 1] (exclusive)
 */
export function columnPages(
  place: { readonly partition: string; readonly run: string },
  kind: string,
  groups: { readonly codes: readonly string[]; readonly start: ArrayLike<number> },
  columns: Readonly<Record<string, TypedArray>>,
): Page[] {
  const { codes, start } = groups;
  const first = (group: number) => start[group] ?? 0;
  const bytesPerRow = Object.values(columns).reduce((sum, { BYTES_PER_ELEMENT }) => sum + BYTES_PER_ELEMENT, 0);
  const sizes = codes.map((_, group) => first(group + 1) - first(group));
  return planPages(sizes, Math.floor(BYTES_PER_PAGE / bytesPerRow)).map(({ sequence, pages, stretches }) => {
    const meta: Meta = { pages, groups: stretches.map(({ group, from, to }) => [codes[group] ?? '', to - from]) };
    // only empty groups lie between the stretches of a page
    const from = first(stretches[0]?.group ?? 0) + (stretches[0]?.from ?? 0);
    const to = from + meta.groups.reduce((sum, [, rows]) => sum + rows, 0);
    const here = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.slice(from, to)]));
    return { ...place, sort: grouped(kind, meta.groups[0]?.[0] ?? '', sequence), body: encodeArrays(meta, here) };
  });
}

/** The rows of one group, page by page: one query, and a batch of reads where it has several pages. Empty where it has none. */
export async function readColumns<Name extends string>(
  store: PageStore,
  { partition, run }: { readonly partition: string; readonly run: string },
  kind: string,
  code: string,
): Promise<Record<Name, TypedArray>[]> {
  const start = await store.atOrBefore(run, partition, `${kind}#`, grouped(kind, code, 0));
  if (!start) return [];
  const { meta, arrays } = decodeArrays<Meta, Name>(start.body);
  const at = meta.groups.findIndex(([group]) => group === code);
  if (at < 0) return [];
  const from = meta.groups.slice(0, at).reduce((sum, [, rows]) => sum + rows, 0);
  const to = from + (meta.groups[at]?.[1] ?? 0);
  const own = Object.fromEntries(
    Object.entries<TypedArray>(arrays).map(([name, column]) => [name, column.subarray(from, to)]),
  ) as Record<Name, TypedArray>;
  const sorts = Array.from({ length: meta.pages - 1 }, (_, page) => grouped(kind, code, page + 1));
  if (sorts.length === 0) return [own];
  const rest = await store.get(
    run,
    sorts.map((sort) => ({ partition, sort })),
  );
  return [
    own,
    ...rest.map((page, n) => {
      if (!page) throw new Failure('store.inconsistent', { what: `${partition} ${sorts[n]} of run ${run}` });
      return decodeArrays<Meta, Name>(page.body).arrays;
    }),
  ];
}
