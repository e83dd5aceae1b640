import { type BatchWriteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../functions/cli/account/account.ts';
import { emptyBucket } from '../../functions/cli/account/awsAccount.ts';
import { checks } from '../../functions/cli/account/checks.ts';
import { copyTable } from '../../functions/cli/account/copyTable.ts';
import { deployStage } from '../../functions/cli/account/deployStage.ts';
import { destroyStage } from '../../functions/cli/account/destroyStage.ts';
import { restoreStage } from '../../functions/cli/account/restoreStage.ts';
import { stageSettings } from '../../infra/stages.ts';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryRecordStore } from '../../lib/adapters/memory/memoryRecordStore.ts';
import { runCli } from './cli.fixture.ts';

/** An account in which everything is as it should be, but for what a test changes. */
const account = (changes: Partial<Account> = {}): Account => ({
  identity: async () => ({ account: '111122223333', arn: 'arn:aws:iam::111122223333:role/deployer' }),
  region: async () => 'eu-central-1',
  bootstrap: async () => 25,
  concurrency: async () => 1000,
  sender: async () => ({ verified: true, sandbox: false }),
  outputs: async () => null,
  unprotect: async () => undefined,
  empty: async () => 0,
  copyTable: async () => ({ written: 0, removed: 0 }),
  redrive: async () => 0,
  ...changes,
});
const mailFrom = 'alerts@trade.example';
const diagnose = (changes: Partial<Account> = {}, node = '24.21.0') =>
  checks({ node, settings: () => stageSettings('dev', { mailFrom }), account: () => account(changes) });
const states = async (changes: Partial<Account> = {}, node?: string) =>
  Object.fromEntries((await diagnose(changes, node)).map(({ name, state }) => [name, state]));

describe('doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    expect([...new Set((await diagnose()).map(({ state }) => state))]).toEqual(['ok']);
  });

  const fails = async () => Promise.reject(new Error('Could not load credentials from any providers'));
  it.each<[string, Partial<Account>, string, RegExp]>([
    ['credentials', { identity: fails }, 'fails', /Could not load credentials.*; sign in/],
    ['bootstrap', { bootstrap: async () => null }, 'fails', /not bootstrapped: run `npx cdk bootstrap`/],
    ['bootstrap', { bootstrap: async () => 5 }, 'fails', /version 5, expected 6 or newer/],
    ['bootstrap', { bootstrap: fails }, 'fails', /Could not load/],
    [
      'quotas',
      { concurrency: async () => 10 },
      'warns',
      /^10 function instances at once, 42 are needed.*Service Quotas/,
    ],
    ['sender', { sender: async () => null }, 'fails', /knows neither alerts@trade\.example nor its domain/],
    ['sender', { sender: async () => ({ verified: false, sandbox: false }) }, 'fails', /not verified yet/],
    ['sender', { sender: async () => ({ verified: true, sandbox: true }) }, 'warns', /sandbox/],
  ])('%s: says so and what to do (%j)', async (name, changes, state, text) => {
    expect((await diagnose(changes)).find((check) => check.name === name)).toMatchObject({
      state,
      text: expect.stringMatching(text),
    });
  });

  it('skips what cannot be asked without credentials or a region, and says so', async () => {
    const after = { bootstrap: 'skipped', quotas: 'skipped', sender: 'skipped' };
    expect(await states({ identity: fails })).toMatchObject({ region: 'ok', credentials: 'fails', ...after });
    expect(await states({ region: fails })).toMatchObject({ region: 'fails', credentials: 'skipped', ...after });
  });

  it('wants the Node of the functions', async () => {
    expect(await states({}, '20.20.0')).toMatchObject({ Node: 'fails', credentials: 'ok' });
  });

  it('ends with a wrong settings file', async () => {
    const settings = () => stageSettings('dev', { apiRats: 1 });
    const found = await checks({ node: '24.0.0', settings, account: () => account() });
    expect(found.at(-1)).toEqual({
      name: 'settings',
      state: 'fails',
      text: 'infra/settings/dev.json: there is no setting apiRats; did you mean apiRate?',
    });
  });
});

/** An account whose stacks come and go with the CDK's commands, which are written down. */
function stacks(...there: string[]) {
  const done: string[] = [];
  const exists = new Set(there);
  const cdk = async ([verb = '', stack = '', ...options]: readonly string[], region: string) => {
    done.push(`${verb} ${stack} ${region}`);
    expect(options).toContain('--exclusively');
    if (verb === 'deploy') exists.add(stack);
    else exists.delete(stack);
  };
  const outputs = async (stack: string) => {
    if (!exists.has(stack)) return null;
    if (stack.endsWith('service')) return { ApiUrl: 'https://api' };
    return { DropsBucketName: 'drops', LakeBucketName: 'lake', ArtifactsBucketName: 'artifacts', TableName: 'table' };
  };
  const empty = async (bucket: string) => {
    done.push(`empty ${bucket}`);
    return 3;
  };
  const unprotect = async (stack: string) => {
    done.push(`unprotect ${stack}`);
  };
  const copyTable = async () => ({ written: 7, removed: 2 });
  return { done, cdk, account: account({ outputs, empty, unprotect, copyTable }) };
}
const [DATA, SERVICE] = ['portolan-dev-data', 'portolan-dev-service'];

describe('deploy', () => {
  const clock = () => new Date('2026-01-02T00:00:00Z');
  const stores = () => ({ records: memoryRecordStore(), lake: memoryObjectStore(clock) });
  const deploy = async (at: ReturnType<typeof stacks>, data: ReturnType<typeof stores>) => {
    const { cdk, account: to } = at;
    const said: string[] = [];
    const deployment = { stage: 'dev', assembly: 'a', account: to, region: 'eu-central-1', cdk, clock, unasked: true };
    const outputs = await deployStage({ ...deployment, data: () => data, codeVersion: 'c' }, (line) => said.push(line));
    return { outputs, said };
  };

  it('puts what holds state first, stamps it, and tells where things are', async () => {
    const at = stacks();
    const data = stores();
    const { outputs, said } = await deploy(at, data);
    expect(at.done).toEqual([`deploy ${DATA} eu-central-1`, `deploy ${SERVICE} eu-central-1`]);
    expect(said).toEqual(['stamped as data version 1']);
    expect(outputs).toMatchObject({ ApiUrl: 'https://api', DropsBucketName: 'drops' });
    expect((await deploy(at, data)).said).toEqual([]);
  });

  it('touches nothing where data are of a later release', async () => {
    const at = stacks(DATA, SERVICE);
    const data = stores();
    await data.records.put('meta', 'dataVersion', { version: 7, codeVersion: 'c7', at: clock().toISOString() }, null);
    await expect(deploy(at, data)).rejects.toThrow(/^dev is left as it is: the table holds data of version 7/);
    expect(at.done).toEqual([]);
  });
});

describe('destroy', () => {
  const destroy = async ({ cdk, account: of }: ReturnType<typeof stacks>, keepData: boolean) => {
    const said: string[] = [];
    const deps = { stage: 'dev', assembly: 'a', keepData, account: of, region: 'eu-central-1', cdk };
    await destroyStage(deps, (line) => said.push(line));
    return said;
  };

  it('stops the functions, empties the buckets, and then takes them', async () => {
    const at = stacks(DATA, SERVICE);
    expect(await destroy(at, false)).toContain('lake: 3 objects and versions removed');
    expect(at.done).toEqual([
      `destroy ${SERVICE} eu-central-1`,
      'empty drops',
      'empty lake',
      'empty artifacts',
      `destroy ${DATA} eu-central-1`,
    ]);
  });

  it('goes on where an earlier one was cut short', async () => {
    const at = stacks(DATA);
    expect(await destroy(at, false)).toContain(`${SERVICE} is not there`);
    expect(at.done.at(-1)).toBe(`destroy ${DATA} eu-central-1`);
    expect(await destroy(stacks(), false)).toEqual([`${SERVICE} is not there`, `${DATA} is not there`]);
  });

  it('empties nothing of a stage that keeps its data, and names what stays', async () => {
    const at = stacks(DATA, SERVICE);
    expect(await destroy(at, true)).toContain('kept, delete by hand: table');
    expect(at.done.filter((step) => step.startsWith('empty'))).toEqual([]);
    expect(at.done).toContain(`unprotect ${DATA}`);
  });

  it.each([
    [['--stage', 'prod', '--yes'], 'destroy: prod keeps its data and is protected; --even-kept-data-stage'],
    [['--stage', 'local', '--yes'], 'destroy: there is no stage local in an account; there are dev, prod'],
    [[], 'destroy: --stage is missing; there are dev, prod'],
  ])('refuses %j', async (args, reason) => {
    const { code, errors } = await runCli('destroy', ...args);
    expect([code, errors]).toEqual([2, expect.stringContaining(reason)]);
  });
});

describe('emptying a bucket', () => {
  /** A bucket with these versions and unfinished uploads, of which it lists a thousand at a time. */
  function bucket(versions: number, uploads = 0, undeletable = '') {
    const held = Array.from({ length: versions }, (_, at) => ({ Key: `k${at % 700}`, VersionId: `v${at}` }));
    const unfinished = new Set(Array.from({ length: uploads }, (_, at) => `u${at}`));
    const send = async (sent: unknown) => {
      if (sent instanceof ListObjectVersionsCommand) {
        const page = held.slice(0, 1000);
        return { Versions: page.slice(0, 600), DeleteMarkers: page.slice(600), IsTruncated: held.length > 1000 };
      }
      if (sent instanceof DeleteObjectsCommand) {
        const gone = sent.input.Delete?.Objects ?? [];
        if (gone.some(({ Key }) => Key === undeletable))
          return { Errors: [{ Key: undeletable, Code: 'AccessDenied', Message: 'no' }] };
        for (const { Key, VersionId } of gone) {
          const at = held.findIndex((each) => each.Key === Key && each.VersionId === VersionId);
          expect(at).toBeGreaterThanOrEqual(0);
          held.splice(at, 1);
        }
        return {};
      }
      if (sent instanceof ListMultipartUploadsCommand)
        return { Uploads: [...unfinished].map((UploadId) => ({ Key: 'k', UploadId })) };
      if (sent instanceof AbortMultipartUploadCommand) unfinished.delete(sent.input.UploadId ?? '');
      return {};
    };
    return { held, unfinished, s3: { send } as unknown as Parameters<typeof emptyBucket>[0] };
  }

  it.each([0, 1, 1000, 2345])('takes all of %i versions, and uploads that were never finished', async (versions) => {
    const { held, unfinished, s3 } = bucket(versions, 2);
    expect(await emptyBucket(s3, 'b')).toBe(versions);
    expect([held, [...unfinished]]).toEqual([[], []]);
  });

  it('ends at the first that cannot be removed, and names it', async () => {
    const { s3 } = bucket(10, 0, 'k3');
    await expect(emptyBucket(s3, 'b')).rejects.toThrow('b: k3 cannot be removed: AccessDenied no');
  });
});

describe('restoring the table', () => {
  const restore = (at: ReturnType<typeof stacks>, from = 'table-drill') =>
    restoreStage({ stage: 'dev', from, account: at.account }, () => undefined);

  it('is done where nothing writes any more, and only there', async () => {
    expect(await restore(stacks(DATA))).toBe(
      'table holds the 7 items of table-drill; 2 that it had beside them are gone',
    );
    await expect(restore(stacks(DATA, SERVICE))).rejects.toThrow(
      /^portolan-dev-service still writes to table: take it/,
    );
    await expect(restore(stacks())).rejects.toThrow(/^portolan-dev-data is not there/);
    await expect(restore(stacks(DATA), 'table')).rejects.toThrow(/^table is the table of dev itself/);
  });

  it.each([
    [['--stage', 'dev'], 'restore: --from is missing'],
    [['--from', 'x'], 'restore: --stage is missing; there are dev, prod'],
  ])('refuses %j', async (args, reason) => {
    const { code, errors } = await runCli('restore', ...args);
    expect([code, errors]).toEqual([2, expect.stringContaining(reason)]);
  });
});

describe('copying a table', () => {
  /** Two tables of ten keys and more, of which one call in three is answered late, in part, or not at all. */
  function tables(held: Record<string, string[]>, dies = Number.POSITIVE_INFINITY) {
    let calls = 0;
    const item = (key: string) => ({ pk: { S: key }, sk: { S: 'x' } });
    const send = async (command: unknown) => {
      if (++calls > dies) throw new Error('the connection was closed');
      if (command instanceof ScanCommand) {
        const all = [...held[command.input.TableName ?? '']!].sort();
        const after = command.input.ExclusiveStartKey?.pk?.S ?? '';
        const page = all.filter((key) => key > after).slice(0, 30);
        const last = page.at(-1);
        return { Items: page.map(item), ...(page.length === 30 && last && { LastEvaluatedKey: item(last) }) };
      }
      const [[table, requests] = ['', []]] = Object.entries(
        (command as BatchWriteItemCommand).input.RequestItems ?? {},
      );
      expect(requests.length).toBeLessThanOrEqual(25);
      const taken = calls % 3 === 0 ? requests.slice(0, Math.floor(requests.length / 2)) : requests;
      for (const { PutRequest, DeleteRequest } of taken) {
        const key = (PutRequest?.Item ?? DeleteRequest?.Key)?.pk?.S ?? '';
        held[table] = held[table]!.filter((each) => each !== key);
        if (PutRequest) held[table].push(key);
      }
      return { UnprocessedItems: taken.length < requests.length ? { [table]: requests.slice(taken.length) } : {} };
    };
    return { send } as unknown as Parameters<typeof copyTable>[0];
  }
  const keys = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => `k${1000 + from + at}`);

  it('leaves exactly what the other holds, also when it is cut off at any call and done again', async () => {
    for (let dies = 1; dies < 16; dies++) {
      const held = { from: keys(0, 100), to: keys(60, 140) };
      await copyTable(tables(held, dies), { from: 'from', to: 'to' }).catch(() => undefined);
      await copyTable(tables(held), { from: 'from', to: 'to' });
      expect([held.to.sort(), held.from]).toEqual([keys(0, 100), keys(0, 100)]);
    }
  });

  it('removes nothing for a backup that is empty', async () => {
    const held = { from: [], to: keys(0, 40) };
    await expect(copyTable(tables(held), { from: 'from', to: 'to' })).rejects.toThrow(
      'from holds nothing: to is left as it is',
    );
    expect(held.to).toEqual(keys(0, 40));
  });
});

describe('redrive', () => {
  it.each([
    [['--stage', 'dev'], 'redrive: --queue is missing; there are ingest, start, match, deliver, feedback'],
    [['--stage', 'dev', '--queue', 'delivr'], 'redrive: there is no queue delivr; did you mean deliver?'],
    [['--queue', 'ingest'], 'redrive: --stage is missing; there are dev, prod'],
  ])('refuses %j', async (args, reason) => {
    const { code, errors } = await runCli('redrive', ...args);
    expect([code, errors]).toEqual([2, expect.stringContaining(reason)]);
  });
});
