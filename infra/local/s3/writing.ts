import type { IncomingMessage } from 'node:http';
import { readBody } from '../front/readBody.ts';
import { type Reply, ServiceError } from '../front/service.ts';
import { decodeAwsChunked } from './awsChunked.ts';
import type { KeptHeaders, ObjectFacts, Received } from './buckets.ts';
import {
  type About,
  type CreationReason,
  empty,
  isoTime,
  noSuchKey,
  objectArn,
  preconditionFailed,
  quoted,
  unquoted,
  xmlReply,
} from './request.ts';
import { textsOf } from './xml.ts';

export function keptHeaders(request: IncomingMessage): KeptHeaders {
  const metadata = Object.entries(request.headers).flatMap(([name, value]) =>
    name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), String(value)]] : [],
  );
  // aws-chunked is how the body came, not what it is
  const encodings = (request.headers['content-encoding'] ?? '').split(',').map((encoding) => encoding.trim());
  const encoding = encodings.filter((name) => name !== '' && name !== 'aws-chunked').join(',');
  return {
    contentType: request.headers['content-type'] ?? 'application/octet-stream',
    contentEncoding: encoding === '' ? null : encoding,
    metadata: Object.fromEntries(metadata),
  };
}

/** Takes the body in and compares it with every checksum that came with it. */
export async function receive({ buckets, request }: About): Promise<Received> {
  const trailers = new Map<string, string>();
  const chunked = (request.headers['x-amz-content-sha256'] ?? '').toString().startsWith('STREAMING-');
  const body: AsyncIterable<Buffer> = chunked ? decodeAwsChunked(request, trailers) : request;
  const received = await buckets.receive(body);
  const stated = (name: string) => request.headers[name]?.toString() ?? trailers.get(name);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(received.crc32);
  const actual: Readonly<Record<string, Buffer>> = { 'content-md5': received.md5, 'x-amz-checksum-crc32': crc };
  for (const [name, bytes] of Object.entries(actual)) {
    const expected = stated(name);
    if (expected === undefined || expected === bytes.toString('base64')) continue;
    await buckets.discard(received);
    throw new ServiceError('BadDigest', `${name} is ${expected}, but the body's is ${bytes.toString('base64')}`);
  }
  const length = request.headers['x-amz-decoded-content-length'];
  if (length !== undefined && Number(length) !== received.bytes) {
    await buckets.discard(received);
    throw new ServiceError('IncompleteBody', `the body has ${received.bytes} bytes of ${length}`);
  }
  return received;
}

/** Conditions on a write hold at the moment in which the object is replaced. */
export function requireWritable({ buckets, request, bucket, key }: About): void {
  const found = buckets.find(bucket, key);
  const ifMatch = request.headers['if-match'];
  if (request.headers['if-none-match'] === '*' && found) throw preconditionFailed('If-None-Match');
  if (ifMatch !== undefined) {
    if (!found) throw noSuchKey(key);
    if (unquoted(ifMatch) !== found.etag) throw preconditionFailed('If-Match');
  }
}

export async function putObject(about: About): Promise<Reply> {
  requireWritable(about);
  const received = await receive(about);
  const etag = received.md5.toString('hex');
  await store(about, received, etag, keptHeaders(about.request), 'PutObject');
  return empty(200, { etag: quoted(etag) });
}

/** Makes received bytes the object, if the conditions of the request still hold. */
export async function store(
  about: About,
  { file, bytes }: Pick<Received, 'file' | 'bytes'>,
  etag: string,
  headers: KeptHeaders,
  reason: CreationReason,
): Promise<ObjectFacts> {
  const { buckets, bucket, key } = about;
  try {
    requireWritable(about);
  } catch (error) {
    await buckets.discard({ file });
    throw error;
  }
  return buckets.put({ bucket, key, file, bytes, etag }, headers, (object) => about.created(object, reason));
}

export async function copyObject(about: About, fromBucket: string, fromKey: string): Promise<Reply> {
  const { buckets, request } = about;
  const source = buckets.find(fromBucket, fromKey);
  if (!source) throw noSuchKey(fromKey);
  const { etag, bytes } = source;
  const headers = request.headers['x-amz-metadata-directive'] === 'REPLACE' ? keptHeaders(request) : source;
  const file = await buckets.copy(source.file);
  const { modified } = await store(about, { file, bytes }, etag, headers, 'CopyObject');
  return xmlReply('CopyObjectResult', { ETag: quoted(etag), LastModified: isoTime(modified) });
}

export async function deleteObjects({ buckets, request, bucket, may }: About): Promise<Reply> {
  const xml = Buffer.from(await readBody(request)).toString();
  const deleted: { Key: string }[] = [];
  const refused: { Key: string; Code: string; Message: string }[] = [];
  for (const key of textsOf(xml, 'Key')) {
    if (may({ action: 's3:DeleteObject', resource: objectArn(bucket, key) })) {
      buckets.delete(bucket, key);
      deleted.push({ Key: key });
    } else refused.push({ Key: key, Code: 'AccessDenied', Message: 'Access Denied' });
  }
  return xmlReply('DeleteResult', { Deleted: textsOf(xml, 'Quiet')[0] === 'true' ? [] : deleted, Error: refused });
}
