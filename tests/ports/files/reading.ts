import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { dropReader } from '../../../lib/adapters/files/dropReader.ts';
import { ISO_COUNTRIES } from '../../../lib/adapters/files/isoCountries.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { decodeArrays } from '../../../lib/core/arrays.ts';
import { Failure } from '../../../lib/core/errors.ts';
import { type CountryNumber, countryCodes } from '../../../lib/core/trade/countryCodes.ts';
import type { Contents, FlowColumnsMeta, FlowContents } from '../../../lib/ports/dropReader.ts';

export interface ReadOptions {
  readonly hsRevision?: string;
  readonly fileName?: string;
  readonly supplied?: readonly CountryNumber[];
}

/** One stored flow, with its codes: what is written of a file, read back from the packed columns. */
export interface Flow {
  readonly year: number;
  readonly exporter: string;
  readonly importer: string;
  readonly product: string;
  readonly valueUsd: number;
}

/** What came of one file: its contents, its flows and its list of rejects. */
export interface Read {
  readonly member: string;
  readonly sha256: string;
  readonly contents: Contents;
  readonly flows: readonly Flow[];
  readonly rejects: string;
  readonly parquet: readonly Uint8Array[];
  readonly columns: readonly Uint8Array[];
}

/** Reads a drop that contains these bytes (or lies at this path); a refusal rejects. */
export function readDrop(drop: string | Uint8Array | { path: string }, options: ReadOptions = {}): Promise<Read[]> {
  return scratchFolder(async (folder) => {
    const path = join(folder, 'drop');
    const isPath = typeof drop === 'object' && 'path' in drop;
    if (!isPath) await writeFile(path, drop);
    const results: Read[] = [];
    for await (const file of dropReader.files(isPath ? drop.path : path, folder)) {
      const readable = await file.unpack();
      const contents = await readable.read({
        countries: countryCodes(ISO_COUNTRIES, options.supplied),
        hsRevision: options.hsRevision ?? 'HS',
        fileName: options.fileName ?? 'drop.csv',
      });
      const years = contents.kind === 'flows' ? contents.years : [];
      const columns = await Promise.all(years.map(({ columnsPath }) => readFile(columnsPath)));
      results.push({
        member: file.member,
        sha256: readable.sha256,
        contents,
        flows: columns.flatMap(flowsIn),
        rejects: contents.rejectsPath ? await readFile(contents.rejectsPath, 'utf8') : '',
        parquet: await Promise.all(years.map(({ parquetPath }) => readFile(parquetPath))),
        columns,
      });
    }
    return results;
  });
}

/** Reads a drop of one file of flows. */
export async function readFlowFile(
  drop: string | Uint8Array | { path: string },
  options: ReadOptions = {},
): Promise<Read & { contents: FlowContents }> {
  const [read] = await readDrop(drop, options);
  if (read?.contents.kind !== 'flows') throw new Error(`read ${read?.contents.kind}, expected flows`);
  return { ...read, contents: read.contents };
}

export function flowsIn(columns: Uint8Array): Flow[] {
  const { meta, arrays } = decodeArrays<FlowColumnsMeta, 'exporterN' | 'importerN' | 'productN' | 'valueN'>(columns);
  return Array.from(arrays.valueN, (valueUsd, n) => ({
    year: meta.year,
    exporter: meta.countries[arrays.exporterN[n]!]!,
    importer: meta.countries[arrays.importerN[n]!]!,
    product: meta.products[arrays.productN[n]!]!,
    valueUsd,
  }));
}

/** Why a drop is refused; fails when it is not. */
export async function refusalOf(reading: Promise<unknown>): Promise<Failure<'drop.refused'>['detail']> {
  try {
    await reading;
  } catch (error) {
    if (error instanceof Failure && error.code === 'drop.refused') {
      return (error as Failure<'drop.refused'>).detail;
    }
    throw error;
  }
  throw new Error('the drop was taken, expected a refusal');
}

/** A zip archive of these files; a name that ends in / is a folder. */
export function zipOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) archive.addEmptyDirectory(name);
    else archive.addBuffer(Buffer.from(content), name);
  }
  archive.end();
  return buffer(archive.outputStream);
}
