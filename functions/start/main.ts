import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { stepFunctionsExecutor } from '../../lib/adapters/aws/stepFunctionsExecutor.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { environment } from '../environment.ts';
import { startHandler } from './handler.ts';

const env = environment('TABLE_NAME', 'STATE_MACHINE_ARN', 'CODE_VERSION');

export const handler = startHandler({
  catalog: dynamoCatalog(env.TABLE_NAME),
  executor: stepFunctionsExecutor(env.STATE_MACHINE_ARN),
  clock: () => new Date(),
  settings: SETTINGS,
  codeVersion: env.CODE_VERSION,
});
