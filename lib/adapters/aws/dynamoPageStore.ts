import { type AttributeValue, BatchGetItemCommand, DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Page, PageStore } from '../../ports/pageStore.ts';
import { ATTEMPTS, batchWrite, ITEMS_PER_WRITE, restBefore } from './batchWrite.ts';

/** Enough to keep a table busy, few enough that a refusal slows all of them down. */
const WRITES_IN_FLIGHT = 8;

/**
 * Pages in the table: `pk` = partition, `sk` = sort key, `run`, `body`.
 *
 * Reads are strongly consistent: right after the pointer flips, an older view of a page that is about to be followed would look like an
 * absent group. Pages that an earlier run of the slot left behind are stepped over (decision 0051).
 */
export function dynamoPageStore(tableName: string, client = new DynamoDBClient({})): PageStore {
  const toPage = (item: Record<string, AttributeValue>): Page => ({
    partition: item.pk?.S ?? '',
    sort: item.sk?.S ?? '',
    run: item.run?.S ?? '',
    body: item.body?.B ?? new Uint8Array(),
  });
  const toItem = ({ partition, sort, run, body }: Page) => ({
    pk: { S: partition },
    sk: { S: sort },
    run: { S: run },
    body: { B: body },
  });

  /** Items of a partition, in either direction from a key (exclusive), requests of `perRequest` items at a time. */
  async function* walk(
    partition: string,
    condition: { expression: string; values: Record<string, AttributeValue> },
    forward: boolean,
    from: string | null,
    options: { perRequest?: number; keysOfRun?: string } = {},
  ): AsyncGenerator<Record<string, AttributeValue>> {
    const { perRequest, keysOfRun } = options;
    let start: Record<string, AttributeValue> | undefined =
      from === null ? undefined : { pk: { S: partition }, sk: { S: from } };
    do {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: `pk = :pk AND ${condition.expression}`,
          ExpressionAttributeValues: {
            ':pk': { S: partition },
            ...condition.values,
            ...(keysOfRun !== undefined && { ':run': { S: keysOfRun } }),
          },
          ...(keysOfRun !== undefined && {
            FilterExpression: '#run = :run',
            ExpressionAttributeNames: { '#run': 'run' },
            ProjectionExpression: 'sk',
          }),
          ...(perRequest !== undefined && { Limit: perRequest }),
          ...(start && { ExclusiveStartKey: start }),
          ScanIndexForward: forward,
          ConsistentRead: true,
        }),
      );
      yield* answer.Items ?? [];
      start = answer.LastEvaluatedKey;
    } while (start);
  }

  const store: PageStore = {
    async put(pages) {
      // a batch may name a key once: the last page of a key stands
      const distinct = [...new Map(pages.map((page) => [`${page.partition}\n${page.sort}`, page])).values()];
      const batches = Array.from({ length: Math.ceil(distinct.length / ITEMS_PER_WRITE) }, (_, at) =>
        distinct
          .slice(at * ITEMS_PER_WRITE, (at + 1) * ITEMS_PER_WRITE)
          .map((page) => ({ PutRequest: { Item: toItem(page) } })),
      );

      // several writers take batches from one list
      let next = 0;
      let writeUnits = 0;
      const writer = async () => {
        for (let batch = batches[next++]; batch; batch = batches[next++]) {
          const units = await batchWrite(client, tableName, batch);
          writeUnits += units;
        }
      };
      await Promise.all(Array.from({ length: Math.min(WRITES_IN_FLIGHT, batches.length) }, writer));
      return {
        pages: distinct.length,
        bytes: distinct.reduce((sum, page) => sum + page.body.length, 0),
        writeUnits,
      };
    },

    async get(run, keys) {
      if (keys.length > 100) throw new RangeError(`get: ${keys.length} keys, at most 100`);
      const found = new Map<string, Page>();
      const name = (partition: string, sort: string) => `${partition}\n${sort}`;
      let left: Record<string, AttributeValue>[] = [
        ...new Map(
          keys.map(({ partition, sort }) => [name(partition, sort), { pk: { S: partition }, sk: { S: sort } }]),
        ),
      ].map(([, key]) => key);
      for (let attempt = 0; left.length > 0; attempt++) {
        if (attempt === ATTEMPTS) throw new Error(`${left.length} pages are still unread after ${attempt} attempts`);
        if (attempt > 0) await restBefore(attempt);
        const answer = await client.send(
          new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
        );
        for (const item of answer.Responses?.[tableName] ?? []) {
          const page = toPage(item);
          found.set(name(page.partition, page.sort), page);
        }
        left = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
      }
      return keys.map(({ partition, sort }) => {
        const page = found.get(name(partition, sort));
        return page?.run === run ? page : null;
      });
    },

    async atOrBefore(run, partition, prefix, sort) {
      if (!sort.startsWith(prefix)) throw new RangeError(`atOrBefore: ${sort} does not start with ${prefix}`);
      const upTo = {
        expression: 'sk BETWEEN :prefix AND :sort',
        values: { ':prefix': { S: prefix }, ':sort': { S: sort } },
      };
      // nearly always the nearest page is of this run
      const nearest = await walk(partition, upTo, false, null, { perRequest: 1 }).next();
      if (nearest.done) return null;
      const page = toPage(nearest.value);
      if (page.run === run) return page;

      // otherwise leftovers lie in between: look at keys alone until one is ours
      for await (const item of walk(partition, upTo, false, page.sort, { keysOfRun: run })) {
        const [found] = await store.get(run, [{ partition, sort: item.sk?.S ?? '' }]);
        return found ?? null;
      }
      return null;
    },

    async after(run, partition, prefix, sort, limit) {
      if (!sort.startsWith(prefix)) throw new RangeError(`after: ${sort} does not start with ${prefix}`);
      const condition = { expression: 'begins_with(sk, :prefix)', values: { ':prefix': { S: prefix } } };
      const pages: Page[] = [];
      for await (const item of walk(partition, condition, true, sort, { perRequest: limit })) {
        const page = toPage(item);
        if (page.run === run) pages.push(page);
        if (pages.length === limit) break;
      }
      return pages;
    },
  };
  return store;
}
