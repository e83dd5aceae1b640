import { dynamoRecordStore } from '../../lib/adapters/aws/dynamoRecordStore.ts';
import { eventBridgeAlertBuses } from '../../lib/adapters/aws/eventBridgeAlertBuses.ts';
import { sesMailSender } from '../../lib/adapters/aws/sesMailSender.ts';
import { webhookSender } from '../../lib/adapters/http/webhookSender.ts';
import { alertRecords } from '../../lib/app/alerts/alertRecords.ts';
import { environment } from '../environment.ts';
import { localReceivers } from '../localReceivers.ts';
import { deliverHandler } from './handler.ts';

const env = environment('TABLE_NAME');
const { MAIL_FROM, MAIL_CONFIGURATION_SET = '', ALERT_BUSES = '' } = process.env;

export const handler = deliverHandler({
  records: alertRecords(dynamoRecordStore(env.TABLE_NAME)),
  webhooks: webhookSender({ local: localReceivers(process.env) }),
  mail: MAIL_FROM ? sesMailSender({ from: MAIL_FROM, configurationSet: MAIL_CONFIGURATION_SET }) : null,
  buses: eventBridgeAlertBuses(ALERT_BUSES.split(',').filter((bus) => bus !== '')),
  clock: () => new Date(),
  luck: Math.random,
});
