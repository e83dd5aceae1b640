import { randomUUID } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
// @ts-expect-error dynalite has no types
import dynalite from 'dynalite';

/** A new table of the shape that infra/dataStack.ts declares, ready for items; answers its name. */
export async function createTable(client: DynamoDBClient): Promise<string> {
  const name = `t-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  );
  // a table answers only when it is active, which can be a moment after it was made
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    if (Table?.TableStatus === 'ACTIVE') return name;
    await setTimeout(2);
  }
}

/** An empty DynamoDB stand-in in this process, and tables in it. */
export async function dynaliteTables(): Promise<{
  client: DynamoDBClient;
  table: () => Promise<string>;
  close: () => Promise<void>;
}> {
  const server = dynalite({ createTableMs: 0 }) as Server;
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    client,
    table: () => createTable(client),
    async close() {
      client.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
