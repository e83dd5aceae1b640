import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs } from 'fauxqs';

/** An empty S3 and SQS stand-in in this process, with clients, buckets and queues. */
export async function fauxqs() {
  const server = await startFauxqs({ port: 0, logger: false });
  const config = {
    endpoint: server.address,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const sqs = new SQSClient(config);
  return {
    s3,
    sqs,
    bucket: () => server.createBucket(`b-${randomUUID()}`).bucketName,
    queue: () => server.createQueue(`q-${randomUUID()}`),
    async close() {
      s3.destroy();
      sqs.destroy();
      await server.stop();
    },
  };
}
