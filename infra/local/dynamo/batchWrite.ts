import { ServiceError } from '../front/service.ts';
import { atomically } from '../state/database.ts';
import type { TablePlan } from '../template/blueprint.ts';
import { type AttributeValue, decodedLength, type Item, sizeOf } from './attributes.ts';
import { consumedByTables, writeUnits } from './capacity.ts';
import { exactKey, type ItemStore, keyOf, LARGEST_ITEM, type StoredKey } from './itemStore.ts';
import { JsonBytes, type Span } from './jsonBytes.ts';

const MOST_WRITES = 25;

const invalid = (message: string) => new ServiceError('ValidationException', message);

interface Write {
  readonly table: TablePlan;
  readonly key: StoredKey;
  /** the item's JSON as it came, or null to delete it */
  readonly item: Uint8Array | null;
  readonly bytes: number;
}

/**
 * BatchWriteItem on the bytes of the request: what is stored of an item is what came. Of each item only the key and the
 * sizes are looked at, so that a megabyte of pages is not parsed to be written down again.
 */
export function batchWrite(store: ItemStore, body: Uint8Array): object {
  const json = new JsonBytes(body);
  const writes: Write[] = [];
  const request: Record<string, unknown> = {};
  for (const field of json.fields(json.whole())) {
    if (field.name !== 'RequestItems') request[field.name] = json.parse(field);
    else
      for (const requests of json.fields(field)) {
        const table = store.table(requests.name);
        for (const each of json.items(requests)) writes.push(readWrite(json, table, each));
      }
  }
  if (writes.length === 0 || writes.length > MOST_WRITES)
    throw invalid(`a batch has 1 to ${MOST_WRITES} writes, not ${writes.length}`);
  const names = writes.map(({ table, key }) => JSON.stringify([table.name, Buffer.from(key.pk), Buffer.from(key.sk)]));
  if (new Set(names).size < names.length) throw invalid('Provided list of item keys contains duplicates');

  const units = new Map<TablePlan, number>();
  atomically(store.database, () => {
    for (const { table, key, item, bytes } of writes) {
      if (item === null) store.delete(table, key);
      else store.putBytes(table, key, item, bytes);
      units.set(table, (units.get(table) ?? 0) + writeUnits(bytes));
    }
  });
  return { UnprocessedItems: {}, ...consumedByTables(request, units) };
}

/** `{"PutRequest":{"Item":{…}}}` or `{"DeleteRequest":{"Key":{…}}}` */
function readWrite(json: JsonBytes, table: TablePlan, span: Span): Write {
  const [request, ...others] = json.fields(span);
  if (!request || others.length > 0) throw invalid('each write is either a PutRequest or a DeleteRequest');
  for (const field of json.fields(request)) {
    if (request.name === 'DeleteRequest' && field.name === 'Key')
      return { table, key: exactKey(table, json.parse<Item>(field)), item: null, bytes: 0 };
    if (request.name === 'PutRequest' && field.name === 'Item') return { table, ...readItem(json, table, field) };
  }
  throw invalid('each write is either a PutRequest or a DeleteRequest');
}

function readItem(json: JsonBytes, table: TablePlan, span: Span): Omit<Write, 'table'> {
  const keyNames = [table.partitionKey.name, table.sortKey?.name];
  const keyAttributes: Record<string, AttributeValue> = {};
  let bytes = 0;
  for (const attribute of json.fields(span)) {
    if (keyNames.includes(attribute.name)) keyAttributes[attribute.name] = json.parse<AttributeValue>(attribute);
    bytes += Buffer.byteLength(attribute.name) + attributeSize(json, attribute);
  }
  if (bytes > LARGEST_ITEM) throw invalid('Item size has exceeded the maximum allowed size');
  return { key: keyOf(table, keyAttributes), item: json.slice(span), bytes };
}

/** The size of a value; text and binary, which may be long, are measured where they lie. */
function attributeSize(json: JsonBytes, attribute: Span): number {
  const [value, ...others] = json.fields(attribute);
  if (!value || others.length > 0) throw invalid('Supplied AttributeValue has more than one datatypes set');
  const length = value.name === 'S' || value.name === 'B' ? json.textLength(value) : null;
  if (length === null) return sizeOf(json.parse<AttributeValue>(attribute));
  if (value.name === 'S') return length;
  const last = Buffer.from(json.slice({ start: value.end - 3, end: value.end - 1 })).toString('latin1');
  return length === 0 ? 0 : decodedLength(`${'A'.repeat(2)}${last}`) + ((length - 4) / 4) * 3;
}
