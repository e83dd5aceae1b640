import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoPageStore } from '../../lib/adapters/aws/dynamoPageStore.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { dynaliteTables } from './dynaliteTable.ts';
import { onDynamoDbLocal } from './dynamoDbLocal.ts';
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

onDynamoDbLocal((name, fresh) =>
  pageStoreContract(name, async () => {
    const { table, client } = await fresh();
    return dynamoPageStore(table, client);
  }),
);

/** Runs `use` on a table that takes so many writes of each request and leaves the others, as a throttled one does. */
async function throttledTo(takes: number, use: (table: string, calls: () => number) => Promise<void>): Promise<void> {
  const table = await tables.table();
  let calls = 0;
  tables.client.middlewareStack.add(
    (next) => async (args) => {
      const input = args.input as { RequestItems?: Record<string, { PutRequest?: unknown }[]> };
      const wanted = input.RequestItems?.[table];
      if (!wanted?.[0]?.PutRequest) return next(args);
      calls++;
      input.RequestItems = { [table]: wanted.slice(0, takes) };
      const result = await next(args);
      if (wanted.length > takes) Object.assign(result.output, { UnprocessedItems: { [table]: wanted.slice(takes) } });
      return result;
    },
    { step: 'initialize', name: 'throttle' },
  );
  try {
    await use(table, () => calls);
  } finally {
    tables.client.middlewareStack.remove('throttle');
  }
}
const pagesNamed = (...sorts: string[]) =>
  sorts.map((sort) => ({ partition: 'p', sort, run: 'r', body: Uint8Array.of(1) }));

describe('page store: DynamoDB under pressure', () => {
  it('repeats what a batch leaves unprocessed, and nothing else', () =>
    throttledTo(2, async (table, calls) => {
      const store = dynamoPageStore(table, tables.client);
      const pages = pagesNamed('a', 'b', 'c', 'd', 'e');
      expect(await store.put(pages)).toEqual({ pages: 5, bytes: 5, writeUnits: 5 });
      expect(calls()).toBe(3);
      expect(await store.get('r', pages)).toHaveLength(5);
    }));

  it('goes on for as long as something is taken, however little', () =>
    throttledTo(1, async (table, calls) => {
      const pages = pagesNamed(...'abcdefghijklmnopqrstuvwxy');
      expect(await dynamoPageStore(table, tables.client).put(pages)).toMatchObject({ pages: 25, writeUnits: 25 });
      expect(calls()).toBe(25);
    }));
});
