import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { dynamoClient } from '../../lib/adapters/aws/dynamoClient.ts';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { environment } from '../environment.ts';
import { apiHandler } from './handler.ts';

const env = environment('TABLE_NAME', 'CODE_VERSION');
const client = dynamoClient();

export const handler = apiHandler({
  catalog: dynamoCatalog(env.TABLE_NAME, client),
  pages: dynamoPageStore(env.TABLE_NAME, client),
  clock: () => new Date(),
  log: {
    // a failure is rare: the logger is loaded when there is one
    async error(message, cause) {
      const { Logger } = await import('@aws-lambda-powertools/logger');
      new Logger().error(message, cause);
    },
  },
  codeVersion: env.CODE_VERSION,
  corsOrigins: (process.env.CORS_ORIGINS ?? '*').split(','),
});
