import * as z from 'zod';
import { MEASURES, type Measure } from '../../lib/app/layout/cells.ts';
import { GRADES } from '../../lib/core/scoring/confidence.ts';
import { FLAGS } from '../../lib/core/scoring/flags.ts';
import { BASES } from '../../lib/core/scoring/scoredCells.ts';
import { FORMATS } from '../mediaTypes.ts';
import { OPPORTUNITY_FIELDS } from './fields.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A number as a parameter: text that is one, nothing else. */
const numeric = (target: z.ZodNumber) =>
  z
    .string()
    .regex(NUMBER, 'must be a number')
    .transform(Number)
    .pipe(target as z.ZodType<number, number>);

/** A code; a short one may be written in small letters. */
const code = (description: string, example: string) =>
  z
    .string()
    .trim()
    .min(1)
    .max(100)
    .transform((text) => (/^([a-z]{3}|\d[\da-z]+)$/i.test(text) ? text.toUpperCase() : text))
    .pipe(z.string())
    .meta({ description, example });

const exporter = code('Exporter, ISO 3166-1 alpha-3.', 'MEX');
const importer = code('Importer, ISO 3166-1 alpha-3.', 'USA');

const representation = {
  format: z.enum(FORMATS).optional().meta({ description: 'Overrides the Accept header.' }),
};
const jsonOnly = { format: z.literal('json').optional().meta({ description: 'Overrides the Accept header.' }) };

/** What every list takes. */
const list = {
  limit: numeric(z.number().int().min(1).max(500))
    .default(50)
    .meta({ description: 'Items in one answer, at most 500. Fewer do not mean the end: the absence of `next` does.' }),
  cursor: z.string().min(1).max(500).optional().meta({
    description: 'Where to go on: the one in `next`. Bound to the filters, and to the run where the list is of one.',
  }),
  ...representation,
  bom: z.literal('1').optional().meta({ description: 'CSV only: begins with a byte order mark, which Excel needs.' }),
};

/** A choice of the fields of an item. */
const fieldsOf = <Name extends string>(names: readonly [Name, ...Name[]]) =>
  z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(names)).min(1) as unknown as z.ZodType<Name[], string[]>)
    .optional()
    .meta({ description: 'Only these fields of each item, comma-separated; also the columns of a CSV.' });

// opportunities

/** What the values of a basis mean. */
export const BASIS =
  'newMarket: sold elsewhere, and other products there. existing: sold there. newPair: sold elsewhere, nothing there. newProduct: not sold at all yet, so no potential. Each has scores of its own.';

const basis = z.enum(BASES).meta({ description: BASIS });

const measures = Object.keys(MEASURES) as Measure[];

const SORTS = measures.flatMap((name) => [`-${name}`, name] as const) as [
  `-${Measure}`,
  ...(Measure | `-${Measure}`)[],
];

const minimum = (what: string, target: z.ZodNumber = z.number().min(0)) =>
  numeric(target)
    .optional()
    .meta({ description: `Least ${what}.` });

export const OpportunitiesQuery = z.strictObject({
  exporter,
  importer: importer.optional(),
  product: code('Product: an HS code or its first digits (a chapter, a heading).', '8703').optional(),
  basis: basis.optional(),
  minScore: minimum('score', z.number().min(0).max(100)),
  minFeasibility: minimum('probability that an empty cell is entered', z.number().min(0).max(1)),
  without: z
    .string()
    .transform((text) => text.split(',').map((name) => name.trim()))
    .pipe(z.array(z.enum(FLAGS)).min(1))
    .optional()
    .meta({ description: 'Leaves out opportunities with these flags, comma-separated: lumpy, passedOn, oneYear.' }),
  minConfidence: z.enum(GRADES).optional().meta({
    description: 'Least confidence in the potential: A only, or this grade and better. What has no potential is a D.',
  }),
  minOpportunityUsd: minimum('expected gain'),
  minPotentialUsd: minimum('potential value'),
  minUnrealisedUsd: minimum('unrealised value, net of noise'),
  sort: z.enum(SORTS).default('-score').meta({
    description:
      'A minus sorts the largest first. The default is stored (by basis, in the order of its values) and costs two reads. For an exporter as a whole, other sorts, and minimums other than of the score, read all of its opportunities when they lie on at most 64 pages (about 70,000); beyond that they take the best 1,000 of each basis by score, and the answer says `truncated`.',
  }),
  fields: fieldsOf(OPPORTUNITY_FIELDS),
  ...list,
});

/** The filters of the list alone: what a subscription watches is written in the same words. */
export const OpportunityFilter = OpportunitiesQuery.omit({
  sort: true,
  fields: true,
  limit: true,
  cursor: true,
  format: true,
  bom: true,
});

// score card

export const ScorePath = z.strictObject({
  exporter,
  product: code('Product: an HS code of the level of the run.', '8703'),
  importer,
});

export const JsonQuery = z.strictObject(jsonOnly);

// countries and products

export const CountriesQuery = z.strictObject({ ...list });

export const CountryPath = z.strictObject({ country: code('Country, ISO 3166-1 alpha-3.', 'MEX') });

export const ProductsQuery = z.strictObject({
  q: z.string().trim().min(1).max(100).optional().meta({
    description:
      'Words that describe a product, or the first digits of its code. Every word must begin a word of the name; accents, case and English plurals do not matter. Best match first.',
    example: 'coffee',
  }),
  ...list,
});

export const ProductPath = z.strictObject({ product: code('Product, an HS code of the level of the run.', '0901') });

// runs, datasets and the service itself

export const RunsQuery = z.strictObject({ ...list });

export const RunPath = z.strictObject({ run: z.string().min(1).max(100).meta({ description: 'Run id.' }) });

export const ChangesQuery = z.strictObject({ ...list });

export const ExporterChangesPath = z.strictObject({ ...RunPath.shape, exporter });

export const BacktestQuery = z.strictObject({
  run: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Run id; the newest run with a back-test if absent.' }),
  ...jsonOnly,
});

export const DatasetsQuery = z.strictObject({ ...list });
