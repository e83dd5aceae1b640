import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  ScanCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;
type Client = Pick<DynamoDBClient, 'send'>;

/** DynamoDB's own limit of a BatchWriteItem. */
const ITEMS_PER_WRITE = 25;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;
/** Refusals in a row of all that is left of one batch: about a minute of waiting. */
const ATTEMPTS = 18;

/**
 * Makes a table hold exactly what another holds: every item is written, then what the other does not have is removed. Cut off at any point it may
 * be started again; nobody may write to either table meanwhile.
 *
 * @param onItem called after every batch with the items that have been written so far
 * @returns items written and items removed
 */
export async function copyTable(
  client: Client,
  { from, to }: { from: string; to: string },
  onItem: (written: number) => void = () => {},
): Promise<{ written: number; removed: number }> {
  const known = new Set<string>();
  for await (const items of scanned(client, { TableName: from })) {
    for (const item of items) known.add(keyText(item));
    for (let at = 0; at < items.length; at += ITEMS_PER_WRITE) {
      const batch = items.slice(at, at + ITEMS_PER_WRITE);
      await write(
        client,
        to,
        batch.map((Item) => ({ PutRequest: { Item } })),
      );
    }
    onItem(known.size);
  }
  // an empty table to restore from is a mistake, and nothing should be removed for it
  if (known.size === 0) throw new RangeError(`${from} holds nothing: ${to} is left as it is`);

  let removed = 0;
  // only keys are read: what is removed is not looked at
  for await (const items of scanned(client, { TableName: to, ProjectionExpression: 'pk, sk' })) {
    const strange = items.filter((item) => !known.has(keyText(item)));
    for (let at = 0; at < strange.length; at += ITEMS_PER_WRITE) {
      const batch = strange.slice(at, at + ITEMS_PER_WRITE);
      await write(
        client,
        to,
        batch.map((Key) => ({ DeleteRequest: { Key } })),
      );
      removed += batch.length;
    }
  }
  return { written: known.size, removed };
}

const keyText = ({ pk, sk }: Item): string => JSON.stringify([pk?.S, sk?.S]);

async function* scanned(
  client: Client,
  request: { TableName: string; ProjectionExpression?: string },
): AsyncGenerator<Item[]> {
  let start: Item | undefined;
  do {
    const answer = await client.send(new ScanCommand({ ...request, ConsistentRead: true, ExclusiveStartKey: start }));
    yield answer.Items ?? [];
    start = answer.LastEvaluatedKey;
  } while (start !== undefined);
}

/** Writes one batch until nothing of it is left: a table takes a part of it where it is busy. */
async function write(client: Client, table: string, batch: WriteRequest[]): Promise<void> {
  let left = batch;
  let inRow = 0;
  while (left.length > 0) {
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
    const refused = answer.UnprocessedItems?.[table] ?? [];
    inRow = refused.length < left.length ? 0 : inRow + 1;
    left = refused;
    if (inRow === ATTEMPTS) throw new Error(`${table} has refused ${left.length} items ${inRow} times in a row`);
    if (left.length > 0) await sleep(Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** inRow));
  }
}
