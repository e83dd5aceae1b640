import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { environment } from '../environment.ts';
import { failHandler } from './handler.ts';

const env = environment('TABLE_NAME');

export const handler = failHandler({ catalog: dynamoCatalog(env.TABLE_NAME), clock: () => new Date() });
