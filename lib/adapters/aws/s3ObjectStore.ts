import { createReadStream, createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ObjectStore } from '../../ports/objectStore.ts';

/** From this size on an object goes up in parts, several at a time. */
const PART_BYTES = 8 * 2 ** 20;

/** One S3 bucket. Path-style addresses work on AWS and on every emulator. */
export function s3ObjectStore(bucket: string, client = new S3Client({ forcePathStyle: true })): ObjectStore {
  async function write(key: string, body: Uint8Array | Readable, contentType?: string): Promise<void> {
    const params = { Bucket: bucket, Key: key, Body: body, ...(contentType ? { ContentType: contentType } : {}) };
    const small = body instanceof Uint8Array && body.length <= PART_BYTES;
    if (small) await client.send(new PutObjectCommand(params));
    else await new Upload({ client, params, partSize: PART_BYTES, queueSize: 4 }).done();
  }

  /** The object, or null when there is none or, with `etag`, when it is another version. */
  async function object(key: string, etag?: string): Promise<GetObjectCommandOutput | null> {
    try {
      return await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, ...(etag === undefined ? {} : { IfMatch: `"${etag}"` }) }),
      );
    } catch (error) {
      const { name } = error as Error;
      if (name === 'NoSuchKey' || name === 'PreconditionFailed') return null;
      throw error;
    }
  }

  return {
    put: write,
    async putFile(key, path, contentType) {
      const { size } = await stat(path);
      await write(
        key,
        size > PART_BYTES ? createReadStream(path, { highWaterMark: 1 << 20 }) : await readFile(path),
        contentType,
      );
    },
    async get(key) {
      const found = await object(key);
      return (await found?.Body?.transformToByteArray()) ?? null;
    },
    async getToFile(key, path, etag) {
      const found = await object(key, etag);
      if (!found?.Body) return null;
      await pipeline(found.Body as Readable, createWriteStream(path));
      return {
        key,
        etag: unquoted(found.ETag),
        bytes: found.ContentLength ?? 0,
        lastModified: instant(found.LastModified),
      };
    },
    async *list(prefix) {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key, ETag, Size, LastModified } of page.Contents ?? []) {
          yield { key: Key ?? '', etag: unquoted(ETag), bytes: Size ?? 0, lastModified: instant(LastModified) };
        }
      }
    },
  };
}

/** S3 quotes entity tags in HTTP and not in its events: here they are never quoted. */
const unquoted = (etag: string | undefined) => (etag ?? '').replaceAll('"', '');
const instant = (date: Date | undefined) => (date ?? new Date(0)).toISOString();
