import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { readBody } from '../front/readBody.ts';
import {
  type Needed,
  notImplemented,
  type Prepared,
  type Reply,
  type Service,
  ServiceError,
} from '../front/service.ts';
import { PARTITION } from '../template/names.ts';
import { decodeAwsChunked } from './awsChunked.ts';
import type { Buckets, KeptHeaders, ObjectFacts, Part, Received } from './buckets.ts';
import { textsOf, toXml } from './xml.ts';

/** What made an object, in the words of its event. */
export type CreationReason = 'PutObject' | 'CompleteMultipartUpload' | 'CopyObject';

/** Request headers that ask for something S3 would do and this machine would not. */
const UNSUPPORTED_HEADERS = [
  'x-amz-tagging',
  'x-amz-acl',
  'x-amz-copy-source-range',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-storage-class',
  'x-amz-object-lock-mode',
  'x-amz-website-redirect-location',
  'if-modified-since',
  'if-unmodified-since',
];

const KNOWN_QUERY = new Set([
  'x-id',
  'list-type',
  'prefix',
  'delimiter',
  'max-keys',
  'start-after',
  'continuation-token',
  'encoding-type',
  'fetch-owner',
  'uploads',
  'uploadId',
  'partNumber',
  'delete',
  'response-content-type',
  'response-content-disposition',
  'response-cache-control',
]);

const MAX_KEYS = 1000;
const SMALLEST_PART = 5 << 20;

const bucketArn = (bucket: string) => `arn:${PARTITION}:s3:::${bucket}`;
const objectArn = (bucket: string, key: string) => `${bucketArn(bucket)}/${key}`;
const quoted = (etag: string) => `"${etag}"`;
const unquoted = (etag: string) => etag.trim().replace(/^W\//, '').replace(/^"|"$/g, '');
const xmlReply = (root: string, content: Parameters<typeof toXml>[0], status = 200): Reply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${toXml(content)}</${root}>`,
});
const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  body: null,
});

/**
 * S3 over HTTP on buckets of this machine: objects of any size, ranges, conditions on reads and writes, listings, parts,
 * copies. Checksums that a client sends are verified.
 *
 * @param created  hears of every new object before its writer does
 */
export function s3Service(buckets: Buckets, created: (object: ObjectFacts, reason: CreationReason) => void): Service {
  return {
    scope: 's3',
    prepare({ request, path, query, may }) {
      for (const header of UNSUPPORTED_HEADERS)
        if (request.headers[header] !== undefined) throw notImplemented(`S3: the header ${header}`);
      for (const name of query.keys())
        if (!KNOWN_QUERY.has(name) && !/^x-amz-/i.test(name)) throw notImplemented(`S3: the parameter ${name}`);
      const [, bucket = '', rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(decodeURIComponent(path)) ?? [];
      if (bucket === '') throw notImplemented(`S3: ${request.method} on the account`);
      if (!buckets.exists(bucket))
        throw new ServiceError('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
      const about = { buckets, created, request, query, bucket, key: rest, may };
      return rest === '' ? onBucket(about) : onObject(about);
    },
    refuse: ({ code, message, status, detail }) =>
      status === 304
        ? empty(304)
        : {
            status,
            headers: { 'content-type': 'application/xml' },
            body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${toXml({ Code: code, Message: message, ...(detail as Record<string, string>), RequestId: randomUUID() })}</Error>`,
          },
  };
}

interface About {
  readonly buckets: Buckets;
  readonly created: (object: ObjectFacts, reason: CreationReason) => void;
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly bucket: string;
  readonly key: string;
  readonly may: (needed: Needed) => boolean;
}

function onBucket(about: About): Prepared {
  const { request, query, bucket } = about;
  const resource = bucketArn(bucket);
  const list = (operation: string, run: () => Reply): Prepared => ({
    operation,
    resource,
    needs: [{ action: 's3:ListBucket', resource, context: { 's3:prefix': query.get('prefix') ?? '' } }],
    run,
  });
  if (request.method === 'HEAD') return list('HeadBucket', () => empty(200));
  if (request.method === 'GET' && query.get('list-type') === '2')
    return list('ListObjectsV2', () => listObjects(about));
  if (request.method === 'POST' && query.has('delete')) {
    return {
      operation: 'DeleteObjects',
      resource,
      needs: [],
      run: () => deleteObjects(about),
    };
  }
  throw notImplemented(`S3: ${request.method} ${request.url}`);
}

function onObject(about: About): Prepared {
  const { buckets, request, query, bucket, key } = about;
  const resource = objectArn(bucket, key);
  const prepared = (operation: string, action: string, run: Prepared['run'], more: Needed[] = []): Prepared => ({
    operation,
    resource,
    needs: [{ action, resource }, ...more],
    run,
  });
  const uploadId = query.get('uploadId');
  switch (request.method) {
    case 'GET':
      if (uploadId !== null)
        return prepared('ListParts', 's3:ListMultipartUploadParts', () => listParts(about, uploadId));
      return prepared('GetObject', 's3:GetObject', () => getObject(about, true));
    case 'HEAD':
      return prepared('HeadObject', 's3:GetObject', () => getObject(about, false));
    case 'PUT': {
      if (uploadId !== null)
        return prepared('UploadPart', 's3:PutObject', () =>
          uploadPart(about, uploadId, Number(query.get('partNumber'))),
        );
      const source = request.headers['x-amz-copy-source'];
      if (typeof source !== 'string') return prepared('PutObject', 's3:PutObject', () => putObject(about));
      const [, fromBucket = '', fromKey = ''] = /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(source)) ?? [];
      return prepared('CopyObject', 's3:PutObject', () => copyObject(about, fromBucket, fromKey), [
        { action: 's3:GetObject', resource: objectArn(fromBucket, fromKey) },
      ]);
    }
    case 'POST':
      if (query.has('uploads'))
        return prepared('CreateMultipartUpload', 's3:PutObject', () => {
          const UploadId = buckets.beginUpload(bucket, key, keptHeaders(request));
          return xmlReply('InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId });
        });
      if (uploadId !== null)
        return prepared('CompleteMultipartUpload', 's3:PutObject', () => completeUpload(about, uploadId));
      break;
    case 'DELETE':
      if (uploadId !== null)
        return prepared('AbortMultipartUpload', 's3:AbortMultipartUpload', () => {
          requireUpload(about, uploadId);
          buckets.endUpload(uploadId);
          return empty(204);
        });
      return prepared('DeleteObject', 's3:DeleteObject', () => {
        buckets.delete(bucket, key);
        return empty(204);
      });
  }
  throw notImplemented(`S3: ${request.method} ${request.url}`);
}

function keptHeaders(request: IncomingMessage): KeptHeaders {
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
async function receive({ buckets, request }: About): Promise<Received> {
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
function requireWritable({ buckets, request, bucket, key }: About): void {
  const found = buckets.find(bucket, key);
  const ifMatch = request.headers['if-match'];
  if (request.headers['if-none-match'] === '*' && found)
    throw new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
      Condition: 'If-None-Match',
    });
  if (ifMatch !== undefined) {
    if (!found) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404);
    if (unquoted(ifMatch) !== found.etag)
      throw new ServiceError(
        'PreconditionFailed',
        'At least one of the pre-conditions you specified did not hold',
        412,
        {
          Condition: 'If-Match',
        },
      );
  }
}

async function putObject(about: About): Promise<Reply> {
  const { buckets, request, bucket, key } = about;
  requireWritable(about);
  const received = await receive(about);
  const object = await store(about, received, received.md5.toString('hex'), keptHeaders(request));
  about.created(object, 'PutObject');
  return empty(200, { etag: quoted(buckets.find(bucket, key)?.etag ?? object.etag) });
}

async function store(about: About, received: Received, etag: string, headers: KeptHeaders): Promise<ObjectFacts> {
  const { buckets, bucket, key } = about;
  try {
    requireWritable(about);
  } catch (error) {
    await buckets.discard(received);
    throw error;
  }
  return buckets.put(bucket, key, received, etag, headers);
}

async function copyObject(about: About, fromBucket: string, fromKey: string): Promise<Reply> {
  const { buckets, request, bucket, key } = about;
  const source = buckets.find(fromBucket, fromKey);
  if (!source) throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key: fromKey });
  const headers = request.headers['x-amz-metadata-directive'] === 'REPLACE' ? keptHeaders(request) : source;
  const { contentType, contentEncoding, metadata } = headers;
  const file = await buckets.copy(source.file);
  const object = buckets.put(bucket, key, { file, bytes: source.bytes }, source.etag, {
    contentType,
    contentEncoding,
    metadata,
  });
  about.created(object, 'CopyObject');
  return xmlReply('CopyObjectResult', { ETag: quoted(object.etag), LastModified: isoTime(object.modified) });
}

function getObject(about: About, withBody: boolean): Reply {
  const { buckets, request, query, bucket, key, may } = about;
  const found = buckets.find(bucket, key);
  if (!found) {
    // S3 tells only those who may list the bucket that a key is absent
    if (!may({ action: 's3:ListBucket', resource: bucketArn(bucket) }))
      throw new ServiceError(
        'AccessDenied',
        `s3:ListBucket on ${bucketArn(bucket)} is needed to learn of absence`,
        403,
      );
    throw new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });
  }
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, range } = request.headers;
  if (ifMatch !== undefined && ifMatch !== '*' && unquoted(ifMatch) !== found.etag)
    throw new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
  if (ifNoneMatch !== undefined && (ifNoneMatch === '*' || unquoted(ifNoneMatch) === found.etag))
    throw new ServiceError('NotModified', 'Not Modified', 304);

  const headers: Record<string, string> = {
    etag: quoted(found.etag),
    'last-modified': new Date(found.modified).toUTCString(),
    'content-type': query.get('response-content-type') ?? found.contentType,
    'accept-ranges': 'bytes',
  };
  const disposition = query.get('response-content-disposition');
  const cacheControl = query.get('response-cache-control');
  if (found.contentEncoding !== null) headers['content-encoding'] = found.contentEncoding;
  if (disposition !== null) headers['content-disposition'] = disposition;
  if (cacheControl !== null) headers['cache-control'] = cacheControl;
  for (const [name, value] of Object.entries(found.metadata)) headers[`x-amz-meta-${name}`] = value;

  const slice = range === undefined ? null : parseRange(range, found.bytes);
  const [first, last] = slice ?? [0, found.bytes - 1];
  headers['content-length'] = String(last - first + 1);
  if (slice) headers['content-range'] = `bytes ${first}-${last}/${found.bytes}`;
  const body =
    withBody && last >= first
      ? createReadStream(buckets.pathOf(found.file), { start: first, end: last, highWaterMark: 1 << 20 })
      : null;
  return { status: slice ? 206 : 200, headers, body };
}

/** `bytes=a-b`, `bytes=a-`, `bytes=-n` → first and last byte; null for anything else, which S3 ignores. */
function parseRange(range: string, bytes: number): [number, number] | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return null;
  const first = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const last = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (first >= bytes || first > last)
    throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416, {
      ActualObjectSize: bytes,
    });
  return [first, last];
}

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();

function listObjects({ buckets, query, bucket }: About): Reply {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = Math.min(Number(query.get('max-keys') ?? MAX_KEYS), MAX_KEYS);
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();

  const contents: ObjectFacts[] = [];
  const groups: string[] = [];
  let last = after;
  let truncated = false;
  for (const object of buckets.from(bucket, prefix, after)) {
    // `after` is a key, or a group that has been listed as a whole
    if (object.key === after || (delimiter !== '' && after.endsWith(delimiter) && object.key.startsWith(after)))
      continue;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const group = end < 0 ? null : object.key.slice(0, end + delimiter.length);
    if (group !== null && group === groups.at(-1)) continue;
    if (contents.length + groups.length === limit) {
      truncated = true;
      break;
    }
    if (group === null) contents.push(object);
    else groups.push(group);
    last = group ?? object.key;
  }

  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string) => text;
  return xmlReply('ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? null : encode(delimiter),
    MaxKeys: limit,
    EncodingType: query.get('encoding-type'),
    KeyCount: contents.length + groups.length,
    IsTruncated: truncated,
    ContinuationToken: token,
    NextContinuationToken: truncated ? Buffer.from(last).toString('base64url') : null,
    StartAfter: query.get('start-after'),
    Contents: contents.map(({ key, etag, bytes, modified }) => ({
      Key: encode(key),
      LastModified: isoTime(modified),
      ETag: quoted(etag),
      Size: bytes,
      StorageClass: 'STANDARD',
    })),
    CommonPrefixes: groups.map((group) => ({ Prefix: encode(group) })),
  });
}

async function deleteObjects({ buckets, request, bucket, may }: About): Promise<Reply> {
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

function requireUpload({ buckets, bucket, key }: About, id: string) {
  const upload = buckets.upload(id);
  if (!upload || upload.bucket !== bucket || upload.key !== key)
    throw new ServiceError('NoSuchUpload', 'The specified multipart upload does not exist.', 404, { UploadId: id });
  return upload;
}

async function uploadPart(about: About, id: string, number: number): Promise<Reply> {
  requireUpload(about, id);
  const received = await receive(about);
  return empty(200, { etag: quoted(about.buckets.addPart(id, number, received).etag) });
}

function listParts(about: About, id: string): Reply {
  requireUpload(about, id);
  return xmlReply('ListPartsResult', {
    Bucket: about.bucket,
    Key: about.key,
    UploadId: id,
    IsTruncated: false,
    Part: about.buckets.parts(id).map(({ number, etag, bytes }) => ({
      PartNumber: number,
      ETag: quoted(etag),
      Size: bytes,
    })),
  });
}

async function completeUpload(about: About, id: string): Promise<Reply> {
  const { buckets, request, bucket, key } = about;
  const upload = requireUpload(about, id);
  const xml = Buffer.from(await readBody(request)).toString();
  const etags = textsOf(xml, 'ETag').map(unquoted);
  const known = new Map(buckets.parts(id).map((part) => [part.number, part]));
  const parts = textsOf(xml, 'PartNumber').map((number, at): Part => {
    const part = known.get(Number(number));
    if (!part || part.etag !== etags[at])
      throw new ServiceError('InvalidPart', `part ${number} was not uploaded, or not with that ETag`);
    return part;
  });
  if (parts.some((part, at) => at > 0 && part.number <= (parts[at - 1]?.number ?? 0)))
    throw new ServiceError('InvalidPartOrder', 'The list of parts was not in ascending order.');
  if (parts.slice(0, -1).some(({ bytes }) => bytes < SMALLEST_PART))
    throw new ServiceError('EntityTooSmall', 'A part other than the last is smaller than 5 MiB.');

  const joined = await buckets.join(parts);
  const { contentType, contentEncoding, metadata } = upload;
  const etag = `${joined.md5.toString('hex')}-${parts.length}`;
  const object = await store(about, joined, etag, { contentType, contentEncoding, metadata });
  buckets.endUpload(id);
  about.created(object, 'CompleteMultipartUpload');
  return xmlReply('CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: quoted(etag) });
}

let lastSequence = 0n;

/** Orders the events of one key: a later write has the greater of two hexadecimal numbers of equal length. */
export function nextSequencer(): string {
  const now = BigInt(Date.now()) << 16n;
  lastSequence = now > lastSequence ? now : lastSequence + 1n;
  return lastSequence.toString(16).toUpperCase().padStart(18, '0');
}

/** The `detail` of an Object Created event. */
export function createdDetail(object: ObjectFacts, reason: CreationReason) {
  return {
    version: '0',
    'event-version': '1.0',
    bucket: { name: object.bucket },
    object: { key: object.key, size: object.bytes, etag: object.etag, sequencer: nextSequencer() },
    'request-id': createHash('sha256').update(randomUUID()).digest('hex').slice(0, 16).toUpperCase(),
    requester: '000000000000',
    'source-ip-address': '127.0.0.1',
    reason,
  };
}
