import { EventBridgeClient, ListRulesCommand, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fault, type Home, type HomeEvent, startHome } from '../../infra/local/home.ts';
import { application, removeFolder, stateFolder, synthesised } from './fixtures/application.ts';
import { clients } from './fixtures/clients.ts';

let templateDir: string;
let stateDir: string;
let home: Home;
let as: ReturnType<typeof clients>;
let events: HomeEvent[];
/** what the current test lets happen to calls */
let fault: Fault = {};

beforeAll(async () => {
  const app = application();
  const { Resources } = app.service;
  Resources.GreedyFunction.Properties.Timeout = 1;
  Resources.BrokenFunction = {
    Type: 'AWS::Lambda::Function',
    Properties: { ...Resources.GreedyFunction.Properties, Handler: 'index.absent' },
  };
  templateDir = synthesised(app);
  stateDir = stateFolder();
  home = await startHome({
    templateDir,
    stateDir,
    longestRestSeconds: 0.05,
    fault: { before: (call, n) => fault.before?.(call, n), after: (call, n) => fault.after?.(call, n) },
  });
  as = clients(home);
  home.onEvent((event) => events.push(event));
});

afterAll(async () => {
  await home?.close();
  removeFolder(templateDir);
  removeFolder(stateDir);
});

beforeEach(() => {
  events = [];
  fault = {};
});

const put = (Key: string, Body: string | Uint8Array = 'hello') =>
  as.s3.send(new PutObjectCommand({ Bucket: as.bucket, Key, Body }));
const failed = (error: Promise<unknown>) =>
  error.then(
    () => 'nothing',
    (thrown: Error) => `${thrown.name}: ${thrown.message}`,
  );

describe('objects and their events', () => {
  test('an object under the prefix reaches the function, as the rule words it', async () => {
    await put('in/first');
    await home.idle();
    expect(await as.told('in/first')).toEqual({
      times: 1,
      body: { key: 'in/first', bytes: 5, says: 'PutObject of in/first' },
    });
  });

  test('an object elsewhere reaches nobody', async () => {
    await put('out/first');
    await home.idle();
    expect(events.map(({ type }) => type)).toEqual(['object.created', 'event.put']);
  });

  test('an upload in parts is one object and one event, and so is a copy', async () => {
    const body = Buffer.alloc((6 << 20) + 7, 'abc');
    await new Upload({ client: as.s3, params: { Bucket: as.bucket, Key: 'in/parts', Body: body } }).done();
    await as.s3.send(new CopyObjectCommand({ Bucket: as.bucket, Key: 'in/copy', CopySource: `${as.bucket}/in/parts` }));
    await home.idle();
    expect(await as.told('in/parts')).toMatchObject({
      times: 1,
      body: { bytes: body.length, says: 'CompleteMultipartUpload of in/parts' },
    });
    expect(await as.told('in/copy')).toMatchObject({ times: 1, body: { says: 'CopyObject of in/copy' } });
    const { Body, ETag } = await as.s3.send(new GetObjectCommand({ Bucket: as.bucket, Key: 'in/copy' }));
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect(body.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
  });

  test('a later object of one key has the greater sequencer', async () => {
    for (let count = 0; count < 20; count++) await put('out/again', String(count));
    const sequencers = events.flatMap((event) =>
      event.type === 'event.put' ? [(event.detail as { object: { sequencer: string } }).object.sequencer] : [],
    );
    expect(sequencers).toHaveLength(20);
    expect([...new Set(sequencers)].sort()).toEqual(sequencers);
  });

  test('reads: ranges, conditions, absence', async () => {
    const { ETag } = await put('out/range', '0123456789');
    const get = (extra: object) => as.s3.send(new GetObjectCommand({ Bucket: as.bucket, Key: 'out/range', ...extra }));
    const text = async (Range: string) => (await get({ Range })).Body?.transformToString();
    expect(await text('bytes=2-4')).toBe('234');
    expect(await text('bytes=7-')).toBe('789');
    expect(await text('bytes=-2')).toBe('89');
    expect(await failed(get({ Range: 'bytes=10-' }))).toContain('InvalidRange');
    expect(await failed(get({ IfMatch: '"other"' }))).toContain('PreconditionFailed');
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    expect(await failed(get({ Key: 'out/absent' }))).toContain('NoSuchKey');
    const head = await as.s3.send(new HeadObjectCommand({ Bucket: as.bucket, Key: 'out/range' }));
    expect(head).toMatchObject({ ContentLength: 10, ETag });
  });

  test('an address that carries its credentials is a request of whoever signed it', async () => {
    await put('out/signed', 'for the bearer');
    const credential = `${home.adminCredentials.accessKeyId}/20260101/us-east-1/s3/aws4_request`;
    const url = new URL(`${home.endpoint}/${as.bucket}/out/signed`);
    url.searchParams.set('X-Amz-Credential', credential);
    url.searchParams.set('response-content-disposition', 'attachment');
    const response = await fetch(url);
    expect([await response.text(), response.headers.get('content-disposition')]).toEqual([
      'for the bearer',
      'attachment',
    ]);
  });

  test('writes: conditions hold, and a body that is not what its checksum says is refused', async () => {
    const { ETag } = await put('out/condition', 'a');
    const write = (extra: object) =>
      as.s3.send(new PutObjectCommand({ Bucket: as.bucket, Key: 'out/condition', Body: 'b', ...extra }));
    expect(await failed(write({ IfNoneMatch: '*' }))).toContain('PreconditionFailed');
    expect(await failed(write({ IfMatch: '"other"' }))).toContain('PreconditionFailed');
    expect(await failed(write({ ChecksumCRC32: 'AAAAAA==' }))).toContain('BadDigest');
    await write({ IfMatch: ETag });
    const { Body } = await as.s3.send(new GetObjectCommand({ Bucket: as.bucket, Key: 'out/condition' }));
    expect(await Body?.transformToString()).toBe('b');
  });

  test('a listing goes on where it ended, in the order of bytes, with folders folded', async () => {
    const keys = ['list/a b', 'list/a+c', 'list/d/1', 'list/d/2', 'list/é&<', 'list/z', 'list/\u{1f30a}'];
    for (const key of keys) await put(key);
    const list = async (extra: object) => {
      const found: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await as.s3.send(
          new ListObjectsV2Command({ Bucket: as.bucket, Prefix: 'list/', MaxKeys: 2, ContinuationToken, ...extra }),
        );
        found.push(
          ...(page.Contents ?? []).map(({ Key }) => Key),
          ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
        );
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
      return found;
    };
    const inOrder = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(await list({})).toEqual(inOrder);
    const folded = inOrder.filter((key) => !key.startsWith('list/d/'));
    expect((await list({ Delimiter: '/' })).sort()).toEqual([...folded, 'list/d/'].sort());
  });
});

describe('messages', () => {
  test('what fails is tried again, then set aside; its neighbours in the batch are done once', async () => {
    await Promise.all(['in/n1', 'in/x/bad', 'in/n2'].map((key) => put(key)));
    await home.idle();
    expect((await as.told('in/x/bad'))?.times).toBe(2);
    expect([(await as.told('in/n1'))?.times, (await as.told('in/n2'))?.times]).toEqual([1, 1]);
    expect((await as.dead()).map((body) => (JSON.parse(body) as { key: string }).key)).toEqual(['in/x/bad']);
    expect(events).toContainEqual(expect.objectContaining({ type: 'message.dead', receives: 2 }));
  });

  test('a function that ends its process fails the batch, and is there for the next', async () => {
    await put('in/y/deadly');
    await home.idle();
    expect((await as.told('in/y/deadly'))?.times).toBe(2);
    expect(await as.dead()).toHaveLength(1);
    expect(events.flatMap((event) => (event.type === 'function.failed' ? [event.error.errorType] : []))).toEqual([
      'Runtime.ExitError',
      'Runtime.ExitError',
    ]);
    await put('in/after');
    await home.idle();
    expect((await as.told('in/after'))?.times).toBe(1);
  });

  test('a message may be delayed, and is not lost sight of', async () => {
    const body = JSON.stringify({ key: 'in/delayed' });
    await as.queues.send(
      new SendMessageCommand({ QueueUrl: home.outputs.QueueUrl, MessageBody: body, DelaySeconds: 1 }),
    );
    expect(await as.told('in/delayed')).toBeNull();
    await home.idle();
    expect((await as.told('in/delayed'))?.times).toBe(1);
  });
});

describe('policies', () => {
  const records = (key: string) => ({ Records: [{ messageId: 'm', body: JSON.stringify({ key }) }] });

  test.each([
    ['item', 'dynamodb:GetItem on arn:aws:dynamodb:us-east-1:000000000000:table/tiny-data-Table'],
    ['object', 's3:GetObject on arn:aws:s3:::tiny-data-drops/in/any'],
  ])('a function without a grant is refused its %s, by name', async (wants, missing) => {
    expect(await failed(home.invoke('greedy', { wants }))).toContain(`greedy is not authorized to perform ${missing}`);
    const [action, , resource] = missing.split(' ');
    expect(events).toContainEqual({ type: 'access.denied', function: 'greedy', action, resource });
    expect(home.record.at(-1)).toMatchObject({ caller: 'greedy', outcome: 'denied' });
  });

  test('a granted function reads; what the bucket forbids it does not', async () => {
    await put('secret/read');
    await put('in/open/read');
    expect(await home.invoke('work', records('in/open/read'))).toEqual({ batchItemFailures: [] });
    expect(await failed(home.invoke('work', records('secret/read')))).toContain('s3:GetObject');
  });

  test('absence is told only to those who may list', async () => {
    expect(await failed(home.invoke('work', records('in/nowhere/read')))).toContain('s3:ListBucket');
  });

  test('a stranger is refused', async () => {
    const stranger = clients({ ...home, adminCredentials: { accessKeyId: 'AKIASTRANGER', secretAccessKey: 'x' } });
    expect(await failed(stranger.told('in/first'))).toContain('UnrecognizedClientException');
  });

  test('the record says who did what to what', async () => {
    await home.invoke('work', records('in/recorded'));
    expect(home.record.at(-1)).toMatchObject({
      caller: 'work',
      service: 'dynamodb',
      operation: 'UpdateItem',
      resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/tiny-data-Table',
      outcome: 'done',
    });
  });
});

describe('functions', () => {
  test('know the template, not this machine', async () => {
    const { environment } = (await home.invoke('greedy', {})) as { environment: string[] };
    expect(environment).toEqual(expect.arrayContaining(['TABLE', 'DROPS', 'AWS_ENDPOINT_URL', 'AWS_REGION']));
    expect(environment.filter((name) => /^(npm_|VITEST|NODE_ENV|USER)/.test(name))).toEqual([]);
  });

  test('find no module that is not in their bundle', async () => {
    expect(await failed(home.invoke('greedy', { wants: 'module' }))).toContain('zod is not in the bundle');
  });

  test('are not ended by Ctrl-C, which is meant for the home', async () => {
    const pid = async () => ((await home.invoke('greedy', {})) as { pid: number }).pid;
    const before = await pid();
    process.kill(before, 'SIGINT');
    expect(await pid()).toBe(before);
  });

  test('without a handler fail every invocation', async () => {
    const invoked = [1, 2, 3].map(() => failed(home.invoke('broken', {})));
    for (const reason of await Promise.all(invoked))
      expect(reason).toContain('index.absent is undefined or not exported');
  });

  test('that take too long are ended', async () => {
    expect(await failed(home.invoke('greedy', { wants: 'time' }))).toContain('Task timed out after 1.00 seconds');
  });

  test('go by their names', async () => {
    expect(home.functions.map(({ label }) => label)).toEqual(['work', 'step', 'fragile', 'greedy', 'api', 'broken']);
    expect(await failed(home.invoke('nobody', {}))).toContain('there are work, step, fragile, greedy, api, broken');
  });
});

describe('a state machine', () => {
  test('runs its steps, through slips and deaths, each as often as it has to', async () => {
    const { executionArn } = await as.start('all-well', { slips: 1, dies: 1 });
    await home.idle();
    const { status, output } = await as.describe(executionArn);
    expect({ status, output: JSON.parse(output ?? 'null') as unknown }).toEqual({
      status: 'SUCCEEDED',
      output: {
        count: 3,
        items: ['x', 'y', 'z'].map((item) => ({ item, runs: 1 })),
      },
    });
    // `none` is what `first` and `right` have in common: a slip, its repetition, and the branch
    expect(await as.runs('all-well')).toEqual({ none: 3, fragile: 2, x: 1, y: 1, z: 1 });
    const statuses = events.flatMap((event) => (event.type === 'execution.changed' ? [event.status] : []));
    expect(statuses).toEqual(['RUNNING', 'SUCCEEDED']);
    const put = events
      .filter((event) => event.type === 'event.put')
      .map(({ detail }) => (detail as { status: string }).status);
    expect(put).toEqual(['RUNNING', 'SUCCEEDED']);
  });

  test('takes another way when the choice says so', async () => {
    const { executionArn } = await as.start('few', { items: ['only'] });
    await home.idle();
    expect((await as.describe(executionArn)).output).toBe('{"text":"only 1"}');
  });

  test('fails with the words of the function when nothing helps', async () => {
    const { executionArn } = await as.start('fatal', { fatal: true });
    await home.idle();
    const { status, error, cause } = await as.describe(executionArn);
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'TypeError' });
    expect(cause).toContain('beyond repair');
  });

  test('uses a name once', async () => {
    const first = await as.start('once', {});
    expect((await as.start('once', {})).executionArn).toBe(first.executionArn);
    await home.idle();
    expect(await failed(as.start('once', {}))).toContain('ExecutionAlreadyExists');
  });
});

describe('the API', () => {
  const ask = (path: string, init: RequestInit = {}) => fetch(home.apiUrl + path, init);

  test('hands a request to its function in the shape of API Gateway', async () => {
    const response = await ask('/things/a%20b?x=1&x=2&y=%2B', { headers: { 'X-Own': 'v' } });
    expect(await response.json()).toMatchObject({
      resource: '/things/{thing}',
      path: '/things/a%20b',
      httpMethod: 'GET',
      headers: { 'X-Own': 'v' },
      multiValueHeaders: { 'X-Own': ['v'] },
      pathParameters: { thing: 'a b' },
      queryStringParameters: { x: '2', y: '+' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['+'] },
      requestContext: { stage: 'live', resourcePath: '/things/{thing}', identity: { sourceIp: '127.0.0.1' } },
      body: null,
      isBase64Encoded: false,
    });
    expect(response.headers.get('x-single')).toBe('one');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test.each(['/nowhere', '/things', '/things/a/b'])('answers %s as the template says', async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toEqual({ status: 404, requestId: response.headers.get('x-amzn-requestid') });
  });

  test('answers a browser that asks first', async () => {
    const response = await ask('/things/a', { method: 'OPTIONS' });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  });

  test.each(['error', 'nonsense'])('hides that a function answered %s', async (thing) => {
    const response = await ask(`/things/${thing}`);
    expect([response.status, await response.json()]).toEqual([502, { message: 'Internal server error' }]);
  });

  test('compresses what is large for those who take it', async () => {
    const plain = await ask('/things/large', { headers: { 'accept-encoding': 'identity' } });
    expect(plain.headers.get('content-encoding')).toBeNull();
    const packed = await ask('/things/large', { headers: { 'accept-encoding': 'gzip' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(await packed.json()).toEqual(await plain.json());
  });

  test('has its own address in the outputs', () => {
    expect(home.outputs.ApiUrl).toBe(`${home.apiUrl}/`);
  });
});

test('an event for a bus reaches no rule of another, and a malformed one is refused', async () => {
  const bridge = new EventBridgeClient({
    endpoint: home.endpoint,
    region: home.region,
    credentials: home.adminCredentials,
  });
  const answer = await bridge.send(
    new PutEventsCommand({
      Entries: [
        { EventBusName: 'tiny-bus', Source: 'mine', DetailType: 'done', Detail: '{"a":1}' },
        { EventBusName: 'tiny-bus', Source: 'mine', DetailType: 'done', Detail: 'a' },
        { EventBusName: 'no-bus', Source: 'mine', DetailType: 'done', Detail: '{}' },
      ],
    }),
  );
  expect(answer.FailedEntryCount).toBe(2);
  expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([undefined, 'MalformedDetail', 'InvalidArgument']);
  expect(events).toEqual([
    { type: 'event.put', bus: 'tiny-bus', source: 'mine', detailType: 'done', detail: { a: 1 } },
  ]);
  expect(await failed(bridge.send(new ListRulesCommand({})))).toContain('ListRules is not implemented');
});

test('what a service has and the home has not is said, not pretended', async () => {
  const tagging = as.s3.send(
    new PutObjectTaggingCommand({
      Bucket: as.bucket,
      Key: 'in/first',
      Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] },
    }),
  );
  expect(await failed(tagging)).toContain('the parameter tagging is not implemented');
});

describe('a function that is killed at a call', () => {
  test.each([
    ['before', 1],
    ['after', 2],
  ] as const)('%s it is carried out', async (moment, times) => {
    let killed = 0;
    fault = {
      [moment]: (call: { caller: string; operation: string }) => {
        if (killed > 0 || call.caller !== 'work' || call.operation !== 'UpdateItem') return undefined;
        killed++;
        return 'kill';
      },
    };
    await put(`in/killed-${moment}`);
    await home.idle();
    expect(killed).toBe(1);
    expect((await as.told(`in/killed-${moment}`))?.times).toBe(times);
    expect(home.record.filter(({ outcome }) => outcome === 'killed').length).toBeGreaterThan(0);
  });
});
