import { randomUUID } from 'node:crypto';
import {
  type Needed,
  notImplemented,
  type Prepared,
  type Reply,
  type Service,
  ServiceError,
} from '../front/service.ts';
import type { Buckets, ObjectFacts } from './buckets.ts';
import { completeUpload, listParts, requireUpload, uploadPart } from './parts.ts';
import { getObject, listObjects } from './reading.ts';
import { type About, bucketArn, type CreationReason, empty, objectArn, xmlReply } from './request.ts';
import { copyObject, deleteObjects, keptHeaders, putObject } from './writing.ts';
import { toXml } from './xml.ts';

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
