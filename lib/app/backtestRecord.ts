import * as z from 'zod';
import { ENTRY_BASES } from '../core/entry/bases.ts';
import type { Page, PageStore } from '../ports/pageStore.ts';

/** A number that may have no value: a mean over no exporters, an interval without draws. */
const number = z.number().nullable();
const interval = z.object({ low: number, high: number, draws: z.number().int() });
const metric = z.object({
  value: number,
  interval,
  over: z.object({ difference: number, interval }).nullable().meta({
    description: 'By how much it is better than the first score, over the same draws; null for the first itself.',
  }),
});
const count = z.number().int();

const CameTrue = z.object({ fromUsd: number, toUsd: number, exporters: count, cameTrue: number, interval });

/** A score of empty cells against what happened. */
const BacktestScore = z.object({
  name: z.string(),
  about: z.string(),
  metrics: z
    .object({
      auc: metric,
      averagePrecision: metric,
      macroAveragePrecision: metric,
      precisionAt20: metric,
      rPrecision: metric,
    })
    .meta({
      description:
        'Equal scores stand at expected value. AUC and average precision are of the list of all exporters; precision at 20 and macro average precision are means over exporters with at least 20 entries, R-precision over all others.',
    }),
  lift: number.meta({ description: 'Average precision over prevalence.' }),
  precisionAt1000: number,
  bestF1: number,
  captured: z.object({ share: number, ofBest: number, interval }).meta({
    description:
      'Of all that came into being, USD, the share in the first twenty cells of each exporter; and of what any twenty could have held.',
  }),
  ofTwenty: z
    .array(CameTrue)
    .meta({ description: 'How many of the first twenty cells of an exporter came true, by the size of its exports.' }),
  calibration: z
    .array(
      z.object({
        from: z.number(),
        to: z.number(),
        cells: count,
        expected: number.meta({ description: 'The sum of the probabilities.' }),
        observed: number.meta({ description: 'How many were entered.' }),
        ratio: number.meta({ description: 'Observed over expected: below 1 when probabilities promise too much.' }),
        interval,
      }),
    )
    .nullable()
    .meta({ description: 'Whether probabilities are right, bin by bin; null for a score that is no probability.' }),
  parts: z.array(
    z.object({
      by: z.enum(['basis', 'region', 'section', 'hubs left out', 'late entries']),
      part: z.string(),
      cells: count,
      positives: count,
      auc: number,
      averagePrecision: number,
      precisionAt20: number,
    }),
  ),
});

/** What the scores of a run were worth between an earlier year and its latest. Stored with the run, and shown by the API. */
export const Backtest = z.object({
  run: z.string(),
  base: z.number().int().meta({ description: 'The year that scores are made from.' }),
  outcome: z.number().int().meta({ description: 'The year that they are judged by.' }),
  between: z.array(z.number().int()).meta({ description: 'Years that tell late entries from early ones.' }),
  level: z.number().int(),
  hsRevision: z.string(),
  synthetic: z.boolean(),
  eventUsd: z.number().meta({ description: 'An empty cell counts as entered from this much, USD.' }),
  draws: count.meta({ description: 'Of exporters, for the intervals (95 %).' }),
  exporters: z.object({
    known: count.meta({ description: 'With flows in both years.' }),
    judged: count,
    lost: count.meta({ description: 'With flows in the base year and none later: not judged.' }),
  }),
  universe: z
    .object({
      exporters: count,
      cells: count.meta({ description: 'Empty cells whose importer buys the product from somebody: all are judged.' }),
      positives: count.meta({ description: 'How many of them were entered.' }),
      prevalence: z.number().meta({ description: 'Positives over cells: the average precision of no knowledge.' }),
      exportersAt20: count,
      unknownPairs: count,
      late: count.nullable().meta({ description: 'Entries that no year between has; null without such years.' }),
    })
    .nullable()
    .meta({ description: 'Null when there was nothing to judge, see `reason`.' }),
  scores: z.array(BacktestScore).meta({ description: 'The first is what the others are compared with.' }),
  lists: z
    .array(z.object({ basis: z.enum(ENTRY_BASES), sizes: z.array(CameTrue) }))
    .default([])
    .meta({
      description:
        'How many of the first twenty cells came true in the list that an exporter is shown: the empty cells of a basis by expected gain, by the size of the exporter.',
    }),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  limits: z.array(z.string()).meta({ description: 'What all this does not show.' }),
  reason: z.string().nullable().meta({ description: 'Why there is nothing to show.' }),
});
export type Backtest = z.infer<typeof Backtest>;

// It stays when the run's slot is written again: its partition is the run's own.
const partitionOf = (run: string) => `backtest#${run}`;
const SORT = 'entries';

/** As JSON: seven significant digits, null for what has no value. */
export const backtestJson = (backtest: { readonly [Field in keyof Backtest]: unknown }): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify(backtest, (_, value) =>
      typeof value === 'number' && !Number.isInteger(value) && Number.isFinite(value)
        ? Number(value.toPrecision(7))
        : value,
    ),
  );

export const backtestOf = (json: Uint8Array): Backtest => Backtest.parse(JSON.parse(new TextDecoder().decode(json)));

/** The page that the API reads: far below what an item of the table may hold. */
export const backtestPage = (run: string, json: Uint8Array): Page => ({
  partition: partitionOf(run),
  sort: SORT,
  run,
  body: json,
});

/** The back-test of a run: one read. Null where it is not there, or not yet. */
export async function readBacktest(pages: PageStore, run: string): Promise<Backtest | null> {
  const [page] = await pages.get(run, [{ partition: partitionOf(run), sort: SORT }]);
  return page ? backtestOf(page.body) : null;
}
