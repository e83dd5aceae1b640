import { ServiceError } from '../front/service.ts';
import { atomically } from '../state/database.ts';
import type { TablePlan } from '../template/blueprint.ts';
import { Stored } from './answer.ts';
import { type AttributeValue, type Item, itemSize } from './attributes.ts';
import { batchWrite } from './batchWrite.ts';
import { consumed, consumedByTables, readUnits, writeUnits } from './capacity.ts';
import { type Path, Placeholders, parseCondition, parseProjection, parseUpdate } from './expressionParser.ts';
import { changed, holds, project } from './expressions.ts';
import {
  exactKey,
  type ItemStore,
  keyItem,
  keyOf,
  LARGEST_ITEM,
  type SortRange,
  type StoredItem,
  type StoredKey,
} from './itemStore.ts';
import { keyCondition } from './keyCondition.ts';

type Request = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder();

const PAGE_BYTES = 1 << 20;
const BATCH_BYTES = 16 << 20;
const MOST_READS = 100;

/** Parameters from before expressions; SDKs still have them. */
const LEGACY = [
  'AttributesToGet',
  'AttributeUpdates',
  'Expected',
  'ConditionalOperator',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
];

const invalid = (message: string) => new ServiceError('ValidationException', message);

type Operation = (store: ItemStore, body: Uint8Array) => object;

/** Carries an operation out. Each is one transaction. Null when there is no such operation here. */
export function operation(name: string): Operation | null {
  if (name === 'BatchWriteItem') return batchWrite;
  const carryOut = OPERATIONS[name];
  return carryOut
    ? (store, body) =>
        carryOut(store, JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()) as Request)
    : null;
}

const OPERATIONS: Readonly<Record<string, (store: ItemStore, request: Request) => object>> = {
  GetItem: (store, request) => {
    const table = store.table(request.TableName);
    const placeholders = placeholdersOf(request);
    const shown = projection(request, placeholders);
    placeholders.requireAllUsed();
    const found = store.get(table, exactKey(table, request.Key as Item));
    return {
      ...(found ? { Item: shown(found) } : {}),
      ...consumed(request, table, readUnits(found?.bytes ?? 0, request)),
    };
  },

  PutItem: (store, request) => {
    const item = request.Item as Item;
    return write(store, request, keyOf(store.table(request.TableName), item), () => item);
  },

  DeleteItem: (store, request) => {
    const key = exactKey(store.table(request.TableName), request.Key as Item);
    return write(store, request, key, () => null);
  },

  UpdateItem: (store, request) => {
    const table = store.table(request.TableName);
    const keyAttributes = request.Key as Item;
    const placeholders = placeholdersOf(request);
    const changes =
      request.UpdateExpression === undefined ? [] : parseUpdate(String(request.UpdateExpression), placeholders);
    for (const { path } of changes)
      if (Object.hasOwn(keyAttributes, String(path[0])))
        throw invalid(
          `One or more parameter values were invalid: Cannot update attribute ${path[0]}. This attribute is part of the key`,
        );
    return write(
      store,
      request,
      exactKey(table, keyAttributes),
      (old) => changed(old ?? keyAttributes, changes),
      placeholders,
      changes.map(({ path }) => path),
    );
  },

  BatchGetItem: (store, request) => {
    const Responses: Record<string, Stored[]> = {};
    const UnprocessedKeys: Record<string, object> = {};
    const units = new Map<TablePlan, number>();
    let bytes = 0;
    let count = 0;
    for (const [name, asked] of entries<Request>(request.RequestItems)) {
      const table = store.table(name);
      const placeholders = placeholdersOf(asked);
      const shown = projection(asked, placeholders);
      placeholders.requireAllUsed();
      const keys = asked.Keys as Item[];
      count += keys.length;
      if (keys.length === 0 || count > MOST_READS) throw invalid(`a batch has 1 to ${MOST_READS} keys, not ${count}`);
      const stored = keys.map((key) => exactKey(table, key));
      requireDistinct(stored.map((key) => ({ table, key })));
      const items: Stored[] = [];
      let spent = 0;
      for (const [at, key] of stored.entries()) {
        const found = store.get(table, key);
        spent += readUnits(found?.bytes ?? 0, asked);
        if (!found) continue;
        bytes += found.bytes;
        if (bytes > BATCH_BYTES) {
          UnprocessedKeys[name] = { ...asked, Keys: keys.slice(at) };
          break;
        }
        items.push(shown(found));
      }
      units.set(table, spent);
      Responses[name] = items;
    }
    return { Responses, UnprocessedKeys, ...consumedByTables(request, units) };
  },

  Query: (store, request) => {
    const table = store.table(request.TableName);
    if (request.IndexName !== undefined)
      throw invalid(`The table does not have the specified index: ${request.IndexName}`);
    const placeholders = placeholdersOf(request);
    const condition = parseCondition(String(request.KeyConditionExpression), placeholders);
    const { pk, range } = keyCondition(table, condition);
    const forward = request.ScanIndexForward !== false;
    const start = request.ExclusiveStartKey;
    const from = start === undefined ? null : exactKey(table, start as Item);
    const bounds: SortRange = from
      ? forward
        ? { ...range, from: { key: from.sk, inclusive: false } }
        : { ...range, to: { key: from.sk, inclusive: false } }
      : range;
    return page(store.partition(table, pk, bounds, forward), table, request, placeholders);
  },

  Scan: (store, request) => {
    const table = store.table(request.TableName);
    if (request.TotalSegments !== undefined) throw unsupported('parallel scans');
    const none = new Uint8Array(0);
    const start = request.ExclusiveStartKey;
    const from = start === undefined ? { pk: none, sk: none } : exactKey(table, start as Item);
    return page(store.after(table, from), table, request, placeholdersOf(request));
  },

  DescribeTable: (store, request) => {
    const table = store.table(request.TableName);
    const keys = [
      { plan: table.partitionKey, KeyType: 'HASH' },
      ...(table.sortKey ? [{ plan: table.sortKey, KeyType: 'RANGE' }] : []),
    ];
    return {
      Table: {
        TableName: table.name,
        TableArn: table.arn,
        TableStatus: 'ACTIVE',
        KeySchema: keys.map(({ plan, KeyType }) => ({ AttributeName: plan.name, KeyType })),
        AttributeDefinitions: keys.map(({ plan }) => ({ AttributeName: plan.name, AttributeType: plan.type })),
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      },
    };
  },

  ListTables: (store) => ({ TableNames: store.tables() }),
};

const unsupported = (what: string) =>
  new ServiceError('NotImplemented', `DynamoDB: ${what}: not implemented by the local home`, 501);

const parsed = ({ item }: StoredItem) => JSON.parse(decoder.decode(item)) as Item;

const entries = <T>(record: unknown) => Object.entries((record ?? {}) as Readonly<Record<string, T>>);

function placeholdersOf(request: Request): Placeholders {
  for (const name of LEGACY) if (request[name] !== undefined) throw unsupported(`the legacy parameter ${name}`);
  return new Placeholders(
    request.ExpressionAttributeNames as Record<string, string> | undefined,
    request.ExpressionAttributeValues as Record<string, AttributeValue> | undefined,
  );
}

/** How an item is shown: whole, or the parts that a projection names. */
function projection(request: Request, placeholders: Placeholders): (found: StoredItem) => Stored {
  if (request.ProjectionExpression === undefined) return (found) => new Stored(found.item);
  const paths: Path[] = parseProjection(String(request.ProjectionExpression), placeholders);
  return (found) => new Stored(Buffer.from(JSON.stringify(project(parsed(found), paths))));
}

/** Replaces one item by what `next` makes of it, if the request's condition holds on it. */
function write(
  store: ItemStore,
  request: Request,
  key: StoredKey,
  next: (old: Item | null) => Item | null,
  placeholders = placeholdersOf(request),
  updated: readonly Path[] = [],
): object {
  const table = store.table(request.TableName);
  const { ConditionExpression } = request;
  const condition =
    ConditionExpression === undefined ? null : parseCondition(String(ConditionExpression), placeholders);
  placeholders.requireAllUsed();
  return atomically(store.database, () => {
    const found = store.get(table, key);
    const old = found ? parsed(found) : null;
    if (condition && !holds(condition, old ?? {}))
      throw new ServiceError(
        'ConditionalCheckFailedException',
        'The conditional request failed',
        400,
        request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && old ? { Item: old } : {},
      );
    const item = next(old);
    const bytes = item === null ? 0 : checkedSize(item);
    if (item === null) store.delete(table, key);
    else store.put(table, key, item, bytes);
    return {
      ...returned(request.ReturnValues, old, item, updated),
      ...consumed(request, table, writeUnits(Math.max(bytes, found?.bytes ?? 0))),
    };
  });
}

/** What a write returns of an item: all of it, or the parts that the update names, before or after. */
function returned(wanted: unknown, old: Item | null, item: Item | null, updated: readonly Path[]): object {
  if (wanted === undefined || wanted === 'NONE') return {};
  const shown = String(wanted).endsWith('OLD') ? old : item;
  const parts = shown && String(wanted).startsWith('UPDATED') ? project(shown, updated) : shown;
  return parts && Object.keys(parts).length > 0 ? { Attributes: parts } : {};
}

function checkedSize(item: Item): number {
  const bytes = itemSize(item);
  if (bytes > LARGEST_ITEM) throw invalid('Item size has exceeded the maximum allowed size');
  return bytes;
}

function requireDistinct(keys: readonly { table: TablePlan; key: StoredKey }[]): void {
  const seen = new Set(
    keys.map(({ table, key }) => JSON.stringify([table.name, Buffer.from(key.pk), Buffer.from(key.sk)])),
  );
  if (seen.size < keys.length) throw invalid('Provided list of item keys contains duplicates');
}

/** Reads items until there are enough: `Limit` of them, or a megabyte, counted before the filter. */
function page(found: Iterable<StoredItem>, table: TablePlan, request: Request, placeholders: Placeholders): object {
  const filter =
    request.FilterExpression === undefined ? null : parseCondition(String(request.FilterExpression), placeholders);
  const shown = projection(request, placeholders);
  placeholders.requireAllUsed();
  const limit = Number(request.Limit ?? Number.POSITIVE_INFINITY);
  if (limit < 1) throw invalid('Limit must be greater than or equal to 1');
  const items: Stored[] = [];
  let last: StoredItem | null = null;
  let more = false;
  let scanned = 0;
  let bytes = 0;
  for (const stored of found) {
    if (scanned === limit || bytes >= PAGE_BYTES) {
      more = true;
      break;
    }
    scanned++;
    bytes += stored.bytes;
    last = stored;
    if (!filter || holds(filter, parsed(stored))) items.push(shown(stored));
  }
  // DynamoDB does not look whether anything follows when the limit is reached
  if (scanned === limit) more = true;
  return {
    ...(request.Select === 'COUNT' ? {} : { Items: items }),
    Count: items.length,
    ScannedCount: scanned,
    ...(more && last ? { LastEvaluatedKey: keyItem(table, last) } : {}),
    ...consumed(request, table, readUnits(bytes, request)),
  };
}
