import { Failure } from '../../core/errors.ts';
import type { Catalog } from '../../ports/catalog.ts';
import type { Clock } from '../../ports/clock.ts';
import type { PageStore } from '../../ports/pageStore.ts';
import { believed } from '../believed.ts';
import { type RunEvidence, runEvidence } from '../cellConfidence.ts';
import type { RunManifest } from '../records.ts';
import { cachedPages } from './cachedPages.ts';
import { readChanges, readExporterChanges } from './changesPages.ts';
import { type Aggregate, readBeyondNoise } from './noisePages.ts';
import { precedentReader } from './precedentPages.ts';
import { type ExporterReader, exporterReader } from './readExporter.ts';
import { importerReader } from './readImporter.ts';
import { readWorld, type World } from './worldPages.ts';

/** How long the pointer is believed. */
const POINTER_MS = 1_000;

/** A published run, ready to be read. */
export interface Published {
  readonly run: string;
  readonly publishedAt: string;
  readonly manifest: RunManifest;
  readonly world: World;
  readonly evidence: RunEvidence;
  exporter(code: string): ExporterReader;
  importer(code: string): ReturnType<typeof importerReader>;
  /** who and what is like whom and what, and what is sold */
  readonly precedents: ReturnType<typeof precedentReader>;
  /** what changed since the run before; null while it is being found out */
  changes(): ReturnType<typeof readChanges>;
  changesOf(exporter: string): ReturnType<typeof readExporterChanges>;
  /** what an exporter or a product misses beyond noise; null while it is being found out */
  beyondNoise(of: Aggregate, position: number): ReturnType<typeof readBeyondNoise>;
}

/** What can be read now. */
export interface PublishedScores {
  /** The current run. Failure `run.none` before the first. */
  current(): Promise<Published>;
  /** The current run, or null before the first. */
  currentOrNull(): Promise<Published | null>;
  /** The run if it is current or the one before: its slot is still whole. Failure `cursor.expired` otherwise. */
  still(run: string): Promise<Published>;
}

/**
 * Follows the pointer. What never changes once published is read once in a process: the manifest, the axes, and the pages within bounds.
 */
export function publishedScores(deps: { catalog: Catalog; pages: PageStore; clock: Clock }): PublishedScores {
  const { catalog, clock } = deps;
  const pages = cachedPages(deps.pages);
  // an absent pointer is asked for again, so that the first run shows at once
  const followed = believed(() => catalog.pointer(), { clock, ms: POINTER_MS, isFirm: (pointer) => pointer !== null });
  const opened = new Map<string, Promise<Published>>();

  async function open(run: string, slot: number, publishedAt: string | undefined): Promise<Published> {
    const [record, world] = await Promise.all([catalog.getRun(run), readWorld(pages, run, slot)]);
    if (!record) throw new Failure('store.inconsistent', { what: `run ${run}` });
    const { manifest } = record;
    const at = publishedAt ?? record.finishedAt ?? record.startedAt;
    return {
      run,
      publishedAt: at,
      manifest,
      world,
      evidence: runEvidence(manifest.years, at),
      exporter: (code) => exporterReader(pages, run, slot, code, world.products.codes.length),
      importer: (code) => importerReader(pages, run, slot, code),
      precedents: precedentReader(pages, { slot, run }),
      changes: () => readChanges(pages, run, slot),
      changesOf: (exporter) => readExporterChanges(pages, run, slot, exporter),
      beyondNoise: (of, position) => readBeyondNoise(pages, { slot, run }, of, position),
    };
  }

  function opening({ run, slot }: { run: string; slot: number }, publishedAt?: string): Promise<Published> {
    const place = placeOf({ run, slot });
    const known = opened.get(place);
    if (known) return known;
    const opens = open(run, slot, publishedAt);
    opened.set(place, opens);
    opens.catch(() => opened.delete(place));
    return opens;
  }

  async function currentOrNull(): Promise<Published | null> {
    const to = await followed();
    if (!to) return null;
    // runs that can no longer be read are let go
    const readable = [placeOf(to), ...(to.previous ? [placeOf(to.previous)] : [])];
    for (const place of opened.keys()) if (!readable.includes(place)) opened.delete(place);
    return opening(to, to.publishedAt);
  }

  return {
    currentOrNull,
    async current() {
      const published = await currentOrNull();
      if (!published) throw new Failure('run.none', {});
      return published;
    },
    async still(run) {
      const to = await followed();
      if (to?.run === run) return opening(to, to.publishedAt);
      if (to?.previous?.run === run) return opening(to.previous);
      throw new Failure('cursor.expired', { run });
    },
  };
}

/** A run may come back in another slot, once data are restored to what they were. */
const placeOf = ({ run, slot }: { run: string; slot: number }) => `${run} in slot ${slot}`;
