import { readBody } from '../front/readBody.ts';
import { type Reply, ServiceError } from '../front/service.ts';
import type { Part } from './buckets.ts';
import { type About, empty, quoted, unquoted, xmlReply } from './request.ts';
import { receive, store } from './writing.ts';
import { textsOf } from './xml.ts';

const SMALLEST_PART = 5 << 20;

export function requireUpload({ buckets, bucket, key }: About, id: string) {
  const upload = buckets.upload(id);
  if (!upload || upload.bucket !== bucket || upload.key !== key)
    throw new ServiceError('NoSuchUpload', 'The specified multipart upload does not exist.', 404, { UploadId: id });
  return upload;
}

export async function uploadPart(about: About, id: string, number: number): Promise<Reply> {
  requireUpload(about, id);
  const received = await receive(about);
  return empty(200, { etag: quoted(about.buckets.addPart(id, number, received).etag) });
}

export function listParts(about: About, id: string): Reply {
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

export async function completeUpload(about: About, id: string): Promise<Reply> {
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
  const etag = `${joined.md5.toString('hex')}-${parts.length}`;
  await store(about, joined, etag, upload, 'CompleteMultipartUpload');
  buckets.endUpload(id);
  return xmlReply('CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: quoted(etag) });
}
