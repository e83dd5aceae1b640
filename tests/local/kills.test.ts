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
 * calling process killed after each of them; each time the same scores must come out, to the byte. A call that only reads leaves the world
 * as the one before it did, so of those in a row the first stands for all, unless DRILLS=all asks for every one.
 */
const folder = mkdtempSync(join(tmpdir(), 'portolan-kills-'));

let home: Home;
let table: DynamoDBClient;
let bucket: S3Client;
let file: Uint8Array;
/** functions that the clock wakes, at any time */
const CLOCKED = ['due', 'reconcile'];
const READS = /^(?:Get|BatchGet|Head|List|Query|Describe)/;
/** the calls of this repetition, each as who does what for the how manieth time: their order is not that of any other repetition */
let addresses: string[] = [];
const counts = new Map<string, number>();
/** the process that makes this call dies after it is carried out */
let fatal = '';
let killed: Call | null = null;

beforeAll(async () => {
  const world = demoWorld({ seed: 7, places: geography(), years: [2022], countries: 8, products: 12 });
  file = baciFiles(world).at(-1)!.bytes;
  home = await startHome({
    templateDir: await synth({ stage: 'local' }),
    stateDir: join(folder, 'state'),
    longestRestSeconds: 0.05,
    fault: {
      after: (call) => {
        if (CLOCKED.includes(call.caller)) return undefined;
        const what = `${call.caller} ${call.service}:${call.operation}`;
        const nth = (counts.get(what) ?? 0) + 1;
        counts.set(what, nth);
        const address = `${what} #${nth}`;
        addresses.push(address);
        if (address !== fatal) return undefined;
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
  counts.clear();
  addresses = [];
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
    expect(expected.length).toBeGreaterThan(40);
    // the first publication finds an empty home; this one finds what every further one finds
    expect(await published()).toEqual(expected);
    const usual = process.env.DRILLS === 'all' ? addresses : decisive(addresses);
    const callers = (all: readonly string[]) => [...new Set(all.map((address) => address.split(' ')[0]))].sort();
    expect(callers(usual)).toEqual([
      'changes',
      'complexity',
      'entry',
      'gravity',
      'ingest',
      'match',
      'plan',
      'publish',
      'score',
      'start',
    ]);

    const reached: string[] = [];
    for (const address of usual) {
      killed = null;
      fatal = address;
      const after = await published();
      fatal = '';
      if (killed) reached.push(address);
      expect(after, `killed after ${address} on ${(killed as Call | null)?.resource}`).toEqual(expected);
    }
    // two messages may share one invocation, which then makes fewer calls; but the first of each function is always made
    expect(callers(reached)).toEqual(callers(usual));
  });
});

/** Without the reads that follow another read of the same function. */
function decisive(all: readonly string[]): string[] {
  const reading = new Set<string>();
  return all.filter((address) => {
    const [caller = '', operation = ''] = address.split(/ (?:\w+:)?/);
    const again = reading.has(caller);
    if (READS.test(operation)) reading.add(caller);
    else reading.delete(caller);
    return !(again && READS.test(operation));
  });
}
