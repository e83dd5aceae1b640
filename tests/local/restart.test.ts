import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import { type Home, type HomeOptions, startHome } from '../../infra/local/home.ts';
import { type Application, application, removeFolder, stateFolder, synthesised } from './fixtures/application.ts';
import { clients } from './fixtures/clients.ts';

const folders: string[] = [];
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  for (const folder of folders.splice(0)) removeFolder(folder);
});

function folder(path: string): string {
  folders.push(path);
  return path;
}

const template = (change: (app: Application) => void = () => undefined) => {
  const app = application();
  change(app);
  return folder(synthesised(app));
};

async function start(options: Omit<HomeOptions, 'longestRestSeconds'>): Promise<Home> {
  const home = await startHome({ longestRestSeconds: 0.05, ...options });
  open.push(home);
  return home;
}

/** A home in another process, which a test may kill. */
async function startElsewhere(templateDir: string, stateDir: string) {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'fixtures', 'homeProcess.ts'), templateDir, stateDir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const home = JSON.parse(line) as Pick<Home, 'endpoint' | 'adminCredentials' | 'outputs'>;
  const kill = async () => {
    const gone = once(child as ChildProcess, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { as: clients(home), outputs: home.outputs, kill };
}

const lives = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let look = 0; look < 400; look++) {
    if (await holds()) return;
    await sleep(25);
  }
  throw new Error('it never came to be');
}

describe('a home that is killed', () => {
  test('leaves no process behind, and the next one takes up its work where it was', async () => {
    const templateDir = template();
    const stateDir = folder(stateFolder());
    const first = await startElsewhere(templateDir, stateDir);
    const { as } = first;
    // an object, a message that waits, an execution whose first step computes and one whose second step rests
    await as.s3.send(new PutObjectCommand({ Bucket: as.bucket, Key: 'out/kept', Body: 'still here' }));
    const waiting = { QueueUrl: first.outputs.QueueUrl, MessageBody: '{"key":"in/waiting"}', DelaySeconds: 2 };
    await as.queues.send(new SendMessageCommand(waiting));
    const computing = await as.start('computing', { busy: true });
    const resting = await as.start('resting', { restMs: 60_000 });
    await until(async () => (await as.runs('resting')).fragile === 1 && (await as.runs('computing')).none === 1);
    const { Item } = await as.table.send(
      new GetItemCommand({
        TableName: first.outputs.TableName,
        Key: { pk: { S: 'run computing' }, sk: { S: 'none' } },
      }),
    );
    const pid = Number(Item?.pid?.N);
    expect(lives(pid)).toBe(true);

    await first.kill();
    await until(() => !lives(pid));

    const home = await start({ templateDir, stateDir });
    expect(home.resumed).toBe(2);
    const again = clients(home);
    await home.idle();
    for (const { executionArn } of [computing, resting])
      expect((await again.describe(executionArn)).status).toBe('SUCCEEDED');
    // what was done stays done: of `resting` only the step that was under way ran again
    expect(await again.runs('resting')).toEqual({ none: 2, fragile: 2, x: 1, y: 1, z: 1 });
    expect(await again.runs('computing')).toEqual({ none: 3, fragile: 1, x: 1, y: 1, z: 1 });
    expect((await again.told('in/waiting'))?.times).toBe(1);
    const { Body } = await again.s3.send(new GetObjectCommand({ Bucket: again.bucket, Key: 'out/kept' }));
    expect(await Body?.transformToString()).toBe('still here');
  });

  test('while a message was worked on: that message is worked on again, at once', async () => {
    const templateDir = template();
    const stateDir = folder(stateFolder());
    const { as, outputs, kill } = await startElsewhere(templateDir, stateDir);
    await as.queues.send(new SendMessageCommand({ QueueUrl: outputs.QueueUrl, MessageBody: '{"key":"in/slow"}' }));
    await until(async () => (await as.told('in/slow'))?.times === 1);
    await kill();
    const home = await start({ templateDir, stateDir });
    await home.idle();
    expect((await clients(home).told('in/slow'))?.times).toBe(2);
  });
});

describe('a home that is closed', () => {
  test('has ended its functions, and can be opened again', async () => {
    const templateDir = template();
    const stateDir = folder(stateFolder());
    const home = await start({ templateDir, stateDir, prewarm: () => true });
    const { pid } = (await home.invoke('greedy', {})) as { pid: number };
    const resting = await clients(home).start('resting', { restMs: 60_000 });
    await until(async () => (await clients(home).runs('resting')).fragile === 1);
    await home.close();
    expect(lives(pid)).toBe(false);

    const next = await start({ templateDir, stateDir });
    await next.idle();
    expect((await clients(next).describe(resting.executionArn)).status).toBe('SUCCEEDED');
  });
});

describe('a state directory', () => {
  test('belongs to one home at a time', async () => {
    const templateDir = template();
    const stateDir = folder(stateFolder());
    await start({ templateDir, stateDir });
    await expect(startHome({ templateDir, stateDir })).rejects.toThrow(
      'a local home is already running on this state directory',
    );
  });

  test('is not taken over with other keys, and is with other resources', async () => {
    const stateDir = folder(stateFolder());
    const home = await start({ templateDir: template(), stateDir });
    await clients(home).s3.send(new PutObjectCommand({ Bucket: home.outputs.DropsName, Key: 'out/a', Body: 'a' }));
    await home.close();

    const otherKeys = template(({ data }) => {
      data.Resources.Table.Properties.KeySchema[1].AttributeName = 'range';
      data.Resources.Table.Properties.AttributeDefinitions[1].AttributeName = 'range';
    });
    await expect(startHome({ templateDir: otherKeys, stateDir })).rejects.toThrow(
      'the table tiny-data-Table was made with the keys',
    );

    const more = template(({ service }) => {
      service.Resources.Another = { Type: 'AWS::SQS::Queue', Properties: {} };
    });
    const next = await start({ templateDir: more, stateDir });
    const { ContentLength } = await clients(next).s3.send(
      new GetObjectCommand({ Bucket: next.outputs.DropsName, Key: 'out/a' }),
    );
    expect(ContentLength).toBe(1);
  });
});

test('a schedule fires, and makes up once for what was due while nobody was there', async () => {
  const stateDir = folder(stateFolder());
  const templateDir = template(({ service }) => {
    service.Resources.Clock = {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(5 minutes)',
        Targets: [{ Id: 'f', Arn: { 'Fn::GetAtt': ['StepFunction', 'Arn'] }, Input: '{"id":"clock"}' }],
      },
    };
    service.Resources.MayTick = {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: 'StepFunction' },
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': ['Clock', 'Arn'] },
      },
    };
  });
  const home = await start({ templateDir, stateDir });
  await home.idle();
  expect(await clients(home).runs('clock')).toEqual({});
  await home.close();

  // as if the last firing had been an hour ago
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(stateDir, 'home.sqlite'));
  database.exec('UPDATE firings SET at = at - 3600000');
  database.close();

  const next = await start({ templateDir, stateDir });
  await until(async () => (await clients(next).runs('clock')).none === 1);
  await next.idle();
  expect(await clients(next).runs('clock')).toEqual({ none: 1 });
});
