import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import type { Format } from '../../lib/adapters/files/formats/format.ts';
import { recogniseStart } from '../../lib/adapters/files/header.ts';
import { Stop } from './command.ts';

/** A file of this machine that is going to be dropped. */
export interface LocalFile {
  readonly path: string;
  /** where it will lie in the drops bucket */
  readonly key: string;
  readonly bytes: number;
  /** what its header says it is; null for one that cannot be told by it */
  readonly kind: Format['kind'] | null;
}

/**
 * Looks at the files before anything starts. What flows are read, shown and scored with comes before them: dictionaries first, since country codes may change
 * their meaning with them, then covariates. The order given is kept otherwise, because a later file speaks over an earlier one.
 *
 * @throws Stop naming every file that is missing, unreadable, no file or empty, and names that would share one key
 */
export async function localFiles(paths: readonly string[]): Promise<LocalFile[]> {
  const problems: string[] = [];
  const files: LocalFile[] = [];
  for (const path of paths) {
    try {
      files.push(await look(path));
    } catch (error) {
      problems.push(`${path}: ${reason(error)}`);
    }
  }
  for (const [at, { path, key }] of files.entries()) {
    const twin = files.findIndex((other) => other.key === key);
    if (twin !== at) problems.push(`${path}: has the same name as ${files[twin]?.path}, and would replace it`);
  }
  if (problems.length > 0) throw new Stop(`nothing was dropped\n  ${problems.join('\n  ')}`);
  const turn = (file: LocalFile) => (isDictionary(file) ? 0 : file.kind === 'covariates' ? 1 : 2);
  return files.toSorted((one, other) => turn(one) - turn(other));
}

/** Whether a file says what codes mean. */
export const isDictionary = ({ kind }: Pick<LocalFile, 'kind'>): boolean =>
  kind === 'countries' || kind === 'products' || kind === 'sections';

async function look(path: string): Promise<LocalFile> {
  const facts = await stat(path);
  if (facts.isDirectory()) throw new Stop('is a folder; name the files in it');
  if (!facts.isFile()) throw new Stop('is not a file');
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
    return { path, key: `drops/${basename(path)}`, bytes: facts.size, kind: kindOf(buffer.subarray(0, bytesRead)) };
  } finally {
    await handle.close();
  }
}

/** What the first lines say, unpacked when gzipped. Only the order of drops hangs on it: whoever reads the file says what is wrong with it. */
function kindOf(start: Buffer): LocalFile['kind'] {
  if (/^(PK|PAR1)/.test(start.subarray(0, 4).toString('latin1'))) return null;
  const gzipped = start[0] === 0x1f && start[1] === 0x8b;
  try {
    // a part of a gzip file is enough: without this flush mode its missing end would be an error
    const text = gzipped ? gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH }) : start;
    return recogniseStart(text.toString('utf8')).format.kind;
  } catch {
    return null;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ENOTDIR: 'a part of the path is not a folder',
};

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ''] ?? message;
}
