import type { IncomingMessage } from 'node:http';
import { type Needed, type Reply, ServiceError } from '../front/service.ts';
import { PARTITION } from '../template/names.ts';
import type { Buckets, ObjectFacts } from './buckets.ts';
import { toXml } from './xml.ts';

/** What made an object, in the words of its event. */
export type CreationReason = 'PutObject' | 'CompleteMultipartUpload' | 'CopyObject';

/** A request about a bucket, or an object in it. */
export interface About {
  readonly buckets: Buckets;
  /** hears of every new object before its writer does */
  readonly created: (object: ObjectFacts, reason: CreationReason) => void;
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
  readonly bucket: string;
  readonly key: string;
  /** whether the caller has another permission */
  readonly may: (needed: Needed) => boolean;
}

export const bucketArn = (bucket: string) => `arn:${PARTITION}:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string) => `${bucketArn(bucket)}/${key}`;
export const quoted = (etag: string) => `"${etag}"`;
export const unquoted = (etag: string) => etag.trim().replace(/^W\//, '').replace(/^"|"$/g, '');
export const xmlReply = (root: string, content: Parameters<typeof toXml>[0], status = 200): Reply => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${toXml(content)}</${root}>`,
});
export const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers,
  body: null,
});

export const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();

export const noSuchKey = (key: string) =>
  new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });

export const preconditionFailed = (condition: string) =>
  new ServiceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
    Condition: condition,
  });
