import { decodeArrays } from '../core/arrays.ts';
import type { Flows } from '../core/trade/flows.ts';
import { mergeYears, type YearSlice } from '../core/trade/mergeYears.ts';
import { onAxes } from '../core/trade/onAxes.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { RunInput } from './records.ts';
import { required } from './runArtifacts.ts';

/** The years of a run's inputs, in the order in which they speak. */
export const slicesOf = (lake: ObjectStore, inputs: readonly RunInput[]): Promise<YearSlice[]> =>
  Promise.all(inputs.map(async ({ year, columnsKey }) => yearSlice(year, await required(lake, columnsKey))));

/** What the inputs of one year hold, on the axes of another year's flows. */
export async function yearOnAxes(
  lake: ObjectStore,
  inputs: readonly RunInput[],
  year: number,
  { countries, products }: Pick<Flows, 'countries' | 'products'>,
): Promise<Flows> {
  const own = inputs.filter((input) => input.year === year);
  return onAxes(mergeYears(await slicesOf(lake, own)), countries, products).flows;
}

/** The packed columns of one year, as ingest wrote them. */
function yearSlice(year: number, bytes: Uint8Array): YearSlice {
  const { meta, arrays } = decodeArrays<
    { countries: string[]; products: string[] },
    'exporterN' | 'importerN' | 'productN' | 'valueN'
  >(bytes);
  return {
    year,
    countries: meta.countries,
    products: meta.products,
    exporterN: arrays.exporterN as Uint16Array,
    importerN: arrays.importerN as Uint16Array,
    productN: arrays.productN as Uint16Array,
    valueN: arrays.valueN as Float64Array,
  };
}
