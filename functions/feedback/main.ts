import { dynamoRecordStore } from '../../lib/adapters/aws/dynamoRecordStore.ts';
import { alertRecords } from '../../lib/app/alerts/alertRecords.ts';
import { environment } from '../environment.ts';
import { feedbackHandler } from './handler.ts';

const env = environment('TABLE_NAME');

export const handler = feedbackHandler({
  records: alertRecords(dynamoRecordStore(env.TABLE_NAME)),
  clock: () => new Date(),
});
