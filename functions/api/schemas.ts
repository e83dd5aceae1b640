import * as z from 'zod';
import { Backtest } from '../../lib/app/backtestRecord.ts';
import { Dataset, Run, RunManifest } from '../../lib/app/records.ts';
import { CAUSES } from '../../lib/core/alerts/causes.ts';
import { GRADES } from '../../lib/core/scoring/confidence.ts';
import { CONTRIBUTION_GROUPS } from '../../lib/core/scoring/contributions.ts';
import { FLAGS } from '../../lib/core/scoring/flags.ts';
import { BASES } from '../../lib/core/scoring/scoredCells.ts';
import { BASIS } from './parameters.ts';

/**
 * What the answers look like. Nothing is checked against these when the service answers; the OpenAPI document is made from them, and
 * the tests hold every answer to them. Hence loaded only when somebody asks for the document.
 */

const instant = z.iso.datetime();
const usd = (description: string) => z.number().meta({ description: `${description} USD.` });
const usdOrNull = (description: string) =>
  z
    .number()
    .nullable()
    .meta({ description: `${description} USD; null for a new product, where supply is not observed.` });

/** What every answer about a run says of it. */
const ofRun = {
  run: z.string().meta({ description: 'The run that the numbers belong to; /v1/runs/{run} has its manifest.' }),
  publishedAt: instant,
  unit: z.literal('USD'),
  level: z.number().int().meta({ description: 'Digits of the product codes.' }),
  hsRevision: z.string(),
  years: z.array(z.number().int()).meta({ description: 'Years averaged.' }),
  synthetic: z.literal(true).optional().meta({ description: 'Present when the data are invented.' }),
  notice: z.string().optional(),
};
/** The same where there may be no run yet. */
const ofRunIfAny = {
  ...z.object(ofRun).partial().shape,
  run: z.string().nullable(),
  unit: z.literal('USD'),
};

const reason = z
  .object({
    code: z.enum([
      'NO_TRADE',
      'BELOW_THRESHOLD',
      'NOT_ESTIMATED',
      'NO_MATCH',
      'NOTHING_STORED',
      'NO_EARLIER_RUN',
      'NOT_COMPARABLE',
      'NOT_YET',
      'NOT_KEPT',
      'NO_CHANGE',
    ]),
    detail: z.string(),
  })
  .meta({ id: 'Reason', description: 'Why there is nothing to show.' });

/** What every list answers beside its items. */
const ofList = {
  self: z.string(),
  next: z.string().optional().meta({ description: 'Where the list goes on. Absent at its end.' }),
  query: z.record(z.string(), z.unknown()).meta({ description: 'The request as it was understood.' }),
  reason: reason.optional(),
};

// opportunities

const basis = z.enum(BASES).meta({ description: BASIS });

const CONFIDENCE_PARTS = ['mirror', 'support', 'agreement', 'estimate', 'recency'] as const;

const flags = z.array(z.enum(FLAGS)).meta({
  description:
    'What makes it less than it looks. lumpy: one shipment makes a year (oil, gold, aircraft, ships, art). passedOn: the importer sells at least half as much of the product as it buys. oneYear: of what the exporter sells, the importer buys, or flows between them, nine tenths fell into one of at least three years.',
});

export const Opportunity = z
  .object({
    exporter: z.string(),
    exporterName: z.string(),
    product: z.string(),
    productName: z.string(),
    importer: z.string(),
    importerName: z.string(),
    basis,
    score: z.number().min(0).max(100).meta({
      description: "Percentile among all of the exporter's cells on the same basis: 100 is the best.",
    }),
    opportunityUsd: usd(
      'What can be expected to come of it, E[max(later − now, 0)]: of an empty cell probability times worth, of an existing one its growth. The score ranks it.',
    ),
    feasibility: z.number().min(0).max(1).nullable().meta({
      description: 'Probability that an empty cell is entered; null for an existing one.',
    }),
    density: z.number().min(0).max(1).meta({
      description: 'Product-space density: how much of what is made like the product the exporter already makes.',
    }),
    actualUsd: usd('What is exported now, mean of the years.'),
    potentialUsd: usdOrNull('What the model expects.'),
    realisedUsd: usdOrNull('The smaller of actual and potential.'),
    unrealisedUsd: usdOrNull('Potential beyond actual, net of noise: the careful number.'),
    unrealisedRawUsd: usdOrNull('Potential beyond actual.'),
    sizeUsd: usdOrNull('Driver: what size alone would give.'),
    ease: z.number().nullable().meta({ description: 'Driver: how much more than size the pair trades. A ratio.' }),
    marginAdjustment: z.number().nullable().meta({
      description:
        'Driver: what fitting all totals at once changes. A ratio; potential = size × ease × marginAdjustment.',
    }),
    flags,
    confidenceGrade: z.enum(GRADES).meta({
      description: 'How far the potential can be relied on, from A to D; the score card says what it is made of.',
    }),
    confidenceMissing: z.array(z.enum(CONFIDENCE_PARTS)).meta({ description: 'What of the confidence is not known.' }),
  })
  .meta({ id: 'Opportunity', description: 'Amounts carry seven significant digits; the score card has all of them.' });

export const Opportunities = z
  .object({
    items: z.array(z.union([Opportunity, Opportunity.partial().strict()])),
    ...ofList,
    ...ofRun,
    record: z
      .object({
        run: z.string().meta({ description: 'The run that the back-test belongs to.' }),
        base: z.number().int(),
        outcome: z.number().int(),
        lists: z.array(
          z.object({
            basis: z.enum(BASES),
            ofTwenty: z.number().meta({ description: 'The mean of exporters of about that size.' }),
            low: z.number().nullable(),
            high: z.number().nullable(),
            exporters: z.number().int(),
            fromUsd: usd('Exports of the smallest of them then.'),
            toUsd: usd('And of the largest.'),
          }),
        ),
        note: z.string(),
      })
      .nullable()
      .meta({
        description:
          'How many of the first twenty cells of such lists came true in the newest back-test, for exporters of about that size; null where there is none, see `recordReason`.',
      }),
    recordReason: z.string().optional(),
    truncated: z.literal(true).optional().meta({ description: 'There may be more than was considered; see `hint`.' }),
    hint: z.string().optional(),
  })
  .meta({ id: 'Opportunities' });

// score card

const Drivers = z
  .object({
    sizeUsd: usd('Exports of the product × imports of the product ÷ world trade of it.'),
    ease: z.number().meta({ description: 'Trade of the pair ÷ what it would be at world market shares.' }),
    marginAdjustment: z.number().meta({ description: 'What fitting all totals at once changes.' }),
    logPotential: z.number().meta({ description: 'Natural logarithm; the sum of the three below.' }),
    logSize: z.number(),
    logEase: z.number(),
    logMarginAdjustment: z.number(),
  })
  .meta({ id: 'Drivers', description: 'potential = size × ease × marginAdjustment, and the logarithms add up.' });

const likeness = {
  weight: z.number().meta({ description: 'Of all likeness, as the model counts it: 0 to 1.' }),
  valueUsd: usd('What is sold.'),
};

export const ScoreCard = z
  .object({
    exporter: z.string(),
    exporterName: z.string(),
    product: z.string(),
    productName: z.string(),
    importer: z.string(),
    importerName: z.string(),
    basis,
    score: z.number().min(0).max(100).nullable().meta({
      description:
        "Percentile among all of the exporter's cells on the basis; null when this is no opportunity, see `reason`.",
    }),
    opportunityUsd: z.number().nullable().meta({ description: 'Expected gain, what the score ranks. USD.' }),
    opportunityIntervalUsd: z.object({ low: z.number(), high: z.number() }).nullable().meta({
      description:
        'Where the mean gain of cells like this one lies, in nineteen of twenty draws of exporters. Of one cell by itself far less is known: most empty cells stay empty.',
    }),
    feasibility: z.number().min(0).max(1).nullable().meta({
      description: 'Probability that an empty cell is entered; null for an existing one, and for no opportunity.',
    }),
    foresightNote: z.string().meta({
      description:
        'What the model behind opportunity and feasibility has learned from, and whether that is like these data.',
    }),
    contributions: z
      .object({
        of: z.enum(['logOdds', 'logGrowth']),
        base: z.number(),
        parts: z.array(z.object({ group: z.enum(CONTRIBUTION_GROUPS), value: z.number() })),
        calibration: z.number(),
        total: z.number(),
      })
      .nullable()
      .meta({
        description:
          'What the expectation is made of: base, parts and calibration sum to the total. Of an empty cell the log-odds of its feasibility, of an existing one the logarithm of how many times as much is expected.',
      }),
    density: z.number().min(0).max(1).meta({ description: 'Product-space density.' }),
    flags,
    confidence: z
      .object({
        value: z.number().min(0).max(1),
        grade: z.enum(GRADES),
        parts: z.object({
          mirror: z.number().nullable(),
          support: z.number(),
          agreement: z.number().nullable(),
          estimate: z.number(),
          recency: z.number(),
        }),
        missing: z.array(z.enum(CONFIDENCE_PARTS)),
      })
      .meta({
        description:
          'How far the potential can be relied on: the geometric mean of its parts; what is not known is listed, an unknown mirror counts as 0.7.',
      }),
    rca: z.number().nullable().meta({ description: 'Revealed comparative advantage; null where undefined.' }),
    actualUsd: usd('What is exported now, mean of the years.'),
    potentialUsd: usdOrNull('What the model expects.'),
    models: z
      .object({
        threeWayUsd: z.number().nullable(),
        gravityUsd: z.number().nullable(),
        indexUsd: z.number().nullable(),
        weights: z.object({ threeWay: z.number(), gravity: z.number(), index: z.number() }),
        scale: z.number(),
      })
      .nullable()
      .meta({
        description:
          'What each model says by itself (null where it is silent); the potential is scale × Π model^weight. Null where it is no estimate.',
      }),
    projected: z
      .object({
        horizonYears: z.number().int(),
        potentialUsd: usd('The potential × supplyRatio × demandRatio × tariffRatio.'),
        supplyRatio: z.number().meta({ description: "The exporter's market share, with its GDP." }),
        demandRatio: z.number().meta({ description: "The importer's demand, with its people and their income." }),
        incomeElasticity: z.number().meta({
          description:
            'Percent by which imports per head grow with one of income per head, as a file says of the importer or of all; 1 where none does.',
        }),
        tariffRatio: z.number().meta({
          description:
            'What the importer charges, beside what it charges others and what others charge; 1 where tariffs are not known.',
        }),
        priceElasticity: z.number().meta({
          description:
            'Percent by which imports fall with one of price: tariffRatio is raised to it; 1 where no file says.',
        }),
        tariffPercent: z.number().nullable().meta({ description: 'Of the value; null where not known.' }),
        unrealisedUsd: usd('What the projected potential exceeds sales by: friction and growth together.'),
        frictionUsd: usd('Missing already now.'),
        growthUsd: usd('What comes with growth.'),
        assumed: z
          .array(z.enum(['exporterGrowth', 'importerGrowth', 'tariff', 'incomeElasticity', 'priceElasticity']))
          .meta({
            description:
              'Not known of this cell: counts as the mean of the others (growth), or as 1 (tariff, elasticities).',
          }),
      })
      .nullable()
      .meta({
        description:
          'The potential by the end of the horizon. Not what the score ranks. Null where the potential is no estimate, or neither growth nor tariffs are loaded.',
      }),
    realisedUsd: usdOrNull('The smaller of actual and potential.'),
    unrealisedUsd: usdOrNull('Potential beyond actual, net of noise: the careful number.'),
    unrealisedRawUsd: usdOrNull('Potential beyond actual.'),
    degree: z.number().nullable().meta({
      description:
        'Of the potential, the share that is unrealised before noise is taken off, 0 to 1; null where there is no potential.',
    }),
    indexUsd: usdOrNull('Static index of export potential: size × ease. Also null where the potential is no estimate.'),
    drivers: Drivers.nullable().meta({ description: 'Null where the potential is no estimate; the reason says why.' }),
    forecast: z
      .array(
        z.object({
          year: z.number().int(),
          valueUsd: usd('What is expected to be sold in that year.'),
          lowUsd: usd('Of flows of that size, one in ten came to less.'),
          highUsd: usd('Of flows of that size, one in ten came to more.'),
        }),
      )
      .nullable()
      .meta({ description: 'One to five years after the latest; null where nothing can be said, see `forecastNote`.' }),
    forecastNote: z.string().meta({ description: 'What the forecast is worth, or why there is none.' }),
    totals: z.object({
      exporterProductUsd: usd('Exports of the product to the world.'),
      importerProductUsd: usd('Imports of the product from the world.'),
      pairUsd: usd('Exports of all products to the importer.'),
      worldProductUsd: usd('World trade of the product.'),
      exposureUsd: usd('What the pair would trade at world market shares.'),
    }),
    precedents: z
      .object({
        likeness: z.enum(['trade', 'tradeAndDistance']).meta({
          description:
            'How countries are compared: by what they trade, and where distances are loaded also by how near they are.',
        }),
        exporters: z
          .array(z.object({ exporter: z.string(), exporterName: z.string(), ...likeness }))
          .meta({ description: 'Like the exporter, and sell the product to the importer.' }),
        importers: z
          .array(z.object({ importer: z.string(), importerName: z.string(), ...likeness }))
          .meta({ description: 'Like the importer, and buy the product from the exporter; of the eight most alike.' }),
        products: z
          .array(z.object({ product: z.string(), productName: z.string(), ...likeness }))
          .meta({ description: 'Like the product, and sold by the exporter to the importer; of the twelve nearest.' }),
      })
      .meta({
        description:
          'Who does already what the cell is about: what the shares of similar exporters, similar importers and related products consist of, at most five of each.',
      }),
    competitors: z
      .array(
        z.object({
          exporter: z.string(),
          exporterName: z.string(),
          valueUsd: z.number(),
          share: z.number().meta({ description: 'Of what the importer buys of the product.' }),
        }),
      )
      .meta({ description: 'The largest suppliers, the exporter among them if it is one.' }),
  })
  .meta({ id: 'ScoreCard' });

export const Score = z.object({ score: ScoreCard, reason: reason.optional(), ...ofRun }).meta({ id: 'Score' });

// countries and products

export const Country = z
  .object({
    code: z.string(),
    name: z.string(),
    exportsUsd: z.number(),
    importsUsd: z.number(),
    diversity: z.number().int().meta({ description: 'Products exported with comparative advantage.' }),
    eci: z
      .number()
      .nullable()
      .meta({ description: 'Economic complexity, a z-score; null for a country outside the universe.' }),
    eciRank: z.number().int().nullable(),
  })
  .meta({ id: 'Country' });

const BasisTotals = z
  .object({
    opportunities: z.number().int(),
    opportunityUsd: usd('Sum of the expected gains.'),
    potentialUsd: z.number().nullable(),
    unrealisedUsd: z.number().nullable(),
    unrealisedRawUsd: z.number().nullable(),
  })
  .meta({ description: 'Sums over the opportunities of a basis.' });

const BeyondNoise = z
  .object({
    unrealisedRawUsd: usd('Sum of what potentials of 1,000 USD and more exceed sales by, in pairs that trade.'),
    noiseUsd: usd(
      'The part of it that chance alone would make: worlds are drawn around the potentials and fitted again.',
    ),
    excessUsd: usd('What is missing beyond that, beside other exporters and products: the world as a whole has none.'),
    excessIntervalUsd: z.array(z.number()).length(2).meta({
      description: 'Of 95 %. Above 0: more is missing than chance explains.',
    }),
  })
  .nullable()
  .meta({
    description: 'What is missing beyond noise. Null until it is found out, a minute or two after a run is published.',
  });

export const Countries = z.object({ items: z.array(Country), ...ofList, ...ofRun }).meta({ id: 'Countries' });

export const CountryAnswer = z
  .object({
    country: Country.extend({
      bases: z
        .object({ newMarket: BasisTotals, existing: BasisTotals, newPair: BasisTotals, newProduct: BasisTotals })
        .nullable()
        .meta({ description: 'Null for a country that exports nothing.' }),
      beyondNoise: BeyondNoise,
    }).meta({ id: 'CountryProfile' }),
    ...ofRun,
  })
  .meta({ id: 'CountryAnswer' });

export const Product = z
  .object({
    code: z.string(),
    name: z.string(),
    chapter: z.string(),
    worldTradeUsd: z.number(),
    ubiquity: z.number().int().meta({ description: 'Exporters with comparative advantage.' }),
    pci: z.number().nullable().meta({ description: 'Product complexity; null outside the universe.' }),
  })
  .meta({ id: 'Product' });

export const Products = z.object({ items: z.array(Product), ...ofList, ...ofRun }).meta({ id: 'Products' });

export const ProductAnswer = z
  .object({ product: Product.extend({ beyondNoise: BeyondNoise }).meta({ id: 'ProductProfile' }), ...ofRun })
  .meta({ id: 'ProductAnswer' });

// runs, datasets and the service itself

export const RunItem = z
  .object({
    run: z.string(),
    status: Run.shape.status,
    standing: z.enum(['current', 'previous', 'overwritten', 'unpublished']).meta({
      description: 'What readers see of it: current is answered from, previous can still be paged through.',
    }),
    attempt: z.number().int(),
    startedAt: instant,
    finishedAt: instant.nullable(),
    reason: z.string().nullable().meta({ description: 'Why it failed.' }),
    level: z.number().int(),
    hsRevision: z.string(),
    years: z.array(z.number().int()),
    backtestFrom: z.number().int().nullable().meta({
      description:
        'The year from which the scores are back-tested to the latest; null without a year that is earlier enough. /v1/backtest has the result, some minutes after the run.',
    }),
    synthetic: z.boolean(),
  })
  .meta({ id: 'Run' });

export const Runs = z
  .object({ items: z.array(RunItem), ...ofList, current: z.string().nullable(), unit: z.literal('USD') })
  .meta({ id: 'Runs', description: 'The newest 500.' });

export const RunAnswer = z
  .object({
    ...RunItem.shape,
    manifest: RunManifest.meta({ id: 'RunManifest', description: 'Enough to make the run again, byte for byte.' }),
    facts: z.record(z.string(), z.unknown()).meta({ description: 'Counts, errors of the margins, convergence, cost.' }),
    unit: z.literal('USD'),
  })
  .meta({ id: 'RunAnswer' });

// what changed between two runs

const amounts = {
  beforeUsd: usd('Unrealised value net of noise in the run before; 0 for no opportunity.'),
  afterUsd: usd('The same in this run.'),
  changeUsd: usd('After minus before: the sum of the three that follow, but for rounding each to cents.'),
  modelVersionUsd: usd('What the model or its settings changed, on the old data.'),
  dataRevisionUsd: usd('What other contents of the same years changed.'),
  marketMoveUsd: usd('What other years changed.'),
};

export const ExporterChange = z
  .object({
    exporter: z.string(),
    exporterName: z.string(),
    ...amounts,
    appeared: z.number().int().meta({ description: 'Cells that are an opportunity now and were not.' }),
    gone: z.number().int(),
    rose: z.number().int(),
    fell: z.number().int(),
    same: z.number().int(),
  })
  .meta({ id: 'ExporterChange' });

export const CellChange = z
  .object({
    exporter: z.string(),
    product: z.string(),
    productName: z.string(),
    importer: z.string(),
    importerName: z.string(),
    ...amounts,
  })
  .meta({ id: 'CellChange' });

const cause = z.enum(CAUSES);
const ofChanges = {
  ...ofList,
  run: z.string(),
  previous: z.string().nullable().meta({ description: 'The run that it is compared with.' }),
  causes: z.array(cause).meta({
    description:
      'What differs between the two, in the order in which it is accounted for: first the new model on the old data, then the old years as they are known now, then the new years.',
  }),
  unit: z.literal('USD'),
};

export const Changes = z.object({ items: z.array(ExporterChange), ...ofChanges }).meta({ id: 'Changes' });

export const ExporterChanges = z
  .object({
    items: z
      .array(CellChange)
      .meta({ description: 'At most 100 rises and 100 falls, rises first, the largest first.' }),
    exporter: ExporterChange.nullable(),
    ...ofChanges,
  })
  .meta({ id: 'ExporterChanges' });

// what the scores of an earlier year were worth

export const BacktestAnswer = z
  .object({ ...Backtest.shape, unit: z.literal('USD'), notice: z.string().optional() })
  .meta({ id: 'Backtest' });

export const DatasetItem = z
  .object({
    ...Dataset.shape,
    use: z.enum(['used', 'unused', 'notYet']).meta({ description: 'The part it plays in the current run.' }),
    unusedReason: z.string().nullable(),
  })
  .meta({ id: 'Dataset' });

export const Datasets = z.object({ items: z.array(DatasetItem), ...ofList, ...ofRunIfAny }).meta({ id: 'Datasets' });

export const Status = z
  .object({
    ...ofRunIfAny,
    now: instant,
    ageSeconds: z.number().int().nullable(),
    rows: z.number().int().nullable().meta({ description: 'Stored rows that the current run speaks from.' }),
    coverage: z
      .object({
        years: z.array(z.number().int()),
        exporters: z.number().int(),
        importers: z.number().int(),
        products: z.number().int(),
        worldTradeUsd: z.number(),
      })
      .nullable(),
    running: z.object({ run: z.string(), attempt: z.number().int(), startedAt: instant }).nullable(),
    failed: z
      .object({ run: z.string(), attempt: z.number().int(), reason: z.string() })
      .nullable()
      .meta({ description: 'The newest failed run that no published one has followed.' }),
    drops: z.object({
      stored: z.number().int(),
      storedWithRejects: z.number().int(),
      refused: z.number().int(),
    }),
    failedDrops: z
      .array(z.object({ key: z.string(), lastModified: instant, reason: z.string() }))
      .meta({ description: 'The latest 20 refused files.' }),
  })
  .meta({ id: 'Status' });

export const Health = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

export const Document = z.looseObject({ openapi: z.string() }).meta({ id: 'Document', description: 'OpenAPI 3.1.' });

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    requestId: z.string(),
    errors: z
      .array(z.object({ parameter: z.string(), detail: z.string(), allowed: z.array(z.string()).optional() }))
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });
