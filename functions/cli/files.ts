import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { Stop } from './command.ts';

/** A file of this machine that is going to be dropped. */
export interface LocalFile {
  readonly path: string;
  /** where it will lie in the drops bucket */
  readonly key: string;
  readonly bytes: number;
  /** names of countries or products rather than flows */
  readonly dictionary: boolean;
}

/**
 * Looks at the files before anything starts. Dictionaries come first, since flows are shown with the names that are known by then; the
 * order given is kept otherwise, because a later file speaks over an earlier one.
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
  return [...files.filter(({ dictionary }) => dictionary), ...files.filter(({ dictionary }) => !dictionary)];
}

async function look(path: string): Promise<LocalFile> {
  const facts = await stat(path);
  if (facts.isDirectory()) throw new Stop('is a folder; name the files in it');
  if (!facts.isFile()) throw new Stop('is not a file');
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, 0);
    const dictionary = isDictionary(buffer.subarray(0, bytesRead));
    return { path, key: `drops/${basename(path)}`, bytes: facts.size, dictionary };
  } finally {
    await handle.close();
  }
}

/** Whether the first line, unpacked when gzipped, is of a text that holds no trade. Only the order of drops hangs on it. */
function isDictionary(start: Buffer): boolean {
  if (/^(PK|PAR1)/.test(start.subarray(0, 4).toString('latin1'))) return false;
  const gzipped = start[0] === 0x1f && start[1] === 0x8b;
  let text: string;
  try {
    // a part of a gzip file is enough: without this flush mode its missing end would be an error
    text = (gzipped ? gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH }) : start).toString('latin1');
  } catch {
    return false;
  }
  const header = text.split(/\r?\n/, 1)[0]?.toLowerCase() ?? '';
  return /[,;\t|]/.test(header) && !/valueusd|(^|[,;\t"])v([,;\t"]|$)/.test(header);
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
