import { createReadStream } from 'node:fs';
import type { S3Client } from '@aws-sdk/client-s3';
import type { LocalFile } from './files.ts';

/** An object as the bucket holds it now: what tells this version's outcome from an earlier one's. */
export interface Dropped {
  readonly key: string;
  readonly etag: string;
  readonly lastModified: string;
}

/** Puts a file into the drops bucket, in parts when it is large, and says what the bucket then holds. */
export async function upload(
  s3: S3Client,
  bucket: string,
  { key, path }: LocalFile,
  onProgress: (bytes: number) => void,
): Promise<Dropped> {
  const [{ HeadObjectCommand }, { Upload }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/lib-storage'),
  ]);
  const transfer = new Upload({ client: s3, params: { Bucket: bucket, Key: key, Body: createReadStream(path) } });
  transfer.on('httpUploadProgress', ({ loaded }) => onProgress(loaded ?? 0));
  await transfer.done();
  const { ETag, LastModified } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
  return { key, etag: (ETag ?? '').replaceAll('"', ''), lastModified: (LastModified ?? new Date(0)).toISOString() };
}
