import { afterAll, beforeAll } from 'vitest';
import { dynamoRecordStore } from '../../lib/adapters/aws/dynamoRecordStore.ts';
import { memoryRecordStore } from '../../lib/adapters/memory/memoryRecordStore.ts';
import { dynaliteTables } from './dynaliteTable.ts';
import { onDynamoDbLocal } from './dynamoDbLocal.ts';
import { recordStoreContract } from './recordStore.contract.ts';
import { standInTables } from './standInTables.ts';

let tables: Awaited<ReturnType<typeof dynaliteTables>>;
let home: Awaited<ReturnType<typeof standInTables>>;
beforeAll(async () => {
  [tables, home] = await Promise.all([dynaliteTables(), standInTables()]);
});
afterAll(() => Promise.all([tables.close(), home.close()]));

recordStoreContract('memory', async () => memoryRecordStore());
recordStoreContract('DynamoDB (dynalite)', async () => dynamoRecordStore(await tables.table(), tables.client));
recordStoreContract('DynamoDB (the local home)', async () => dynamoRecordStore(home.table(), home.client));
onDynamoDbLocal((name, fresh) =>
  recordStoreContract(name, async () => {
    const { table, client } = await fresh();
    return dynamoRecordStore(table, client);
  }),
);
