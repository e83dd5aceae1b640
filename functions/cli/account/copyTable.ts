import { type AttributeValue, type DynamoDBClient, ScanCommand, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { batchWrite, ITEMS_PER_WRITE } from '../../../lib/adapters/aws/batchWrite.ts';

type Item = Record<string, AttributeValue>;
type Client = Pick<DynamoDBClient, 'send'>;

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
  async function write(requests: readonly WriteRequest[]): Promise<void> {
    for (let at = 0; at < requests.length; at += ITEMS_PER_WRITE)
      await batchWrite(client, to, requests.slice(at, at + ITEMS_PER_WRITE));
  }

  const known = new Set<string>();
  for await (const items of scanned(client, { TableName: from })) {
    for (const item of items) known.add(keyText(item));
    await write(items.map((Item) => ({ PutRequest: { Item } })));
    onItem(known.size);
  }
  // an empty table to restore from is a mistake, and nothing should be removed for it
  if (known.size === 0) throw new RangeError(`${from} holds nothing: ${to} is left as it is`);

  let removed = 0;
  // only keys are read: what is removed is not looked at
  for await (const items of scanned(client, { TableName: to, ProjectionExpression: 'pk, sk' })) {
    const strange = items.filter((item) => !known.has(keyText(item)));
    await write(strange.map((Key) => ({ DeleteRequest: { Key } })));
    removed += strange.length;
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
