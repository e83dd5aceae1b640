import { afterAll, beforeAll } from 'vitest';
import { dynamoCatalog } from '../../lib/adapters/aws/dynamoCatalog.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { catalogContract } from './catalog.contract.ts';
import { dynaliteTables } from './dynaliteTable.ts';
import { onDynamoDbLocal } from './dynamoDbLocal.ts';

let tables: Awaited<ReturnType<typeof dynaliteTables>>;
beforeAll(async () => {
  tables = await dynaliteTables();
});
afterAll(() => tables.close());

catalogContract('memory', async () => memoryCatalog());
catalogContract('DynamoDB (dynalite)', async () => dynamoCatalog(await tables.table(), tables.client));
onDynamoDbLocal((name, fresh) =>
  catalogContract(name, async () => {
    const { table, client } = await fresh();
    return dynamoCatalog(table, client);
  }),
);
