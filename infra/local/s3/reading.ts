import { createReadStream, openSync } from 'node:fs';
import { type Reply, ServiceError } from '../front/service.ts';
import type { ObjectFacts } from './buckets.ts';
import {
  type About,
  bucketArn,
  isoTime,
  noSuchKey,
  preconditionFailed,
  quoted,
  unquoted,
  xmlReply,
} from './request.ts';

const MAX_KEYS = 1000;

export function getObject(about: About, withBody: boolean): Reply {
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
    throw noSuchKey(key);
  }
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, range } = request.headers;
  if (ifMatch !== undefined && ifMatch !== '*' && unquoted(ifMatch) !== found.etag)
    throw preconditionFailed('If-Match');
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
  // opened now: the object may be replaced before the stream begins
  const body =
    withBody && last >= first
      ? createReadStream('', {
          fd: openSync(buckets.pathOf(found.file), 'r'),
          start: first,
          end: last,
          highWaterMark: 1 << 20,
        })
      : null;
  return { status: slice ? 206 : 200, headers, body };
}

/** `bytes=a-b`, `bytes=a-`, `bytes=-n` → first and last byte; null for anything else, which S3 ignores. */
export function parseRange(range: string, bytes: number): [number, number] | null {
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

export function listObjects({ buckets, query, bucket }: About): Reply {
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
