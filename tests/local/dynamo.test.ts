import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import {
  type DynamoDBClient as Client,
  CreateTableCommand,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { renderAnswer } from '../../infra/local/dynamo/answer.ts';
import { ITEM_SCHEMA, ItemStore } from '../../infra/local/dynamo/itemStore.ts';
import { operation } from '../../infra/local/dynamo/operations.ts';
import { tableNames } from '../../infra/local/dynamo/tableNames.ts';
import { ServiceError } from '../../infra/local/front/service.ts';

const TABLE = {
  name: 'things',
  arn: 'arn:things',
  partitionKey: { name: 'pk', type: 'S' as const },
  sortKey: { name: 'sk', type: 'S' as const },
};

type Request = Readonly<Record<string, unknown>>;
let store: ItemStore;

beforeEach(() => {
  const database = new DatabaseSync(':memory:');
  database.exec(ITEM_SCHEMA);
  store = new ItemStore(database, [TABLE]);
});

function carryOut(name: string, request: Request): Request {
  const known = operation(name);
  if (!known) throw new Error(name);
  const body = Buffer.from(JSON.stringify({ TableName: 'things', ...request }));
  return JSON.parse(Buffer.from(renderAnswer(known(store, body))).toString()) as Request;
}

/** What the stand-in answers, or the name of its error. */
function ask(name: string, request: Request): Request {
  try {
    return carryOut(name, request);
  } catch (error) {
    if (error instanceof ServiceError) return { error: error.code };
    throw error;
  }
}

const key = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
const put = (pk: string, sk: string, more: object = {}) => ask('PutItem', { Item: { ...key(pk, sk), ...more } });
const sortKeys = (answer: Request) => (answer.Items as { sk: { S: string } }[]).map(({ sk }) => sk.S);

describe('reading', () => {
  test('a page ends at its limit and goes on behind it, in both directions', () => {
    for (const sk of ['a', 'b', 'c', 'd']) put('p', sk);
    put('q', 'a');
    for (const [ScanIndexForward, expected] of [
      [true, ['a', 'b', 'c', 'd']],
      [false, ['d', 'c', 'b', 'a']],
    ] as const) {
      const seen: string[] = [];
      let from: unknown;
      do {
        const answer = ask('Query', {
          KeyConditionExpression: 'pk = :p',
          ExpressionAttributeValues: { ':p': { S: 'p' } },
          ScanIndexForward,
          Limit: 3,
          ...(from ? { ExclusiveStartKey: from } : {}),
        });
        seen.push(...sortKeys(answer));
        from = answer.LastEvaluatedKey;
      } while (from);
      expect(seen).toEqual(expected);
    }
  });

  test('a page holds about a megabyte', () => {
    const body = { S: 'x'.repeat(300_000) };
    for (const sk of ['a', 'b', 'c', 'd', 'e']) put('p', sk, { body });
    const answer = ask('Query', {
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': { S: 'p' } },
      ReturnConsumedCapacity: 'TOTAL',
    });
    expect(sortKeys(answer)).toEqual(['a', 'b', 'c', 'd']);
    expect(answer.LastEvaluatedKey).toEqual(key('p', 'd'));
    // 4 × 300,010 bytes, a unit per 4 KiB, half of it for a read that may be stale
    expect(answer.ConsumedCapacity).toEqual({ TableName: 'things', CapacityUnits: 146.5 });
  });

  test('sort keys order by their UTF-8 bytes', () => {
    const keys = ['z', 'é', '\u{1f30a}', 'ﬀ', 'Z', 'a#0001', 'a'];
    for (const sk of keys) put('p', sk);
    const answer = ask('Query', { KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'p' } } });
    expect(sortKeys(answer)).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  test('a batch gives what there is and refuses repeated keys', () => {
    put('p', 'a', { n: { N: '1' } });
    const asked = (...Keys: object[]) => ask('BatchGetItem', { RequestItems: { things: { Keys } } });
    expect(asked(key('p', 'a'), key('p', 'b'))).toEqual({
      Responses: { things: [{ ...key('p', 'a'), n: { N: '1' } }] },
      UnprocessedKeys: {},
    });
    expect(asked(key('p', 'a'), key('p', 'a'))).toEqual({ error: 'ValidationException' });
  });
});

describe('writing', () => {
  test('a batch is all or nothing when one write is wrong', () => {
    const write = (...items: object[]) =>
      ask('BatchWriteItem', { RequestItems: { things: items.map((Item) => ({ PutRequest: { Item } })) } });
    expect(write(key('p', 'a'), { pk: { S: 'p' } })).toEqual({ error: 'ValidationException' });
    expect(ask('Scan', {}).Count).toBe(0);
    expect(write(key('p', 'a'), key('p', 'b'))).toEqual({ UnprocessedItems: {} });
    expect(ask('Scan', {}).Count).toBe(2);
  });

  test('a batch stores what came, and counts its size as a single write does', () => {
    const items = [
      { ...key('b', 'text'), s: { S: 'a "quoted" \\ line\n, é and \u{1f30a}' } },
      { ...key('b', 'plain'), s: { S: 'é'.repeat(700) }, t: { S: '' } },
      ...[0, 1, 2, 3, 1023, 1024].map((length) => ({
        ...key('b', `bytes ${length}`),
        b: { B: Buffer.alloc(length, 7).toString('base64') },
      })),
      {
        ...key('b', 'other'),
        n: { N: '-12.5' },
        m: { M: { l: { L: [{ BOOL: true }, { NULL: true }] } } },
        ss: { SS: ['x'] },
      },
    ];
    const RequestItems = { things: items.map((Item) => ({ PutRequest: { Item } })) };
    const batch = ask('BatchWriteItem', { RequestItems, ReturnConsumedCapacity: 'TOTAL' });
    const stored = items.map((item) => ask('GetItem', { Key: { pk: item.pk, sk: item.sk } }).Item);
    expect(stored).toEqual(items);
    const sizes = () => [...store.partition(TABLE, Buffer.from('b'), {}, true)].map(({ bytes }) => bytes);
    const batched = sizes();
    const units = items.map(
      (Item) =>
        (ask('PutItem', { Item, ReturnConsumedCapacity: 'TOTAL' }).ConsumedCapacity as { CapacityUnits: number })
          .CapacityUnits,
    );
    expect(sizes()).toEqual(batched);
    expect(batch.ConsumedCapacity).toEqual([{ TableName: 'things', CapacityUnits: units.reduce((a, b) => a + b) }]);
  });

  test.each(['', '{', '{"RequestItems":{"things":[{"PutRequest":{"Item":{"pk":{"S":"a}}}]}}', '{"RequestItems" 1}'])(
    'a batch that is not JSON is refused: %s',
    (text) => {
      expect(() => operation('BatchWriteItem')?.(store, Buffer.from(text))).toThrow('the request is not JSON');
    },
  );

  test('capacity is a unit per started kilobyte, of the larger of old and new', () => {
    const units = (bytes: number) =>
      (
        ask('PutItem', {
          // pk, p, sk, a and b are 7 bytes
          Item: { ...key('p', 'a'), b: { B: Buffer.alloc(bytes - 7).toString('base64') } },
          ReturnConsumedCapacity: 'TOTAL',
        }).ConsumedCapacity as { CapacityUnits: number }
      ).CapacityUnits;
    expect([units(1024), units(1025), units(3000), units(100)]).toEqual([1, 2, 3, 3]);
  });

  test('an item has at most 400 KB', () => {
    expect(put('p', 'a', { b: { S: 'x'.repeat(400 * 1024 - 7) } })).toEqual({});
    expect(put('p', 'a', { b: { S: 'x'.repeat(400 * 1024 - 6) } })).toEqual({ error: 'ValidationException' });
  });

  test('a failed condition changes nothing, and shows the item when asked', () => {
    put('p', 'a', { n: { N: '1' } });
    const request = {
      Item: { ...key('p', 'a'), n: { N: '2' } },
      ConditionExpression: 'attribute_not_exists(n)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    expect(() => carryOut('PutItem', request)).toThrow(
      expect.objectContaining({ detail: { Item: { ...key('p', 'a'), n: { N: '1' } } } }) as Error,
    );
    expect(ask('GetItem', { Key: key('p', 'a') })).toEqual({ Item: { ...key('p', 'a'), n: { N: '1' } } });
  });
});

test('maps are equal whatever the order of their fields, numbers whatever their digits', () => {
  put('p', 'a', { m: { M: { x: { N: '1.0' }, y: { L: [{ S: 'z' }] } } } });
  const same = { M: { y: { L: [{ S: 'z' }] }, x: { N: '1' } } };
  const filter = { FilterExpression: 'm = :m', ExpressionAttributeValues: { ':m': same } };
  expect(ask('Scan', filter).Count).toBe(1);
});

test('a table that was made with other keys is not taken over', () => {
  const { database } = store;
  expect(() => new ItemStore(database, [{ ...TABLE, sortKey: null }])).toThrow(
    'the table things was made with the keys',
  );
});

describe('the tables that a request names', () => {
  test('are found without being misled by what items hold', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('"TableName"', '\\"', '{"TableName":"no"}', 'RequestItems'));
    const value = fc.oneof(
      text.map((S) => ({ S })),
      fc
        .dictionary(
          text,
          text.map((S) => ({ S })),
        )
        .map((M) => ({ M })),
    );
    const name = fc.stringMatching(/^[a-z]{3,9}$/);
    const single = fc.record({ Item: fc.dictionary(text, value), TableName: name, Key: fc.dictionary(text, value) });
    const batch = fc.record({ RequestItems: fc.dictionary(name, fc.array(fc.dictionary(text, value))) });
    fc.assert(
      fc.property(fc.oneof(single, batch), fc.boolean(), (request, spaced) => {
        const body = Buffer.from(JSON.stringify(request, null, spaced ? 2 : 0));
        const expected = 'TableName' in request ? [request.TableName] : Object.keys(request.RequestItems);
        expect(tableNames(body)).toEqual(expected);
      }),
    );
  });
});

describe('beside dynalite, another implementation', () => {
  interface Dynalite {
    listen(port: number, host: string, ready: () => void): void;
    address(): { port: number };
    close(done: () => void): void;
  }
  let server: Dynalite;
  let client: Client;

  beforeAll(async () => {
    // it has no types
    const { default: dynalite } = (await import('dynalite' as string)) as { default: (options: object) => Dynalite };
    server = dynalite({ createTableMs: 0, deleteTableMs: 0 });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${server.address().port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await client.send(
      new CreateTableCommand({
        TableName: 'things',
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
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName: 'things' });
  });

  afterAll(() => new Promise<void>((done) => server.close(done)));

  /** The same request in the same words, and the answer without what only one of them says. */
  async function askDynalite(operation: string, request: Request): Promise<Request> {
    const { protocol, hostname, port } = (await client.config.endpoint?.()) ?? { protocol: '', hostname: '', port: 0 };
    const response = await fetch(`${protocol}//${hostname}:${port}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'x-amz-date': '20260101T000000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=h, Signature=s',
      },
      body: JSON.stringify({ TableName: 'things', ...request }),
    });
    const answer = (await response.json()) as { __type?: string };
    return answer.__type === undefined ? answer : { error: answer.__type.split('#').at(-1) };
  }

  async function expectSame(operation: string, request: Request): Promise<void> {
    expect(sorted(ask(operation, request)), JSON.stringify(request)).toEqual(
      sorted(await askDynalite(operation, request)),
    );
  }

  /** Sets have no order. */
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        /^[SNB]S$/.test(name) ? [...(inner as string[])].sort() : sorted(inner),
      ]),
    );
  };

  const ITEM = {
    ...key('p', 'a'),
    s: { S: 'héllo' },
    n: { N: '12.5' },
    b: { B: randomBytes(5).toString('base64') },
    yes: { BOOL: true },
    nothing: { NULL: true },
    l: { L: [{ N: '1' }, { S: 'two' }, { M: { x: { N: '3' } } }] },
    m: { M: { x: { N: '1' }, y: { L: [{ S: 'z' }] } } },
    ss: { SS: ['a', 'b'] },
    ns: { NS: ['1', '2'] },
  };
  const VALUES = {
    ':s': { S: 'hé' },
    ':t': { S: 'S' },
    ':n': { N: '12.50' },
    ':one': { N: '1' },
    ':a': { S: 'a' },
    ':ss': { SS: ['b', 'c'] },
    ':l': { L: [{ S: 'new' }] },
  };
  /** Only what an expression uses may be given. */
  const valuesOf = (expression: string) => {
    const used = Object.entries(VALUES).filter(([name]) => new RegExp(`${name}\\b`).test(expression));
    return used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) };
  };

  beforeEach(async () => {
    ask('PutItem', { Item: ITEM });
    await askDynalite('PutItem', { Item: ITEM });
    await askDynalite('DeleteItem', { Key: key('p', 'new') });
  });

  test.each([
    'attribute_exists(s)',
    'attribute_exists(m.x) AND attribute_not_exists(m.z)',
    'attribute_type(s, :t)',
    'attribute_type(n, :t)',
    'begins_with(s, :s)',
    'begins_with(n, :s)',
    'contains(ss, :a)',
    'contains(s, :a)',
    'contains(l, :one)',
    'n = :n',
    'n <> :n',
    'n < :one OR n > :one',
    's > :n',
    'NOT s = :s',
    'missing = :a',
    'missing <> :a',
    'n BETWEEN :one AND :n',
    'n IN (:one, :n)',
    'size(s) > :one',
    'size(l) = :one',
    'size(m) > :one AND (size(ss) > :one OR size(missing) > :one)',
    'l[0] = :one',
    'l[2].x = :one',
    'm.y[0] = :a',
    'n = s',
    'n =',
    'attribute_exists(:a)',
    'status = :a',
    'n = :undefined',
    'n > :one AND',
  ])('condition %s', async (ConditionExpression) => {
    await expectSame('PutItem', { Item: ITEM, ConditionExpression, ...valuesOf(ConditionExpression) });
  });

  test.each([
    'SET n = n + :one',
    'SET n = n - :n, m.x = :one',
    'SET x1 = if_not_exists(missing, :one), x2 = if_not_exists(n, :one)',
    'SET l = list_append(l, :l), l2 = list_append(:l, l)',
    'SET l[1] = :a, l[9] = :a',
    'SET m.x = n, n = m.x',
    'REMOVE l[0], m.y, missing',
    'ADD n :one, fresh :one, ss :ss, fresher :ss',
    'DELETE ss :ss',
    'SET a1 = :a REMOVE s ADD n :one',
    'SET missing.x = :a',
    'SET s = s + :one',
    'SET x1 = missing',
    'ADD s :one',
    'SET pk = :a',
    'SET n :one',
  ])('update %s', async (UpdateExpression) => {
    const request = { UpdateExpression, ...valuesOf(UpdateExpression), ReturnValues: 'ALL_NEW' };
    await expectSame('UpdateItem', { Key: key('p', 'a'), ...request });
    await expectSame('GetItem', { Key: key('p', 'a') });
  });

  test.each(['ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW', 'NONE'])(
    'an update returns %s',
    async (ReturnValues) => {
      const request = { UpdateExpression: 'SET n = :one ADD fresh :one', ...valuesOf(':one'), ReturnValues };
      await expectSame('UpdateItem', { Key: key('p', 'a'), ...request });
      await expectSame('UpdateItem', { Key: key('p', 'new'), ...request });
    },
  );

  test.each([
    'pk = :a',
    'pk = :p',
    'pk = :p AND sk = :a',
    'pk = :p AND sk > :a',
    'pk = :p AND sk <= :b',
    'sk < :b AND pk = :p',
    'pk = :p AND begins_with(sk, :a)',
    'pk = :p AND sk BETWEEN :a AND :b',
    'pk > :p',
    'pk = :p AND sk <> :a',
    'pk = :p OR sk = :a',
    'sk = :a',
    'pk = :p AND other = :a',
  ])('key condition %s', async (KeyConditionExpression) => {
    for (const sk of ['a', 'a#1', 'aé', 'b', 'b#2']) {
      ask('PutItem', { Item: key('p', sk) });
      await askDynalite('PutItem', { Item: key('p', sk) });
    }
    const given = { ':p': { S: 'p' }, ':a': { S: 'a' }, ':b': { S: 'b' } };
    const used = Object.entries(given).filter(([name]) => KeyConditionExpression.includes(name));
    for (const ScanIndexForward of [true, false])
      await expectSame('Query', {
        KeyConditionExpression,
        ExpressionAttributeValues: Object.fromEntries(used),
        ScanIndexForward,
      });
  });

  test.each([
    ['a projection', 'GetItem', { Key: key('p', 'a'), ProjectionExpression: 's, l[2].x, m.y, missing' }],
    ['an absent item', 'GetItem', { Key: key('p', 'absent') }],
    ['a key with too much', 'GetItem', { Key: { ...key('p', 'a'), n: { N: '1' } } }],
    ['a key of the wrong type', 'GetItem', { Key: { pk: { N: '1' }, sk: { S: 'a' } } }],
    ['an unknown table', 'GetItem', { TableName: 'others', Key: key('p', 'a') }],
    ['a filter', 'Scan', { FilterExpression: 'sk = :a', ExpressionAttributeValues: { ':a': { S: 'a' } } }],
    ['a count', 'Scan', { Select: 'COUNT' }],
    ['an empty key', 'PutItem', { Item: key('', 'a') }],
    ['a deletion that returns', 'DeleteItem', { Key: key('p', 'a'), ReturnValues: 'ALL_OLD' }],
    [
      'unused names',
      'GetItem',
      { Key: key('p', 'a'), ProjectionExpression: 's', ExpressionAttributeNames: { '#x': 'x' } },
    ],
    ['capacity of a write', 'PutItem', { Item: ITEM, ReturnConsumedCapacity: 'TOTAL' }],
    ['capacity of a read', 'GetItem', { Key: key('p', 'a'), ReturnConsumedCapacity: 'TOTAL', ConsistentRead: true }],
  ])('%s', async (_, operation, request) => {
    for (const sk of ['b', 'c', 'a#1', 'aé', 'b#2']) await askDynalite('DeleteItem', { Key: key('p', sk) });
    await expectSame(operation, request);
  });
});
