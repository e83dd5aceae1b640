import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contents, DroppedFile, DropReader, ReadContext } from '../../ports/dropReader.ts';
import { withDatabase } from './database.ts';
import { readCovariates } from './readCovariates.ts';
import { readCountries, readProducts, readSections } from './readDictionary.ts';
import { readFlows } from './readFlows.ts';
import { sourceOf } from './source.ts';
import { filesIn, type PlainFile } from './unpack.ts';

/** Reads drops with Node's own unpacking, yauzl and DuckDB. Each reading has a database of its own, gone when it ends. */
export const dropReader: DropReader = {
  async *files(path, folder): AsyncGenerator<DroppedFile> {
    let read = 0;
    for await (const { member, unpack } of filesIn(path, folder)) {
      const place = join(folder, `file-${read++}`);
      yield {
        member,
        async unpack() {
          const file = await unpack();
          return { sha256: file.sha256, bytes: file.bytes, read: (context) => readFile(file, place, context) };
        },
      };
      // an archive of thirty years does not lie on the disk all at once
      await rm(place, { recursive: true, force: true });
    }
  },
};

async function readFile(file: PlainFile, folder: string, context: ReadContext): Promise<Contents> {
  await mkdir(folder, { recursive: true });
  return withDatabase(folder, async (db) => {
    const source = await sourceOf(db, file);
    const { format } = source;
    switch (format.kind) {
      case 'flows':
        return readFlows(db, source, format, folder, context);
      case 'countries':
        return readCountries(db, source, format, folder);
      case 'products':
        return readProducts(db, source, format, folder, context);
      case 'sections':
        return readSections(db, source, format, folder);
      case 'covariates':
        return readCovariates(db, source, format, folder, context);
    }
  });
}
