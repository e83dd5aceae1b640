import { decodeArrays, encodeArrays, type TypedArray } from '../core/arrays.ts';
import { Failure } from '../core/errors.ts';
import { axis } from '../core/labels.ts';
import { type Matrix, matrix } from '../core/matrix.ts';
import type { Flows } from '../core/trade/flows.ts';
import type { OneYear } from '../core/trade/oneYear.ts';
import type { ObjectStore } from '../ports/objectStore.ts';

/** Where the artifacts of a run lie. */
export const artifactKeys = (run: string) => ({
  flows: `runs/${run}/flows.bin`,
  /** flows of the year that scores are back-tested from, on axes of their own */
  earlier: `runs/${run}/earlier.bin`,
  /** flows of the latest year alone, on the axes of `earlier` */
  outcome: `runs/${run}/outcome.bin`,
  /** what was known beside trade in the earlier year, on its axes, and from when to when models are trained */
  training: `runs/${run}/training.bin`,
  /** the models that rank, and why these */
  models: `runs/${run}/models.json`,
  covariates: `runs/${run}/covariates.bin`,
  tariffs: `runs/${run}/tariffs.bin`,
  elasticities: `runs/${run}/elasticities.bin`,
  complexity: `runs/${run}/complexity.bin`,
  gravity: `runs/${run}/gravity.bin`,
  blend: `runs/${run}/blend.bin`,
  entry: `runs/${run}/entry.bin`,
  backtest: `runs/${run}/backtest.json`,
  /** what one shard of one attempt wrote */
  receipt: (attempt: number, shard: string) => `runs/${run}/attempt-${attempt}/${shard}.json`,
});

/**
 * The merged flow table of a run as one buffer: axes in the description, cells as columns (USD).
 *
 * @param oneYear what was traded in one year of the window only
 * @param latestN what each cell was worth in the latest year, where that is of use beside the mean of the window
 */
export function encodeFlows(
  flows: Flows,
  latestN: Float64Array | null = null,
  oneYear: OneYear | null = null,
): Uint8Array {
  const { countries, products, exporterN, importerN, productN, valueN } = flows;
  return encodeArrays(
    { countries: countries.codes, products: products.codes },
    { exporterN, importerN, productN, valueN, ...(latestN && { latestN }), ...(oneYear && { ...oneYear }) },
  );
}

/** What each cell was worth in the latest year; null when the run does not have it. */
export const decodeLatest = (bytes: Uint8Array): Float64Array | null =>
  (decodeArrays<unknown, string>(bytes).arrays.latestN as Float64Array | undefined) ?? null;

/** What was traded in one year of the window only; null when the run does not have it. */
export function decodeOneYear(bytes: Uint8Array): OneYear | null {
  const { exporterProduct, importerProduct, flowN } = decodeArrays<unknown, string>(bytes).arrays;
  return exporterProduct && importerProduct && flowN ? ({ exporterProduct, importerProduct, flowN } as OneYear) : null;
}

export function decodeFlows(bytes: Uint8Array): Flows {
  const { meta, arrays } = decodeArrays<
    { countries: string[]; products: string[] },
    'exporterN' | 'importerN' | 'productN' | 'valueN'
  >(bytes);
  return {
    countries: axis(meta.countries),
    products: axis(meta.products),
    exporterN: arrays.exporterN as Uint16Array,
    importerN: arrays.importerN as Uint16Array,
    productN: arrays.productN as Uint16Array,
    valueN: arrays.valueN as Float64Array,
  };
}

/** Matrices and vectors of one step, with its facts: a matrix is stored as its buffer, its shape in the description. */
export function encodeStep(
  facts: unknown,
  matrices: Readonly<Record<string, Matrix>>,
  vectors: Readonly<Record<string, TypedArray>> = {},
): Uint8Array {
  const shapes = Object.fromEntries(Object.entries(matrices).map(([name, { rows, cols }]) => [name, [rows, cols]]));
  const buffers = Object.fromEntries(Object.entries(matrices).map(([name, { data }]) => [name, data]));
  return encodeArrays({ facts, shapes }, { ...buffers, ...vectors });
}

export function decodeStep<Facts, MatrixName extends string, VectorName extends string = never>(
  bytes: Uint8Array,
): { facts: Facts; matrices: Record<MatrixName, Matrix>; vectors: Record<VectorName, TypedArray> } {
  const { meta, arrays } = decodeArrays<{ facts: Facts; shapes: Record<string, [number, number]> }, string>(bytes);
  const matrices: Record<string, Matrix> = {};
  const vectors: Record<string, TypedArray> = {};
  for (const [name, array] of Object.entries(arrays)) {
    const shape = meta.shapes[name];
    if (shape) matrices[name] = matrix(shape[0], shape[1], array as Float64Array);
    else vectors[name] = array;
  }
  return {
    facts: meta.facts,
    matrices: matrices as Record<MatrixName, Matrix>,
    vectors: vectors as Record<VectorName, TypedArray>,
  };
}

/** Vectors that a run may know or not: their absence is written down too. */
export const encodeIfKnown = (vectors: Readonly<Record<string, TypedArray>> | null): Uint8Array =>
  encodeArrays({ known: vectors !== null }, vectors ?? {});

/** The same, read back; null where they are not known. */
export function decodeIfKnown<Vectors>(bytes: Uint8Array): Vectors | null {
  const { meta, arrays } = decodeArrays<{ known: boolean }, string>(bytes);
  return meta.known ? (arrays as Vectors) : null;
}

/** An object that an earlier step of the run has written; its absence is a fault of ours, never of the person who dropped a file. */
export async function required(store: ObjectStore, key: string): Promise<Uint8Array> {
  const bytes = await store.get(key);
  if (!bytes) throw new Failure('store.inconsistent', { what: key }, `${key} should exist and does not`);
  return bytes;
}
