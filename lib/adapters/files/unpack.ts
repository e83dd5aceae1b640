import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createGunzip } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { Failure } from '../../core/errors.ts';
import { refused } from './refused.ts';
import { normalise, textProbe } from './text.ts';

/** One file of a drop, not yet looked into. */
export interface PackedFile {
  /** its path inside the archive; '' when the drop is no archive */
  readonly member: string;
  /**
   * Makes it readable. What it wrote to disk is gone when the next file is asked for.
   *
   * @throws Failure drop.refused when its packing is damaged, unknown, nested, or swells beyond the caps
   */
  unpack(): Promise<PlainFile>;
}

/** A file that can be read: Parquet, or UTF-8 text with LF line ends. */
export interface PlainFile {
  readonly path: string;
  readonly kind: 'text' | 'parquet';
  /** of the bytes as they were dropped, or as they lie unpacked in the archive */
  readonly sha256: string;
  readonly bytes: number;
}

/** What a drop may swell to. Trade files shrink about tenfold; a bomb shrinks a thousandfold. */
export interface Caps {
  /** of one file, bytes */
  readonly unpacked: number;
  /** unpacked over packed bytes, from `ratioFrom` unpacked bytes on */
  readonly ratio: number;
  readonly ratioFrom: number;
  readonly members: number;
}
export const CAPS: Caps = { unpacked: 4 * 2 ** 30, ratio: 200, ratioFrom: 64 * 2 ** 20, members: 1000 };

const CHUNK = 1 << 20;

/**
 * The files in what was dropped, one at a time: the file itself, or every file of a zip archive (folders and the resource forks of
 * macOS are passed over).
 *
 * @param path the dropped file; `folder` a place of its own for what is unpacked
 * @throws Failure drop.refused when an archive cannot be opened or holds too many files
 */
export async function* filesIn(path: string, folder: string, caps: Caps = CAPS): AsyncGenerator<PackedFile> {
  const packing = await packingOf(path, 'The file');
  if (packing === 'zip') yield* members(path, folder, caps);
  else yield { member: '', unpack: async () => plain(path, packing, folder, caps) };
}

/** Reads a file once: hashes it, unpacks it when it is gzipped, and writes it anew when its text is not as it must be. */
async function plain(path: string, packing: Packing, folder: string, caps: Caps): Promise<PlainFile> {
  const { size } = await stat(path);
  const probe = textProbe();
  const hash = createHash('sha256');
  const source = createReadStream(path, { highWaterMark: CHUNK });
  const hashed = watching((chunk) => hash.update(chunk));
  const seen = watching((chunk) => probe.look(chunk));
  let unpacked = path;
  let inner = packing;
  if (packing === 'gzip') {
    unpacked = join(folder, 'unpacked');
    const capped = watching(swelling(size, caps));
    const unzip = createGunzip({ chunkSize: CHUNK });
    await pipeline(source, hashed, unzip, capped, seen, createWriteStream(unpacked)).catch(damaged('gzip file'));
    inner = await packingOf(unpacked, 'The unpacked file');
    if (inner !== 'none' && inner !== 'parquet')
      throw refused('The file is packed more than once; please unpack it first.');
  } else {
    await pipeline(source, hashed, seen, new Writable({ write: (_chunk, _encoding, done) => done() }));
  }
  const facts = { sha256: hash.digest('hex'), bytes: size };
  if (inner === 'parquet') return { path: unpacked, kind: 'parquet', ...facts };

  const text = probe.facts();
  if (text.encoding === 'utf-8' && !text.carriageReturns) return { path: unpacked, kind: 'text', ...facts };
  const normal = join(folder, 'normalised');
  await normalise(unpacked, normal, text);
  return { path: normal, kind: 'text', ...facts };
}

/** The files of a zip archive, each unpacked to disk when it is its turn. */
async function* members(path: string, folder: string, caps: Caps): AsyncGenerator<PackedFile> {
  const archive = await openPromise(path).catch(damaged('zip archive'));
  if (archive.entryCount > caps.members) {
    archive.close();
    throw refused(`The archive holds ${archive.entryCount} files; at most ${caps.members} are read.`);
  }
  for await (const entry of entries(archive)) {
    const member = entry.fileName;
    if (member === '[Content_Types].xml')
      throw refused('This is a workbook or a document, not a table of text; please save the sheet as CSV.');
    if (member.endsWith('/') || /(^|\/)(__MACOSX\/|\.)/.test(member)) continue;
    yield { member, unpack: () => unpackMember(archive, entry, folder, caps) };
    for (const name of ['member', 'unpacked', 'normalised']) await rm(join(folder, name), { force: true });
  }
}

async function unpackMember(archive: ZipFile, entry: Entry, folder: string, caps: Caps): Promise<PlainFile> {
  const { fileName, compressedSize } = entry;
  if (entry.isEncrypted()) throw refused(`${fileName} is encrypted; please drop it in the clear.`);
  const path = join(folder, 'member');
  let crc = 0;
  await pipeline(
    await archive.openReadStreamPromise(entry).catch(damaged('zip archive')),
    watching(swelling(compressedSize, caps)),
    watching((chunk) => {
      crc = crc32(chunk, crc);
    }),
    createWriteStream(path),
  ).catch(damaged('zip archive'));
  if (crc !== entry.crc32) throw refused(`The zip archive is damaged: the checksum of ${fileName} does not match.`);
  const packing = await packingOf(path, fileName);
  if (packing === 'zip') throw refused(`${fileName} is an archive inside an archive; please drop it by itself.`);
  return plain(path, packing, folder, caps);
}

async function* entries(archive: ZipFile): AsyncGenerator<Entry> {
  try {
    yield* archive.eachEntry();
  } catch (error) {
    damaged('zip archive')(error);
  }
}

type Packing = 'gzip' | 'zip' | 'parquet' | 'none';

/** Packings that nothing here opens, by their first bytes. */
const UNREADABLE: readonly [name: string, magic: readonly number[]][] = [
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf]],
  ['a Zstandard file', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a bzip2 file', [0x42, 0x5a, 0x68]],
  ['an xz file', [0xfd, 0x37, 0x7a, 0x58]],
  ['a RAR archive', [0x52, 0x61, 0x72, 0x21]],
  ['a PDF document', [0x25, 0x50, 0x44, 0x46]],
  ['an Excel workbook', [0xd0, 0xcf, 0x11, 0xe0]],
];

/** How a file is packed, told by its first bytes and never by its name. */
async function packingOf(path: string, name: string): Promise<Packing> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const starts = (magic: readonly number[]) =>
      bytesRead >= magic.length && magic.every((byte, at) => buffer[at] === byte);
    const unreadable = UNREADABLE.find(([, magic]) => starts(magic));
    if (unreadable)
      throw refused(`${name} is ${unreadable[0]}; please drop it as CSV, CSV in gzip or zip, or Parquet.`);
    if (starts([0x1f, 0x8b])) return 'gzip';
    if (starts([0x50, 0x4b, 0x03, 0x04]) || starts([0x50, 0x4b, 0x05, 0x06])) return 'zip';
    return starts([0x50, 0x41, 0x52, 0x31]) ? 'parquet' : 'none';
  } finally {
    await handle.close();
  }
}

/** A stage of a pipeline that shows every chunk to `look` and passes it on. */
function watching(look: (chunk: Buffer) => void) {
  return async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      look(chunk);
      yield chunk;
    }
  };
}

/** Stops a file that swells beyond the caps while it is unpacked, before the disk is full. */
function swelling(packedBytes: number, caps: Caps): (chunk: Buffer) => void {
  let unpacked = 0;
  return (chunk) => {
    unpacked += chunk.length;
    if (unpacked > caps.unpacked)
      throw refused(`The file unpacks to more than ${caps.unpacked} bytes; please split it.`);
    if (unpacked > caps.ratioFrom && unpacked > packedBytes * caps.ratio)
      throw refused(`The file unpacks to more than ${caps.ratio} times its size, as no table of trade does.`);
  };
}

/** Tells damage in what was dropped, which is refused, from trouble on our side, which is thrown on. */
function damaged(what: string): (error: unknown) => never {
  return (error) => {
    const { code, message } = error as NodeJS.ErrnoException;
    const ours = code !== undefined && !code.startsWith('Z_');
    if (error instanceof Failure || ours) throw error;
    const how = code === 'Z_BUF_ERROR' ? 'it ends too early, as after a broken upload' : message;
    throw refused(`The ${what} is damaged: ${how}.`, { cause: error });
  };
}
