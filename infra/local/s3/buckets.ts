import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { copyFile, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { atomically } from '../state/database.ts';

/** What is known about an object beside its bytes. */
export interface ObjectFacts {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  readonly bytes: number;
  /** milliseconds since 1970, whole seconds: S3 tells no more */
  readonly modified: number;
  readonly contentType: string;
  readonly contentEncoding: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** name of the file that holds the bytes */
  readonly file: string;
}

/** Headers that an object keeps. */
export type KeptHeaders = Pick<ObjectFacts, 'contentType' | 'contentEncoding' | 'metadata'>;

/** Bytes that have arrived but belong to no object yet. */
export interface Received {
  readonly file: string;
  readonly bytes: number;
  readonly md5: Buffer;
  readonly crc32: number;
}

export interface Upload extends KeptHeaders {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
}

export interface Part {
  readonly number: number;
  readonly etag: string;
  readonly bytes: number;
  readonly file: string;
}

export const BUCKET_SCHEMA = `
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, etag TEXT NOT NULL, bytes INTEGER NOT NULL,
    modified INTEGER NOT NULL, headers TEXT NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS uploads (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, headers TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, etag TEXT NOT NULL, bytes INTEGER NOT NULL, file TEXT NOT NULL,
    PRIMARY KEY (upload, number)) WITHOUT ROWID`;

interface Row {
  bucket: string;
  key: string;
  file: string;
  etag: string;
  bytes: number;
  modified: number;
  headers: string;
}

/** Bytes gathered before they are written: fewer, larger writes. */
const WRITE_BYTES = 1 << 20;

/**
 * Buckets on this machine's disk: one file per object, and an index of what the files are. A body is written under a
 * name of its own first; the index names it when it is whole. So a reader sees the old object or the new one.
 */
export class Buckets {
  private readonly directory: string;
  private readonly database: DatabaseSync;
  private readonly names = new Set<string>();
  private readonly sql;

  constructor(database: DatabaseSync, directory: string) {
    this.directory = directory;
    this.database = database;
    mkdirSync(directory, { recursive: true });
    this.sql = {
      find: database.prepare('SELECT * FROM objects WHERE bucket = ? AND key = ?'),
      from: database.prepare('SELECT * FROM objects WHERE bucket = ? AND key >= ? ORDER BY key'),
      put: database.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?)'),
      delete: database.prepare('DELETE FROM objects WHERE bucket = ? AND key = ?'),
      upload: database.prepare('SELECT * FROM uploads WHERE id = ?'),
      begin: database.prepare('INSERT INTO uploads VALUES (?, ?, ?, ?)'),
      end: database.prepare('DELETE FROM uploads WHERE id = ?'),
      part: database.prepare('INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?)'),
      parts: database.prepare('SELECT number, etag, bytes, file FROM parts WHERE upload = ? ORDER BY number'),
      endParts: database.prepare('DELETE FROM parts WHERE upload = ?'),
    };
    this.removeStrays();
  }

  /** Files that were being written when an earlier process ended. */
  private removeStrays(): void {
    const named = this.database.prepare('SELECT file FROM objects UNION ALL SELECT file FROM parts').all();
    const known = new Set(named.map((row) => row.file as string));
    for (const file of readdirSync(this.directory)) if (!known.has(file)) rmSync(join(this.directory, file));
  }

  create(bucket: string): void {
    this.names.add(bucket);
  }

  exists(bucket: string): boolean {
    return this.names.has(bucket);
  }

  pathOf(file: string): string {
    return join(this.directory, file);
  }

  /** Writes a body to a file that belongs to nothing yet. Removes it again when the body does not arrive whole. */
  async receive(body: AsyncIterable<Buffer>): Promise<Received> {
    const file = randomUUID();
    const handle = await open(this.pathOf(file), 'w');
    const md5 = createHash('md5');
    let checksum = 0;
    let bytes = 0;
    let waiting: Buffer[] = [];
    let waitingBytes = 0;
    const flush = async () => {
      if (waitingBytes > 0) await handle.writev(waiting);
      waiting = [];
      waitingBytes = 0;
    };
    try {
      for await (const chunk of body) {
        md5.update(chunk);
        checksum = crc32(chunk, checksum);
        bytes += chunk.length;
        waiting.push(chunk);
        waitingBytes += chunk.length;
        if (waitingBytes >= WRITE_BYTES) await flush();
      }
      await flush();
    } catch (error) {
      await handle.close();
      await unlink(this.pathOf(file));
      throw error;
    }
    await handle.close();
    return { file, bytes, md5: md5.digest(), crc32: checksum };
  }

  async discard(received: Pick<Received, 'file'>): Promise<void> {
    await unlink(this.pathOf(received.file)).catch(() => undefined);
  }

  find(bucket: string, key: string): ObjectFacts | null {
    const row = this.sql.find.get(bucket, key) as unknown as Row | undefined;
    return row ? facts(row) : null;
  }

  /** Objects whose key starts with the prefix, from a key on, in the order of UTF-8 bytes. */
  *from(bucket: string, prefix: string, key: string): Generator<ObjectFacts> {
    for (const row of this.sql.from.iterate(bucket, key > prefix ? key : prefix)) {
      const found = facts(row as unknown as Row);
      if (!found.key.startsWith(prefix)) return;
      yield found;
    }
  }

  /**
   * Makes received bytes the object under a key, in one step.
   *
   * @param stored  hears of it within that step: what it stores is there if and only if the object is
   */
  put(
    { bucket, key, ...received }: Pick<Received, 'file' | 'bytes'> & Pick<ObjectFacts, 'bucket' | 'key' | 'etag'>,
    headers: KeptHeaders,
    stored: (object: ObjectFacts) => void,
  ): ObjectFacts {
    const replaced = this.find(bucket, key);
    const modified = Math.floor(Date.now() / 1000) * 1000;
    const { file, etag, bytes } = received;
    const { contentType, contentEncoding, metadata } = headers;
    const kept = { contentType, contentEncoding, metadata };
    const object = { bucket, key, file, etag, bytes, modified, ...kept };
    atomically(this.database, () => {
      this.sql.put.run(bucket, key, file, etag, bytes, modified, JSON.stringify(kept));
      stored(object);
    });
    if (replaced) void this.discard(replaced);
    return object;
  }

  delete(bucket: string, key: string): void {
    const found = this.find(bucket, key);
    this.sql.delete.run(bucket, key);
    if (found) void this.discard(found);
  }

  beginUpload(bucket: string, key: string, headers: KeptHeaders): string {
    const id = randomUUID();
    this.sql.begin.run(id, bucket, key, JSON.stringify(headers));
    return id;
  }

  upload(id: string): Upload | null {
    const row = this.sql.upload.get(id) as { id: string; bucket: string; key: string; headers: string } | undefined;
    return row ? { ...(JSON.parse(row.headers) as KeptHeaders), id: row.id, bucket: row.bucket, key: row.key } : null;
  }

  parts(id: string): Part[] {
    return this.sql.parts.all(id) as unknown as Part[];
  }

  addPart(id: string, number: number, received: Received): Part {
    const replaced = this.parts(id).find((part) => part.number === number);
    const part = { number, etag: received.md5.toString('hex'), bytes: received.bytes, file: received.file };
    this.sql.part.run(id, number, part.etag, part.bytes, part.file);
    if (replaced) void this.discard(replaced);
    return part;
  }

  /** Joins the bytes of parts into one body; its MD5 is that of the parts' MD5s, as S3 states it. */
  async join(parts: readonly Part[]): Promise<Received> {
    const files = parts.map(({ file }) => this.pathOf(file));
    const md5 = createHash('md5');
    for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
    const file = randomUUID();
    const target = await open(this.pathOf(file), 'w');
    let bytes = 0;
    const buffer = Buffer.allocUnsafe(4 * WRITE_BYTES);
    for (const path of files) {
      const source = await open(path, 'r');
      for (;;) {
        const { bytesRead } = await source.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        await target.write(buffer, 0, bytesRead);
        bytes += bytesRead;
      }
      await source.close();
    }
    await target.close();
    return { file, bytes, md5: md5.digest(), crc32: 0 };
  }

  /** A second file with the same bytes. */
  async copy(file: string): Promise<string> {
    const copied = randomUUID();
    await copyFile(this.pathOf(file), this.pathOf(copied));
    return copied;
  }

  endUpload(id: string): void {
    const parts = this.parts(id);
    this.sql.endParts.run(id);
    this.sql.end.run(id);
    for (const part of parts) void this.discard(part);
  }
}

const facts = ({ headers, ...row }: Row): ObjectFacts => ({ ...row, ...(JSON.parse(headers) as KeptHeaders) });
