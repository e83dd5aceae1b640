import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { buffer } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { renderAnswer } from '../../infra/local/dynamo/answer.ts';
import { ITEM_SCHEMA, ItemStore } from '../../infra/local/dynamo/itemStore.ts';
import { operation } from '../../infra/local/dynamo/operations.ts';
import { jsonRefusal } from '../../infra/local/front/jsonService.ts';
import { ServiceError } from '../../infra/local/front/service.ts';

/** The table of the local home in this process, empty for every test that asks for it. */
export async function standInTables() {
  const key = (name: string) => ({ name, type: 'S' as const });
  const plan = { name: 'pages', arn: 'arn:pages', partitionKey: key('pk'), sortKey: key('sk') };
  let store: ItemStore;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const carryOut = operation(String(request.headers['x-amz-target']).split('.')[1] ?? '');
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    try {
      response.end(carryOut ? renderAnswer(carryOut(store, body)) : '{}');
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const refused = jsonRefusal(error, {});
      response.writeHead(refused.status, refused.headers).end(refused.body);
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', () => ready()));
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  return {
    client,
    table() {
      const database = new DatabaseSync(':memory:');
      database.exec(ITEM_SCHEMA);
      store = new ItemStore(database, [plan]);
      return plan.name;
    },
    async close() {
      client.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
