import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { RecordStore, StoredRecord } from '../../ports/recordStore.ts';

/**
 * Records in a table: `json` holds the value, `version` counts its writes, `expiresAt` (seconds) is the table's time to live. A counter has
 * `total` instead of a value.
 */
export function dynamoRecordStore(tableName: string, client = new DynamoDBClient({})): RecordStore {
  const key = (partition: string, sort: string) => ({ pk: { S: partition }, sk: { S: sort } });
  const seconds = (instant: string) => ({ N: String(Math.ceil(Date.parse(instant) / 1000)) });

  const read = (item: Record<string, AttributeValue>): StoredRecord => ({
    sort: item.sk?.S ?? '',
    version: Number(item.version?.N),
    value: JSON.parse(item.json?.S ?? 'null'),
    expiresAt: item.expiresAtText?.S ?? null,
  });

  return {
    async get(partition, sort) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: key(partition, sort), ConsistentRead: true }),
      );
      return Item ? read(Item) : null;
    },

    async put(partition, sort, value, expected, expiresAt) {
      try {
        const { Attributes } = await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: key(partition, sort),
            UpdateExpression: expiresAt
              ? 'SET #json = :json, #expires = :expires, #text = :text ADD #version :one'
              : 'SET #json = :json REMOVE #expires, #text ADD #version :one',
            ExpressionAttributeNames: {
              '#json': 'json',
              '#expires': 'expiresAt',
              '#text': 'expiresAtText',
              '#version': 'version',
            },
            ExpressionAttributeValues: {
              ':json': { S: JSON.stringify(value) },
              ':one': { N: '1' },
              ...(expiresAt && { ':expires': seconds(expiresAt), ':text': { S: expiresAt } }),
              ...(expected !== null && expected > 0 && { ':expected': { N: String(expected) } }),
            },
            ...(expected !== null && {
              ConditionExpression: expected === 0 ? 'attribute_not_exists(#version)' : '#version = :expected',
            }),
            ReturnValues: 'ALL_NEW',
          }),
        );
        return Number(Attributes?.version?.N);
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return null;
        throw error;
      }
    },

    async delete(partition, sort) {
      await client.send(new DeleteItemCommand({ TableName: tableName, Key: key(partition, sort) }));
    },

    async *list(partition, prefix = '', after = '') {
      // DynamoDB goes on from a key whether or not it exists, but only from one inside the range that is asked for
      let from = after > prefix ? key(partition, after) : undefined;
      do {
        const query = new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: prefix === '' ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: partition }, ...(prefix !== '' && { ':prefix': { S: prefix } }) },
          ConsistentRead: true,
          ...(from && { ExclusiveStartKey: from }),
        });
        const answer = await client.send(query);
        for (const item of answer.Items ?? []) yield read(item);
        from = answer.LastEvaluatedKey as typeof from;
      } while (from);
    },

    async count(partition, sort, amount, expiresAt) {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key: key(partition, sort),
          UpdateExpression: 'SET #expires = :expires ADD #total :amount',
          ExpressionAttributeNames: { '#total': 'total', '#expires': 'expiresAt' },
          ExpressionAttributeValues: { ':amount': { N: String(amount) }, ':expires': seconds(expiresAt) },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return Number(Attributes?.total?.N);
    },
  };
}
