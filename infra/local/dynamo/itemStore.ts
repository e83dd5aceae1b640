import type { DatabaseSync } from 'node:sqlite';
import { ServiceError } from '../front/service.ts';
import type { KeyPlan, TablePlan } from '../template/blueprint.ts';
import { type AttributeValue, type Item, itemSize } from './attributes.ts';

export const ITEM_SCHEMA = `
  CREATE TABLE IF NOT EXISTS tables (name TEXT PRIMARY KEY, keys TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS items (
    tableName TEXT NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL, bytes INTEGER NOT NULL, item BLOB NOT NULL,
    PRIMARY KEY (tableName, pk, sk)) WITHOUT ROWID`;

/** Where an item lies: its key attributes as bytes, which order like DynamoDB orders them. */
export interface StoredKey {
  readonly pk: Uint8Array;
  readonly sk: Uint8Array;
}

/** An item as it is kept: the bytes of its JSON, which most answers pass on as they are. */
export interface StoredItem extends StoredKey {
  /** by DynamoDB's rules of size */
  readonly bytes: number;
  readonly item: Uint8Array;
}

/** Bounds on the sort keys of one partition; a missing bound does not bind. */
export interface SortRange {
  readonly from?: { readonly key: Uint8Array; readonly inclusive: boolean };
  readonly to?: { readonly key: Uint8Array; readonly inclusive: boolean };
}

export const LARGEST_ITEM = 400 * 1024;
const LARGEST_KEY = { HASH: 2048, RANGE: 1024 } as const;
const NO_SORT_KEY = new Uint8Array(0);

const invalid = (message: string) => new ServiceError('ValidationException', message);

/** Items in one ordered table of the database: by table, partition key and sort key. */
export class ItemStore {
  readonly database: DatabaseSync;
  private readonly plans = new Map<string, TablePlan>();
  private readonly sql;

  /** @throws Error when a table exists with other keys: its items could not be found by the new ones */
  constructor(database: DatabaseSync, plans: readonly TablePlan[]) {
    this.database = database;
    const known = database.prepare('SELECT keys FROM tables WHERE name = ?');
    const register = database.prepare('INSERT OR IGNORE INTO tables VALUES (?, ?)');
    for (const plan of plans) {
      const keys = JSON.stringify([plan.partitionKey, plan.sortKey]);
      const stored = known.get(plan.name) as { keys: string } | undefined;
      if (stored && stored.keys !== keys)
        throw new Error(
          `the table ${plan.name} was made with the keys ${stored.keys}, and the template says ${keys}: delete the state directory, or change the keys back`,
        );
      register.run(plan.name, keys);
      this.plans.set(plan.name, plan);
    }
    this.sql = {
      get: database.prepare('SELECT * FROM items WHERE tableName = ? AND pk = ? AND sk = ?'),
      put: database.prepare('INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?, ?)'),
      delete: database.prepare('DELETE FROM items WHERE tableName = ? AND pk = ? AND sk = ?'),
      all: database.prepare('SELECT * FROM items WHERE tableName = ? AND (pk, sk) > (?, ?) ORDER BY pk, sk'),
    };
  }

  table(name: unknown): TablePlan {
    const plan = this.plans.get(String(name).split('/').at(-1) ?? '');
    if (plan) return plan;
    throw new ServiceError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
  }

  tables(): string[] {
    return [...this.plans.keys()];
  }

  get(table: TablePlan, { pk, sk }: StoredKey): StoredItem | null {
    return (this.sql.get.get(table.name, pk, sk) as unknown as StoredItem | undefined) ?? null;
  }

  put(table: TablePlan, key: StoredKey, item: Item, bytes = itemSize(item)): void {
    this.putBytes(table, key, Buffer.from(JSON.stringify(item)), bytes);
  }

  /** @param item  its JSON */
  putBytes(table: TablePlan, { pk, sk }: StoredKey, item: Uint8Array, bytes: number): void {
    this.sql.put.run(table.name, pk, sk, bytes, item);
  }

  delete(table: TablePlan, { pk, sk }: StoredKey): void {
    this.sql.delete.run(table.name, pk, sk);
  }

  /** Items of one partition in sort order. */
  partition(table: TablePlan, pk: Uint8Array, { from, to }: SortRange, forward: boolean): Iterable<StoredItem> {
    const bounds = [
      ...(from ? [`sk ${from.inclusive ? '>=' : '>'} ?`] : []),
      ...(to ? [`sk ${to.inclusive ? '<=' : '<'} ?`] : []),
    ];
    const where = ['tableName = ?', 'pk = ?', ...bounds].join(' AND ');
    const text = `SELECT * FROM items WHERE ${where} ORDER BY sk ${forward ? 'ASC' : 'DESC'}`;
    const values = [from, to].flatMap((bound) => (bound ? [bound.key] : []));
    return this.prepared(text).iterate(table.name, pk, ...values) as unknown as Iterable<StoredItem>;
  }

  private readonly statements = new Map<string, ReturnType<DatabaseSync['prepare']>>();

  private prepared(text: string) {
    const known = this.statements.get(text);
    if (known) return known;
    const statement = this.database.prepare(text);
    this.statements.set(text, statement);
    return statement;
  }

  /** All items of a table behind a key, in key order. */
  after(table: TablePlan, { pk, sk }: StoredKey): Iterable<StoredItem> {
    return this.sql.all.iterate(table.name, pk, sk) as unknown as Iterable<StoredItem>;
  }
}

/** The bytes of one key attribute. */
export function keyBytes(plan: KeyPlan, kind: 'HASH' | 'RANGE', value: AttributeValue | undefined): Uint8Array {
  if (value === undefined)
    throw invalid(`One or more parameter values were invalid: Missing the key ${plan.name} in the item`);
  const text = (value as Readonly<Record<string, unknown>>)[plan.type];
  if (typeof text !== 'string')
    throw invalid(
      `One or more parameter values were invalid: Type mismatch for key ${plan.name} expected: ${plan.type} actual: ${Object.keys(value)[0]}`,
    );
  const bytes = Buffer.from(text, plan.type === 'S' ? 'utf8' : 'base64');
  if (bytes.length === 0)
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: ${plan.name}`,
    );
  if (bytes.length > LARGEST_KEY[kind])
    throw invalid(
      `One or more parameter values were invalid: Size of ${kind === 'HASH' ? 'hashkey' : 'rangekey'} has exceeded the maximum size limit of ${LARGEST_KEY[kind]} bytes`,
    );
  return bytes;
}

/** The key of an item. */
export const keyOf = ({ partitionKey, sortKey }: TablePlan, item: Item): StoredKey => ({
  pk: keyBytes(partitionKey, 'HASH', item[partitionKey.name]),
  sk: sortKey ? keyBytes(sortKey, 'RANGE', item[sortKey.name]) : NO_SORT_KEY,
});

/** The key that a request gives: exactly the key attributes. */
export function exactKey(table: TablePlan, key: Item): StoredKey {
  const expected = table.sortKey ? 2 : 1;
  if (Object.keys(key).length !== expected) throw invalid('The provided key element does not match the schema');
  return keyOf(table, key);
}

/** The key attributes of a stored item, e.g. for `LastEvaluatedKey`. */
export function keyItem({ partitionKey, sortKey }: TablePlan, { pk, sk }: StoredKey): Item {
  const value = (plan: KeyPlan, bytes: Uint8Array) =>
    ({ [plan.type]: Buffer.from(bytes).toString(plan.type === 'S' ? 'utf8' : 'base64') }) as unknown as AttributeValue;
  return {
    [partitionKey.name]: value(partitionKey, pk),
    ...(sortKey ? { [sortKey.name]: value(sortKey, sk) } : {}),
  };
}
