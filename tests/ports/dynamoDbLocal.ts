import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe } from 'vitest';
import { createTable } from './dynaliteTable.ts';

/**
 * Amazon's own emulator, as the npm package amplify-dynamodb-simulator carries it: among the modules here, or in the folder that
 * DYNAMODB_LOCAL names. It needs Java 17.
 */
const FOLDER =
  process.env.DYNAMODB_LOCAL ?? resolve(import.meta.dirname, '../../node_modules/amplify-dynamodb-simulator/emulator');
const JAR = join(FOLDER, 'DynamoDBLocal.jar');

const javaFound = () => spawnSync('java', ['-version']).status === 0;

/** Why tests on it are skipped; '' when they are not. */
const absent = [
  existsSync(JAR) ? '' : 'amplify-dynamodb-simulator is not installed',
  existsSync(JAR) && !javaFound() ? 'no java' : '',
]
  .filter(Boolean)
  .join(', ');

/** Runs a contract on tables of DynamoDB Local, where it is. */
export function onDynamoDbLocal(
  contract: (name: string, fresh: () => Promise<{ table: string; client: DynamoDBClient }>) => void,
) {
  describe.skipIf(absent !== '')(`DynamoDB Local${absent && ` (skipped: ${absent})`}`, () => {
    let local: Awaited<ReturnType<typeof dynamoDbLocalTables>>;
    beforeAll(async () => {
      local = await dynamoDbLocalTables();
    });
    afterAll(() => local.close());
    contract('DynamoDB Local', async () => ({ table: await local.table(), client: local.client }));
  });
}

const freePort = () =>
  new Promise<number>((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** An empty DynamoDB Local in a process of its own, and tables in it. */
async function dynamoDbLocalTables() {
  const port = await freePort();
  const java = spawn(
    'java',
    [`-Djava.library.path=${FOLDER}/DynamoDBLocal_lib`, '-jar', JAR, '-inMemory', '-port', String(port)],
    { cwd: FOLDER, stdio: 'ignore' },
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
