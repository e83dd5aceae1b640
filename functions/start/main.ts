import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { stepFunctionsExecutor } from '../../lib/adapters/aws/stepFunctionsExecutor.ts';
import { environment } from '../environment.ts';
import { runSettings } from '../runSettings.ts';
import { startHandler } from './handler.ts';

const env = environment('TABLE_NAME', 'STATE_MACHINE_ARN', 'CODE_VERSION', 'UNIVERSE');

export const handler = startHandler({
  catalog: dynamoCatalog(env.TABLE_NAME),
  executor: stepFunctionsExecutor(env.STATE_MACHINE_ARN),
  clock: () => new Date(),
  settings: runSettings(env.UNIVERSE),
  codeVersion: env.CODE_VERSION,
});
