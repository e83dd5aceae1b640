import * as z from 'zod';

/**
 * The message that ingest works on: an object has come to exist in the drops bucket. This is S3's event as EventBridge passes it on (keys
 * as they are, unlike those of S3's own notifications, which are URL-encoded; entity tags without quotes). What is found by listing, or
 * sent again, has no sequencer.
 */
export const ObjectCreated = z.object({
  'detail-type': z.literal('Object Created'),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string().min(1),
      etag: z.string().optional(),
      sequencer: z.string().optional(),
    }),
  }),
});
export type ObjectCreated = z.infer<typeof ObjectCreated>;

/** The message that has an object read again. */
export const readAgain = (bucket: string, { key, etag }: { key: string; etag: string }): string =>
  JSON.stringify({
    source: 'portolan.ingest',
    'detail-type': 'Object Created',
    detail: { bucket: { name: bucket }, object: { key, etag } },
  } satisfies ObjectCreated & { source: string });
