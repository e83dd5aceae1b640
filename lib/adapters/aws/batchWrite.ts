import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';

/** DynamoDB's own limit of a BatchWriteItem. */
export const ITEMS_PER_WRITE = 25;
const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 5_000;
/** Refusals in a row of all that is left of one batch: about a minute of waiting. One that took an item has room, and is not counted. */
export const ATTEMPTS = 18;

/** Rests before a further attempt: somewhere up to twice as long as before the last. */
export const restBefore = (attempt: number): Promise<void> =>
  sleep(Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt));

/**
 * Writes one batch until nothing of it is left: a busy table takes a part of it.
 *
 * @param batch at most ITEMS_PER_WRITE
 * @returns the write units consumed
 */
export async function batchWrite(
  client: Pick<DynamoDBClient, 'send'>,
  tableName: string,
  batch: WriteRequest[],
): Promise<number> {
  let left = batch;
  let units = 0;
  let inRow = 0;
  let waits = 0;
  while (left.length > 0) {
    if (inRow === ATTEMPTS)
      throw new Error(`${left.length} items are still unprocessed after ${inRow} refusals in a row`);
    if (waits > 0) await restBefore(waits);
    const answer = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [tableName]: left }, ReturnConsumedCapacity: 'TOTAL' }),
    );
    for (const { CapacityUnits } of answer.ConsumedCapacity ?? []) units += CapacityUnits ?? 0;
    const refused = answer.UnprocessedItems?.[tableName] ?? [];
    const some = refused.length < left.length;
    inRow = some ? 0 : inRow + 1;
    waits = Math.max(1, waits + (some ? -1 : 1));
    left = refused;
  }
  return units;
}
