import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, BatchWriteItemCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { geography } from '../../functions/cli/geography.ts';
import { synth } from '../../functions/cli/synth.ts';
import { type Call, type Home, startHome } from '../../infra/local/home.ts';
import { baciFiles } from '../../lib/core/demo/baciFiles.ts';
import { demoWorld } from '../../lib/core/demo/world.ts';

/**
 * Any process may die at any line. What it has done to the world by then is the calls it has made, so a drop is repeated with the
 * calling process killed after its first call, after its second, … after its last; each time the same scores must come out, to the byte.
 */
const folder = mkdtempSync(join(tmpdir(), 'portolan-kills-'));

let home: Home;
let table: DynamoDBClient;
let bucket: S3Client;
let file: Uint8Array;
/** functions that the clock wakes, at any time */
const CLOCKED = ['due', 'reconcile'];
/** the calls of functions are counted from 1; the process that makes this one dies after it is carried out */
let fatal = Number.POSITIVE_INFINITY;
let killed: Call | null = null;
let calls = 0;

beforeAll(async () => {
  const world = demoWorld({ seed: 7, places: geography(), years: [2022], countries: 8, products: 12 });
  file = baciFiles(world).at(-1)!.bytes;
  home = await startHome({
    templateDir: await synth({ stage: 'local' }),
    stateDir: join(folder, 'state'),
    longestRestSeconds: 0.05,
    fault: {
      after: (call, n) => {
        calls = n;
        if (n !== fatal || CLOCKED.includes(call.caller)) return undefined;
        killed = call;
        return 'kill';
      },
    },
  });
  const { accessKeyId, secretAccessKey } = home.adminCredentials;
  const here = { endpoint: home.endpoint, region: home.region, credentials: { accessKeyId, secretAccessKey } };
  table = new DynamoDBClient(here);
  bucket = new S3Client({ ...here, forcePathStyle: true });
});
afterAll(async () => {
  table?.destroy();
  bucket?.destroy();
  await home?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Item = Record<string, AttributeValue>;

async function items(): Promise<Item[]> {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const answer = await table.send(
      new ScanCommand({ TableName: home.outputs.TableName, ...(from && { ExclusiveStartKey: from }) }),
    );
    found.push(...(answer.Items ?? []));
    from = answer.LastEvaluatedKey;
  } while (from);
  return found;
}

/** Forgets everything but which runs there were: the name of an execution can't be used twice, so the next attempt needs its number. */
async function forget(): Promise<void> {
  const keys = (await items())
    .filter(({ pk }) => !pk?.S?.startsWith('run'))
    .map(({ pk, sk }) => ({ pk: pk!, sk: sk! }));
  for (let at = 0; at < keys.length; at += 25) {
    const requests = keys.slice(at, at + 25).map((Key) => ({ DeleteRequest: { Key } }));
    await table.send(new BatchWriteItemCommand({ RequestItems: { [home.outputs.TableName!]: requests } }));
  }
}

/** Drops the file into a home that has forgotten it and waits until nothing moves; what then is published, as bytes. */
async function published(): Promise<string[]> {
  await forget();
  await bucket.send(
    new PutObjectCommand({ Bucket: home.outputs.DropsBucketName, Key: 'drops/synthetic.csv', Body: file }),
  );
  await home.idle();
  const all = await items();
  expect(all.filter(({ pk }) => pk?.S === 'lease')).toEqual([]);
  const pointer = all.find(({ pk }) => pk?.S === 'pointer')?.run?.S;
  return [
    `run ${pointer}`,
    ...all
      .filter(({ pk, run }) => /^s\d#/.test(pk?.S ?? '') && run?.S === pointer)
      .map(({ pk, sk, body }) => `${pk?.S} ${sk?.S} ${Buffer.from(body?.B ?? []).toString('base64')}`)
      .toSorted(),
  ];
}

describe('a process killed after any of its calls', () => {
  it('leaves the same scores in the end, wherever it was', async () => {
    const expected = await published();
    const usual = calls;
    expect(expected.length).toBeGreaterThan(40);
    expect(usual).toBeGreaterThan(20);

    const callers = new Set<string>();
    for (let n = 1; n <= usual; n++) {
      killed = null;
      fatal = calls + n;
      const after = await published();
      fatal = Number.POSITIVE_INFINITY;
      const where = killed as Call | null;
      if (where) callers.add(where.caller);
      expect(
        after,
        `killed after call ${n}: ${where?.caller} ${where?.service}:${where?.operation} ${where?.resource}`,
      ).toEqual(expected);
    }
    expect([...callers].sort()).toEqual([
      'changes',
      'complexity',
      'gravity',
      'ingest',
      'match',
      'plan',
      'publish',
      'score',
      'start',
    ]);
  });
});
