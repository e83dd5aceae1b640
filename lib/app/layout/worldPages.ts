import { decodeArrays, encodeArrays } from '../../core/arrays.ts';
import type { Elasticities } from '../../core/covariates/elasticities.ts';
import { Failure } from '../../core/errors.ts';
import { type Axis, axis } from '../../core/labels.ts';
import type { Blend } from '../../core/potential/blend.ts';
import type { GrowthRatios } from '../../core/potential/projection.ts';
import type { Dispersion } from '../../core/scoring/dispersion.ts';
import type { Page, PageStore } from '../../ports/pageStore.ts';
import type { TrainedOnFacts } from '../modelFacts.ts';
import { numbered, worldPartition } from './keys.ts';

/** Names are most of a page: about 150 bytes a line. */
const LINES_PER_PAGE = 192;

export interface WorldCountry {
  readonly code: string;
  readonly name: string;
  readonly exportsUsd: number;
  readonly importsUsd: number;
  /** products exported with RCA at or above the threshold */
  readonly diversity: number;
  /** z-score over the exporters of the run; null (NaN when written) when the country has none */
  readonly eci: number | null;
  readonly eciRank: number | null;
}

export interface WorldProduct {
  readonly code: string;
  readonly name: string;
  readonly worldTradeUsd: number;
  /** exporters with RCA at or above the threshold */
  readonly ubiquity: number;
  readonly pci: number | null;
}

/** The axes of a run with what is known of each country and product; positions are those of the cells. */
export interface World {
  readonly countries: Axis;
  readonly products: Axis;
  readonly countryFacts: readonly WorldCountry[];
  readonly productFacts: readonly WorldProduct[];
  /** how far trade scatters around the potential by chance */
  readonly noise: Dispersion;
  /** how the models are combined; null without covariates: the three-way fit is the potential then */
  readonly blend: Blend | null;
  /** what the models that rank were trained on */
  readonly foresight: TrainedOnFacts;
  /** how supply and demand are expected to grow; null where no growth is known */
  readonly growth: GrowthRatios | null;
  /** how imports answer income and prices, where nothing else is said of the importer; null where no file says */
  readonly elasticities: ElasticitiesOfAll | null;
}

/** Those of importers by name lie with the importers. */
type ElasticitiesOfAll = Pick<Elasticities, 'incomeP' | 'priceP'>;

const COUNTRY_NUMBERS = ['exportsUsd', 'importsUsd', 'diversity', 'eci', 'eciRank'] as const;
const PRODUCT_NUMBERS = ['worldTradeUsd', 'ubiquity', 'pci'] as const;

interface Meta {
  readonly codes: readonly string[];
  readonly names: readonly string[];
  /** lines of all pages of the kind */
  readonly total: number;
}

/** The summary pages of a run. Countries and products come in the order of their axes: RangeError otherwise. */
export function worldPages(world: {
  readonly slot: number;
  readonly run: string;
  readonly countries: readonly WorldCountry[];
  readonly products: readonly WorldProduct[];
  readonly noise: Dispersion;
  readonly blend: Blend | null;
  readonly foresight: TrainedOnFacts;
  readonly growth: GrowthRatios | null;
  readonly elasticities: ElasticitiesOfAll | null;
}): Page[] {
  const { slot, run, countries, products, noise, blend, foresight, growth, elasticities } = world;
  const ofAll = elasticities && { incomeP: elasticities.incomeP, priceP: elasticities.priceP };
  const write = <Line extends { code: string; name: string }>(
    kind: string,
    lines: readonly Line[],
    numbers: readonly (keyof Line & string)[],
  ): Page[] => {
    const unordered = lines.findIndex((line, at) => at > 0 && line.code <= (lines[at - 1]?.code ?? ''));
    if (unordered > 0) {
      throw new RangeError(`worldPages: ${kind} ${lines[unordered]?.code} comes after ${lines[unordered - 1]?.code}`);
    }
    return Array.from({ length: Math.ceil(lines.length / LINES_PER_PAGE) }, (_, sequence) => {
      const here = lines.slice(sequence * LINES_PER_PAGE, (sequence + 1) * LINES_PER_PAGE);
      const meta: Meta = {
        codes: here.map(({ code }) => code),
        names: here.map(({ name }) => name),
        total: lines.length,
      };
      const columns = numbers.map((name) => [name, Float64Array.from(here, (line) => numberOf(line[name]))] as const);
      return {
        partition: worldPartition(slot),
        sort: numbered(kind, sequence),
        run,
        body: encodeArrays(meta, Object.fromEntries(columns)),
      };
    });
  };
  const { ratioP, ...classes } = noise;
  return [
    ...write('countries', countries, COUNTRY_NUMBERS),
    ...write('products', products, PRODUCT_NUMBERS),
    {
      partition: worldPartition(slot),
      sort: 'noise',
      run,
      body: encodeArrays({ ...classes, blend, foresight }, { ratioP: Float64Array.from(ratioP) }),
    },
    ...Object.entries({ growth, elasticities: ofAll }).flatMap(([sort, vectors]) =>
      vectors ? [{ partition: worldPartition(slot), sort, run, body: encodeArrays(null, { ...vectors }) }] : [],
    ),
  ];
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);

/** Reads the summary of a run back: two queries and a read. */
export async function readWorld(pages: PageStore, run: string, slot: number): Promise<World> {
  const read = async <Line>(kind: string, numbers: readonly string[]): Promise<Line[]> => {
    const found = await pages.after(run, worldPartition(slot), `${kind}#`, `${kind}#`, 1_000);
    const lines = found.flatMap(({ body }) => {
      const { meta, arrays } = decodeArrays<Meta, string>(body);
      return meta.codes.map((code, at) => ({
        total: meta.total,
        line: {
          code,
          name: meta.names[at] ?? code,
          ...Object.fromEntries(numbers.map((name) => [name, known(arrays[name]?.[at])])),
        } as Line,
      }));
    });
    if (lines.length === 0 || lines.length !== lines[0]?.total) {
      throw new Failure('store.inconsistent', { what: `${kind} of run ${run}` });
    }
    return lines.map(({ line }) => line);
  };
  const [countryFacts, productFacts, [noisePage, growthPage, elasticitiesPage]] = await Promise.all([
    read<WorldCountry>('countries', COUNTRY_NUMBERS),
    read<WorldProduct>('products', PRODUCT_NUMBERS),
    pages.get(
      run,
      ['noise', 'growth', 'elasticities'].map((sort) => ({ partition: worldPartition(slot), sort })),
    ),
  ]);
  if (!noisePage) throw new Failure('store.inconsistent', { what: `noise of run ${run}` });
  const { meta, arrays } = decodeArrays<Omit<Dispersion, 'ratioP'> & Pick<World, 'blend' | 'foresight'>, 'ratioP'>(
    noisePage.body,
  );
  const { blend, foresight, ...classes } = meta;
  return {
    countries: axis(countryFacts.map(({ code }) => code)),
    products: axis(productFacts.map(({ code }) => code)),
    countryFacts,
    productFacts,
    noise: { ...classes, ratioP: Array.from(arrays.ratioP) },
    blend,
    foresight,
    elasticities: elasticitiesPage
      ? (decodeArrays<null, keyof ElasticitiesOfAll>(elasticitiesPage.body).arrays as unknown as ElasticitiesOfAll)
      : null,
    growth: growthPage ? (decodeArrays<null, keyof GrowthRatios>(growthPage.body).arrays as GrowthRatios) : null,
  };
}

const known = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);
