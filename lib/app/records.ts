import * as z from 'zod';
import { MEASURE_NAMES } from '../core/covariates/measures.ts';

/**
 * The facts that outlive a process: drops, datasets, runs, the current pointer and the lease.
 * zod schemas, since they are read back from storage and shown by the API.
 */

const Instant = z.iso.datetime();

/** One object that somebody put under `drops/`, and what became of it. Keyed by object key; the newest version wins. */
export const Drop = z.object({
  key: z.string(),
  etag: z.string(),
  /** orders two versions of one key (S3 event `sequencer`, a hex string; '' when the drop was found by listing) */
  sequencer: z.string(),
  lastModified: Instant,
  bytes: z.number(),
  outcome: z.enum(['stored', 'storedWithRejects', 'refused']),
  /** SHA-256 of the bytes: the dataset that this key now stands for. A refused revision leaves the one before in place */
  dataset: z.string().optional(),
  /** why it was refused, for the person who dropped it */
  reason: z.string().optional(),
  nearestFormat: z.string().optional(),
  missing: z.array(z.string()).optional(),
});
export type Drop = z.infer<typeof Drop>;

/**
 * Orders two versions of one object: negative when `a` is the older. S3 sequencers are hex strings of varying length that compare
 * as text once the shorter is filled up with zeros on its right; a version found by listing has none, then the modification time decides.
 */
export function compareVersions(
  a: Pick<Drop, 'sequencer' | 'lastModified'>,
  b: Pick<Drop, 'sequencer' | 'lastModified'>,
): number {
  const order = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0);
  if (a.sequencer === '' || b.sequencer === '') return order(a.lastModified, b.lastModified);
  const width = Math.max(a.sequencer.length, b.sequencer.length);
  return order(a.sequencer.padEnd(width, '0'), b.sequencer.padEnd(width, '0'));
}

export const FlowYear = z.object({
  year: z.number().int(),
  rows: z.number().int(),
  valueUsd: z.number(),
  exporters: z.number().int(),
  importers: z.number().int(),
  products: z.number().int(),
  /** lake keys: canonical Parquet (for SQL) and the same rows as packed columns (for scoring) */
  parquetKey: z.string(),
  columnsKey: z.string(),
  /** SHA-256 of the packed columns: what a run id is derived from */
  contentHash: z.string(),
});
export type FlowYear = z.infer<typeof FlowYear>;

/** What a file states of one measure. */
export const StoredMeasure = z.object({
  measure: z.enum(MEASURE_NAMES),
  rows: z.number().int(),
  /** years that the file covers; empty when its statements hold for all */
  years: z.array(z.number().int()),
  /** lake keys: Parquet (for SQL) and the same rows as packed columns (for runs) */
  parquetKey: z.string(),
  columnsKey: z.string(),
  /** SHA-256 of the packed columns: part of a run's id */
  contentHash: z.string(),
});
export type StoredMeasure = z.infer<typeof StoredMeasure>;

/** The manifest of one file's content. Keyed by the SHA-256 of its bytes. */
export const Dataset = z.object({
  dataset: z.string(),
  kind: z.enum(['flows', 'countries', 'products', 'sections', 'covariates']),
  format: z.string(),
  /** the drop key under which this content was last stored, and when: newer speaks over older (lib/README.md, invariants) */
  key: z.string(),
  lastModified: Instant,
  bytes: z.number(),
  rowsRead: z.number().int(),
  rowsStored: z.number().int(),
  duplicatesSummed: z.number().int(),
  rejected: z.record(z.string(), z.number().int()),
  rejectsKey: z.string().optional(),
  /** digits of the product codes: 2, 4 or 6 (flows and product names) */
  level: z.number().int().optional(),
  /** 'HS92' … 'HS22', or 'HS' when the file does not say */
  hsRevision: z.string().optional(),
  years: z.array(FlowYear).optional(),
  /** what a file of covariates states, measure by measure */
  measures: z.array(StoredMeasure).optional(),
  /** what dropped dictionaries changed in the country codes when these flows or covariates were read ('' nothing): read under others they are other rows */
  countryCodes: z.string().optional(),
  /** lake key of a dictionary's entries (kind countries, products and sections), and the hash of its content */
  entriesKey: z.string().optional(),
  contentHash: z.string().optional(),
});
export type Dataset = z.infer<typeof Dataset>;

/** One year of one file of flows, as a run reads it. */
export const RunInput = z.object({
  dataset: z.string(),
  year: z.number().int(),
  columnsKey: z.string(),
  contentHash: z.string(),
});
export type RunInput = z.infer<typeof RunInput>;

/** What a run scored: enough to make it again, byte for byte. */
export const RunManifest = z.object({
  codeVersion: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  level: z.number().int(),
  hsRevision: z.string(),
  years: z.array(z.number().int()),
  /** in the order in which they speak: a later one wins for the (year, exporter) pairs that it contains */
  inputs: z.array(RunInput),
  /** the year from which the run's scores are back-tested, and the years between it and the window; null when no such year is stored */
  earlier: z
    .object({ year: z.number().int(), inputs: z.array(RunInput), between: z.array(RunInput) })
    .nullable()
    .default(null),
  dictionaries: z.array(
    z.object({
      dataset: z.string(),
      kind: z.enum(['countries', 'products', 'sections']),
      entriesKey: z.string(),
      contentHash: z.string(),
    }),
  ),
  /** what is known beside trade at the run's year, in the order in which the files speak */
  covariates: z
    .array(
      z.object({
        dataset: z.string(),
        measure: z.enum(MEASURE_NAMES),
        columnsKey: z.string(),
        contentHash: z.string(),
      }),
    )
    .default([]),
  /** datasets that exist but do not take part, each with the reason */
  unused: z.array(z.object({ dataset: z.string(), reason: z.string() })),
  synthetic: z.boolean(),
});
export type RunManifest = z.infer<typeof RunManifest>;

export const Run = z.object({
  run: z.string(),
  status: z.enum(['running', 'published', 'failed']),
  slot: z.number().int().min(0).max(2),
  attempt: z.number().int(),
  startedAt: Instant,
  finishedAt: Instant.optional(),
  reason: z.string().optional(),
  manifest: RunManifest,
  /** numbers about the result: counts, margins' errors, convergence, write units */
  facts: z.record(z.string(), z.unknown()).optional(),
});
export type Run = z.infer<typeof Run>;

/** The one item that readers follow. */
export const Pointer = z.object({
  run: z.string(),
  slot: z.number().int().min(0).max(2),
  publishedAt: Instant,
  previous: z.object({ run: z.string(), slot: z.number().int().min(0).max(2) }).nullable(),
});
export type Pointer = z.infer<typeof Pointer>;

export const Lease = z.object({ owner: z.string(), expiresAt: Instant });
export type Lease = z.infer<typeof Lease>;
