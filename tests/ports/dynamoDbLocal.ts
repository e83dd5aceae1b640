import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { createTable } from './dynaliteTable.ts';

/** Amazon's own emulator, as the npm package amplify-dynamodb-simulator carries it. It needs Java 17. */
export const JAR = resolve(
  import.meta.dirname,
  '../../node_modules/amplify-dynamodb-simulator/emulator/DynamoDBLocal.jar',
);

export const javaFound = () => spawnSync('java', ['-version']).status === 0;

const freePort = () =>
  new Promise<number>((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** An empty DynamoDB Local in a process of its own, and tables in it. */
export async function dynamoDbLocalTables() {
  const port = await freePort();
  const folder = dirname(JAR);
  const java = spawn(
    'java',
    [`-Djava.library.path=${folder}/DynamoDBLocal_lib`, '-jar', JAR, '-inMemory', '-port', String(port)],
    { cwd: folder, stdio: 'ignore' },
  );
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (let attempt = 0; ; attempt++) {
    try {
      await client.send(new ListTablesCommand({}));
      break;
    } catch (error) {
      if (attempt === 100 || java.exitCode !== null) throw error;
      await sleep(200);
    }
  }
  return {
    client,
    table: () => createTable(client),
    async close() {
      client.destroy();
      java.kill();
    },
  };
}
