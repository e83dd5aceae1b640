import { randomBytes } from 'node:crypto';
import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { dynamoClient } from '../../lib/adapters/aws/dynamoClient.ts';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { dynamoRecordStore } from '../../lib/adapters/aws/dynamoRecordStore.ts';
import { webhookSender } from '../../lib/adapters/http/webhookSender.ts';
import { alertRecords } from '../../lib/app/alerts/alertRecords.ts';
import { environment } from '../environment.ts';
import { localReceivers } from '../localReceivers.ts';
import { subscriptionsHandler } from './handler.ts';

const env = environment('TABLE_NAME');
const client = dynamoClient();
const { CORS_ORIGINS = '*', CHANNELS = '', ALERT_BUSES = '' } = process.env;

export const handler = subscriptionsHandler({
  records: alertRecords(dynamoRecordStore(env.TABLE_NAME, client)),
  catalog: dynamoCatalog(env.TABLE_NAME, client),
  pages: dynamoPageStore(env.TABLE_NAME, client),
  webhooks: webhookSender({ local: localReceivers(process.env) }),
  clock: () => new Date(),
  random: randomBytes,
  sendsMail: CHANNELS.split(',').includes('email'),
  buses: ALERT_BUSES.split(',').filter((bus) => bus !== ''),
  log: {
    // a failure is rare: the logger is loaded when there is one
    async error(message, cause) {
      const { Logger } = await import('@aws-lambda-powertools/logger');
      new Logger().error(message, cause);
    },
  },
  corsOrigins: CORS_ORIGINS.split(','),
});
