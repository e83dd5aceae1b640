import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { dynaliteTables } from './dynaliteTable.ts';
import { dynamoDbLocalTables, JAR, javaFound } from './dynamoDbLocal.ts';
import { pageStoreContract } from './pageStore.contract.ts';
import { standInTables } from './standInTables.ts';

let tables: Awaited<ReturnType<typeof dynaliteTables>>;
let home: Awaited<ReturnType<typeof standInTables>>;
beforeAll(async () => {
  [tables, home] = await Promise.all([dynaliteTables(), standInTables()]);
});
afterAll(() => Promise.all([tables.close(), home.close()]));

pageStoreContract('memory', async () => memoryPageStore());
pageStoreContract('DynamoDB (dynalite)', async () => dynamoPageStore(await tables.table(), tables.client));
pageStoreContract('DynamoDB (the local home)', async () => dynamoPageStore(home.table(), home.client));

const absent = [existsSync(JAR) ? '' : 'amplify-dynamodb-simulator is not installed', javaFound() ? '' : 'no java']
  .filter(Boolean)
  .join(', ');
describe.skipIf(absent !== '')(`DynamoDB Local${absent && ` (skipped: ${absent})`}`, () => {
  let local: Awaited<ReturnType<typeof dynamoDbLocalTables>>;
  beforeAll(async () => {
    local = await dynamoDbLocalTables();
  });
  afterAll(() => local.close());
  pageStoreContract('DynamoDB Local', async () => dynamoPageStore(await local.table(), local.client));
});

describe('page store: DynamoDB under pressure', () => {
  it('repeats what a batch leaves unprocessed, and nothing else', async () => {
    const table = await tables.table();
    let calls = 0;
    // a table that takes only the first two writes of each request, as a throttled one does
    tables.client.middlewareStack.add(
      (next) => async (args) => {
        const input = args.input as { RequestItems?: Record<string, { PutRequest?: unknown }[]> };
        const wanted = input.RequestItems?.[table];
        if (!wanted?.[0]?.PutRequest) return next(args);
        calls++;
        input.RequestItems = { [table]: wanted.slice(0, 2) };
        const result = await next(args);
        if (wanted.length > 2) Object.assign(result.output, { UnprocessedItems: { [table]: wanted.slice(2) } });
        return result;
      },
      { step: 'initialize', name: 'throttle' },
    );
    try {
      const store = dynamoPageStore(table, tables.client);
      const pages = ['a', 'b', 'c', 'd', 'e'].map((sort) => ({
        partition: 'p',
        sort,
        run: 'r',
        body: Uint8Array.of(1),
      }));
      expect(await store.put(pages)).toEqual({ pages: 5, bytes: 5, writeUnits: 5 });
      expect(calls).toBe(3);
      expect(await store.get('r', pages)).toHaveLength(5);
    } finally {
      tables.client.middlewareStack.remove('throttle');
    }
  });
});
