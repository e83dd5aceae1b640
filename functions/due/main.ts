import { dynamoRecordStore } from '../../lib/adapters/aws/dynamoRecordStore.ts';
import { sqsQueue } from '../../lib/adapters/aws/sqsQueue.ts';
import { alertRecords } from '../../lib/app/alerts/alertRecords.ts';
import { environment } from '../environment.ts';
import { dueHandler } from './handler.ts';

const env = environment('TABLE_NAME', 'DELIVER_QUEUE_URL');

export const handler = dueHandler({
  records: alertRecords(dynamoRecordStore(env.TABLE_NAME)),
  queue: sqsQueue(env.DELIVER_QUEUE_URL),
  clock: () => new Date(),
});
