import { createHash } from 'node:crypto';
import { measureNamed } from '../core/covariates/measureNamed.ts';
import { Failure } from '../core/errors.ts';
import type { CountryNumber } from '../core/trade/countryCodes.ts';
import { hsRevision } from '../core/trade/productCodes.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { Contents, CovariateContents, DroppedFile, DropReader, FlowContents } from '../ports/dropReader.ts';
import type { EventBus } from '../ports/eventBus.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { Queue } from '../ports/queue.ts';
import type { Workspace } from '../ports/workspace.ts';
import { type CodesInForce, type CountryEntries, codesInForce, type ProductEntries } from './dictionaries.ts';
import { readAgain } from './objectCreated.ts';
import { compareVersions, type Dataset, type Drop, type FlowYear, type StoredMeasure } from './records.ts';

export interface IngestDeps {
  readonly drops: ObjectStore;
  /** name of the drops bucket, for messages */
  readonly bucket: string;
  readonly lake: ObjectStore;
  readonly catalog: Catalog;
  readonly events: EventBus;
  readonly ingest: Queue;
  readonly reader: DropReader;
  readonly iso: readonly CountryNumber[];
  readonly workspace: Workspace;
}

export type IngestOutcome =
  /** the object is gone or has been replaced since: its own event follows */
  | { readonly outcome: 'absent' }
  /** a newer version of the object has an outcome already */
  | { readonly outcome: 'superseded' }
  | {
      readonly outcome: Drop['outcome'];
      readonly reason?: string;
      readonly datasets: readonly string[];
      /** keys of flows that are read again because the meaning of country codes has changed */
      readonly readAgain: readonly string[];
    };

type Refusal = Pick<Drop, 'reason' | 'nearestFormat' | 'missing'>;
type Result = { member: string } & ({ dataset: Dataset } | { refusal: Refusal });

/**
 * Takes one dropped object in: reads it, stores what can be used, and records what became of it. Data come first, then the dataset's
 * manifest, then the drop, then the event, so that whoever sees one finds what it names; every step may be repeated.
 *
 * A refusal is an outcome. Only what a later attempt may mend (a store, the network, this machine) is thrown.
 */
export function ingestDrop(deps: IngestDeps) {
  const { drops, lake, catalog, events, ingest, reader, iso, workspace, bucket } = deps;

  return (object: { key: string; etag?: string | undefined; sequencer?: string | undefined }): Promise<IngestOutcome> =>
    workspace(async (folder) => {
      const { key } = object;
      if (key.endsWith('/')) return { outcome: 'absent' }; // how consoles make a folder
      const path = `${folder}/drop`;
      const facts = await drops.getToFile(key, path, object.etag);
      if (!facts) return { outcome: 'absent' };

      const [recorded, datasets] = await Promise.all([catalog.drops(), catalog.datasets()]);
      const earlier = recorded.find((drop) => drop.key === key);
      const { etag, bytes, lastModified } = facts;
      const sequencer = object.sequencer ?? (earlier?.etag === etag ? earlier.sequencer : '');
      const version = { key, etag, bytes, lastModified, sequencer };
      if (earlier && compareVersions(version, earlier) < 0) return { outcome: 'superseded' };

      // every file of the drop for itself: one that is refused does not hold back the others
      const codes = await codesInForce(lake, iso, { datasets, drops: recorded });
      const results: Result[] = [];
      try {
        for await (const file of reader.files(path, folder)) {
          const { member } = file;
          const at = { ...version, key: member === '' ? key : memberKey(key, member) };
          results.push({ member, ...(await orRefusal(async () => ({ dataset: await storeFile(file, at, codes) }))) });
        }
      } catch (error) {
        results.push({ member: '', refusal: refusalIn(error) });
      }

      // members first: the outcome of the drop itself says that all is recorded
      const own = ownOutcome(results, earlier?.dataset);
      for (const drop of memberDrops(version, results, recorded)) await catalog.putDrop(drop);
      if (!(await catalog.putDrop({ ...version, ...own }))) return { outcome: 'superseded' };

      const stored = results.flatMap((result) => ('dataset' in result ? [result.dataset] : []));
      for (const { dataset, key: under, kind } of stored)
        await events.publish('dataset.ingested', { dataset, key: under, kind });
      return {
        outcome: own.outcome,
        ...(own.reason === undefined ? {} : { reason: own.reason }),
        datasets: stored.map(({ dataset }) => dataset),
        readAgain: await resendOutdated(stored),
      };
    });

  /** The dataset that a file's content is: the one known already, or a new one with its data in the lake. */
  async function storeFile(
    file: DroppedFile,
    at: { key: string; lastModified: string },
    codes: CodesInForce,
  ): Promise<Dataset> {
    const readable = await file.unpack();
    const named = hsRevision(file.member) === 'HS' ? hsRevision(at.key) : hsRevision(file.member);
    const known = await catalog.getDataset(readable.sha256);
    const sameMeaning =
      (known === null || known.countryCodes === (hasCountryCodes(known) ? codes.fingerprint : undefined)) &&
      sameName(known, at.key) &&
      (named === 'HS' || known?.hsRevision === undefined || known.hsRevision === named);
    if (known && sameMeaning) {
      const newer = compareVersions({ ...known, sequencer: '' }, { ...at, sequencer: '' }) < 0;
      const dataset = newer ? { ...known, key: at.key, lastModified: at.lastModified } : known;
      if (newer) await catalog.putDataset(dataset);
      return dataset;
    }

    const fileName = file.member === '' ? at.key : file.member;
    const contents = await readable.read({ countries: codes.countries, hsRevision: named, fileName });
    const dataset: Dataset = {
      dataset: readable.sha256,
      kind: contents.kind,
      format: contents.format,
      key: at.key,
      lastModified: at.lastModified,
      bytes: readable.bytes,
      rowsRead: contents.rowsRead,
      rowsStored: contents.rowsStored,
      duplicatesSummed: contents.duplicatesSummed,
      rejected: contents.rejected,
      ...(await storeRejects(contents, readable.sha256)),
      ...(await storeContents(contents, readable.sha256)),
      ...(hasCountryCodes(contents) && { countryCodes: codes.fingerprint }),
    };
    await catalog.putDataset(dataset);
    return dataset;
  }

  function storeContents(contents: Contents, sha256: string): Promise<Partial<Dataset>> {
    if (contents.kind === 'flows') return storeFlows(contents, sha256);
    if (contents.kind === 'covariates') return storeMeasures(contents, sha256);
    return storeEntries(contents, sha256);
  }

  async function storeRejects({ rejectsPath }: Contents, sha256: string): Promise<Pick<Dataset, 'rejectsKey'>> {
    if (rejectsPath === undefined) return {};
    const rejectsKey = `rejects/${short(sha256)}.csv`;
    await lake.putFile(rejectsKey, rejectsPath, 'text/csv; charset=utf-8');
    return { rejectsKey };
  }

  /** Columns lie under the hash of their content: read again with other codes, the same file does not change them under a run's feet. */
  async function storeFlows(contents: FlowContents, sha256: string): Promise<Partial<Dataset>> {
    const years: FlowYear[] = [];
    for (const { parquetPath, columnsPath, ...year } of contents.years) {
      const parquetKey = `curated/flows/source=${contents.format}/year=${year.year}/${short(sha256)}.parquet`;
      const columnsKey = `curated/columns/${short(year.contentHash)}/${year.year}.bin`;
      await Promise.all([
        lake.putFile(parquetKey, parquetPath, 'application/vnd.apache.parquet'),
        lake.putFile(columnsKey, columnsPath, 'application/octet-stream'),
      ]);
      years.push({ ...year, parquetKey, columnsKey });
    }
    return { level: contents.level, hsRevision: contents.hsRevision, years };
  }

  async function storeMeasures({ measures }: CovariateContents, sha256: string): Promise<Partial<Dataset>> {
    const stored: StoredMeasure[] = [];
    for (const { measure, rows, years, parquetPath, columnsPath, contentHash } of measures) {
      const parquetKey = `curated/covariates/measure=${measure}/${short(sha256)}.parquet`;
      const columnsKey = `curated/columns/${short(contentHash)}/${measure}.bin`;
      await Promise.all([
        lake.putFile(parquetKey, parquetPath, 'application/vnd.apache.parquet'),
        lake.putFile(columnsKey, columnsPath, 'application/octet-stream'),
      ]);
      stored.push({ measure, rows, years: [...years], parquetKey, columnsKey, contentHash });
    }
    return { measures: stored };
  }

  async function storeEntries(
    contents: Exclude<Contents, FlowContents | CovariateContents>,
    sha256: string,
  ): Promise<Partial<Dataset>> {
    const { kind, names } = contents;
    const entries: CountryEntries | ProductEntries =
      kind === 'countries' ? { numbers: [...contents.numbers], names } : { names };
    const body = new TextEncoder().encode(JSON.stringify(entries));
    const entriesKey = `curated/${kind}/${short(sha256)}.json`;
    await lake.put(entriesKey, body, 'application/json');
    const contentHash = createHash('sha256').update(body).digest('hex');
    if (kind !== 'products') return { entriesKey, contentHash };
    const { level, hsRevision: revision } = contents;
    return { entriesKey, contentHash, hsRevision: revision, ...(level === undefined ? {} : { level }) };
  }

  /**
   * Flows and covariates that were read under other country codes than hold now are sent to be read again: all of them after a country dictionary came,
   * and these themselves when a dictionary came while they were read.
   */
  async function resendOutdated(stored: readonly Dataset[]): Promise<string[]> {
    const dictionary = stored.some(({ kind }) => kind === 'countries');
    const coded = new Set(stored.filter(hasCountryCodes).map(({ dataset }) => dataset));
    if (!dictionary && coded.size === 0) return [];
    const [recorded, datasets] = await Promise.all([catalog.drops(), catalog.datasets()]);
    const { fingerprint } = await codesInForce(lake, iso, { datasets, drops: recorded });
    const outdated = new Set(
      datasets
        .filter((dataset) => hasCountryCodes(dataset) && dataset.countryCodes !== fingerprint)
        .map(({ dataset }) => dataset)
        .filter((dataset) => dictionary || coded.has(dataset)),
    );
    // what lies in an archive is read again with it
    const objects = new Map<string, Drop>();
    for (const drop of recorded) {
      if (drop.dataset === undefined || !outdated.has(drop.dataset)) continue;
      const object = recorded.find(({ key }) => drop.key.startsWith(memberKey(key, ''))) ?? drop;
      objects.set(object.key, object);
    }
    for (const object of objects.values()) await ingest.send(readAgain(bucket, object));
    return [...objects.keys()];
  }
}

/** The key that a file of an archive is known by. */
export const memberKey = (archive: string, member: string): string => `${archive}!/${member}`;

/** Whether what was read of a file depends on what country codes mean. */
const hasCountryCodes = ({ kind }: Pick<Dataset, 'kind'>): boolean => kind === 'flows' || kind === 'covariates';

/** Whether a file known by its bytes says the same under this name, which may tell which of two measures its values are. */
function sameName(known: Dataset | null, key: string): boolean {
  const named = measureNamed(key);
  return named === null || known?.measures?.length !== 1 || known.measures[0]?.measure === named;
}

const short = (hash: string) => hash.slice(0, 16);

async function orRefusal(
  use: () => Promise<{ dataset: Dataset }>,
): Promise<{ dataset: Dataset } | { refusal: Refusal }> {
  try {
    return await use();
  } catch (error) {
    return { refusal: refusalIn(error) };
  }
}

/** What a refusal says to the person who dropped the file; any other error is thrown on. */
function refusalIn(error: unknown): Refusal {
  if (!(error instanceof Failure) || error.code !== 'drop.refused') throw error;
  const { reason, nearestFormat, missing } = (error as Failure<'drop.refused'>).detail;
  return {
    reason,
    ...(nearestFormat === undefined ? {} : { nearestFormat }),
    ...(missing === undefined ? {} : { missing: [...missing] }),
  };
}

const withRejects = ({ rejectsKey }: Dataset): Drop['outcome'] =>
  rejectsKey === undefined ? 'stored' : 'storedWithRejects';

/** The outcome of the dropped object itself. A refused revision leaves the content before it in place. */
function ownOutcome(results: readonly Result[], before: string | undefined): Pick<Drop, 'outcome'> & Partial<Drop> {
  const standing = before === undefined ? {} : { dataset: before };
  const [only] = results;
  if (!only) return { outcome: 'refused', reason: 'The archive holds no files.', ...standing };
  if (only.member === '') {
    if ('refusal' in only) return { outcome: 'refused', ...only.refusal, ...standing };
    return { outcome: withRejects(only.dataset), dataset: only.dataset.dataset };
  }

  // an archive stands for no dataset itself: its files do, under keys of their own
  const stored = results.filter((result) => 'dataset' in result);
  const refusals = results.flatMap((result) =>
    'refusal' in result ? [`${result.member}: ${result.refusal.reason}`] : [],
  );
  const few = refusals.slice(0, 5).join(' ') + (refusals.length > 5 ? ` And ${refusals.length - 5} more.` : '');
  const files = `${results.length} file${results.length === 1 ? '' : 's'}`;
  if (stored.length === 0)
    return { outcome: 'refused', reason: `Of ${files} in the archive none can be used. ${few}`, ...standing };
  if (refusals.length > 0) {
    return { outcome: 'storedWithRejects', reason: `Of ${files} in the archive ${stored.length} were stored. ${few}` };
  }
  return { outcome: stored.every(({ dataset }) => withRejects(dataset) === 'stored') ? 'stored' : 'storedWithRejects' };
}

/** What became of each file of an archive, and of those that its version before had and this one has not. */
function memberDrops(version: Omit<Drop, 'outcome'>, results: readonly Result[], recorded: readonly Drop[]): Drop[] {
  const members = results.filter(({ member }) => member !== '');
  const current = new Set(members.map(({ member }) => memberKey(version.key, member)));
  const stored = members.flatMap((result): Drop[] =>
    'dataset' in result
      ? [
          {
            ...version,
            key: memberKey(version.key, result.member),
            bytes: result.dataset.bytes,
            outcome: withRejects(result.dataset),
            dataset: result.dataset.dataset,
          },
        ]
      : [],
  );
  // a drop of which nothing could be read takes nothing away
  const readable = results.some((result) => 'dataset' in result);
  const gone = recorded.filter(
    ({ key }) => readable && key.startsWith(memberKey(version.key, '')) && !current.has(key),
  );
  return [
    ...stored,
    ...gone.map(
      ({ key, bytes }): Drop => ({
        ...version,
        key,
        bytes,
        outcome: 'refused',
        reason: 'It is no longer in the archive.',
      }),
    ),
  ];
}
