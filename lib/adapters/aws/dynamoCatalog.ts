import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type * as z from 'zod';
import { compareVersions, Dataset, Drop, Lease, Pointer, Run } from '../../app/records.ts';
import type { Catalog } from '../../ports/catalog.ts';

/**
 * The catalog in the table: one item per fact, `json` holds the record, other attributes only what a condition compares.
 *
 *     drops        <key>               version (what the stored JSON was compared by)
 *     datasets     <sha256>
 *     run          <run>
 *     runs         <startedAt>#<run>   an index entry for listing, written before its run
 *     pointer      current             run
 *     lease        score               owner, expiresAtText
 */
export function dynamoCatalog(tableName: string, client = new DynamoDBClient({})): Catalog {
  const key = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
  const parse = <S extends z.ZodType>(
    schema: S,
    item: Record<string, AttributeValue> | undefined,
  ): z.output<S> | null => (item?.json?.S ? schema.parse(JSON.parse(item.json.S)) : null);

  async function get<S extends z.ZodType>(schema: S, pk: string, sk: string): Promise<z.output<S> | null> {
    const answer = await client.send(
      new GetItemCommand({ TableName: tableName, Key: key(pk, sk), ConsistentRead: true }),
    );
    return parse(schema, answer.Item);
  }

  async function put(
    pk: string,
    sk: string,
    record: unknown,
    extra: Record<string, AttributeValue> = {},
    condition?: { expression: string; names: Record<string, string>; values?: Record<string, AttributeValue> },
  ): Promise<boolean> {
    try {
      await client.send(
        new PutItemCommand({
          TableName: tableName,
          Item: { ...key(pk, sk), json: { S: JSON.stringify(record) }, ...extra },
          ...(condition && {
            ConditionExpression: condition.expression,
            ExpressionAttributeNames: condition.names,
            ...(condition.values && { ExpressionAttributeValues: condition.values }),
          }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async function* query(pk: string, forward = true): AsyncGenerator<Record<string, AttributeValue>> {
    let from: Record<string, AttributeValue> | undefined;
    do {
      const answer = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
          ScanIndexForward: forward,
          ConsistentRead: true,
          ...(from && { ExclusiveStartKey: from }),
        }),
      );
      yield* answer.Items ?? [];
      from = answer.LastEvaluatedKey;
    } while (from);
  }

  async function all<S extends z.ZodType>(schema: S, pk: string): Promise<z.output<S>[]> {
    const records: z.output<S>[] = [];
    for await (const item of query(pk)) {
      const record = parse(schema, item);
      if (record) records.push(record);
    }
    return records;
  }

  const versionOf = (drop: Drop) => `${drop.sequencer}|${drop.lastModified}|${drop.etag}`;

  return {
    async putDrop(drop) {
      // compare here, then write only if nobody wrote in between; a lost race compares again
      for (;;) {
        const stored = await get(Drop, 'drops', drop.key);
        if (stored && compareVersions(drop, stored) < 0) return false;
        const unchanged = stored
          ? { expression: '#v = :v', names: { '#v': 'version' }, values: { ':v': { S: versionOf(stored) } } }
          : { expression: 'attribute_not_exists(#v)', names: { '#v': 'version' } };
        if (await put('drops', drop.key, drop, { version: { S: versionOf(drop) } }, unchanged)) return true;
      }
    },
    drops: () => all(Drop, 'drops'),
    async putDataset(dataset) {
      await put('datasets', dataset.dataset, dataset);
    },
    getDataset: (dataset) => get(Dataset, 'datasets', dataset),
    datasets: () => all(Dataset, 'datasets'),
    async putRun(run) {
      await put('runs', `${run.startedAt}#${run.run}`, { run: run.run });
      await put('run', run.run, run);
    },
    getRun: (run) => get(Run, 'run', run),
    async runs(limit) {
      // newest first; a run that was started again has several entries
      const wanted: string[] = [];
      for await (const item of query('runs', false)) {
        const { run } = JSON.parse(item.json?.S ?? '{}') as { run: string };
        if (!wanted.includes(run)) wanted.push(run);
        if (wanted.length === limit) break;
      }
      if (wanted.length === 0) return [];
      const found = new Map<string, Run>();
      let keys = wanted.map((run) => key('run', run));
      while (keys.length > 0) {
        const answer = await client.send(
          new BatchGetItemCommand({
            RequestItems: { [tableName]: { Keys: keys.slice(0, 100), ConsistentRead: true } },
          }),
        );
        for (const item of answer.Responses?.[tableName] ?? []) {
          const run = parse(Run, item);
          if (run) found.set(run.run, run);
        }
        keys = [...((answer.UnprocessedKeys?.[tableName]?.Keys ?? []) as typeof keys), ...keys.slice(100)];
      }
      return wanted.flatMap((run) => found.get(run) ?? []);
    },
    pointer: () => get(Pointer, 'pointer', 'current'),
    flip: (next, expected) =>
      put(
        'pointer',
        'current',
        next,
        { run: { S: next.run } },
        {
          expression: expected === null ? 'attribute_not_exists(#run)' : '#run = :expected',
          names: { '#run': 'run' },
          ...(expected !== null && { values: { ':expected': { S: expected } } }),
        },
      ).then(async (flipped) => flipped || (await get(Pointer, 'pointer', 'current'))?.run === next.run),
    acquire: (lease, now) =>
      put(
        'lease',
        'score',
        lease,
        { owner: { S: lease.owner }, expiresAtText: { S: lease.expiresAt } },
        {
          expression: 'attribute_not_exists(#owner) OR #owner = :owner OR #expires <= :now',
          names: { '#owner': 'owner', '#expires': 'expiresAtText' },
          values: { ':owner': { S: lease.owner }, ':now': { S: now } },
        },
      ),
    lease: () => get(Lease, 'lease', 'score'),
    async release(owner) {
      try {
        await client.send(
          new DeleteItemCommand({
            TableName: tableName,
            Key: key('lease', 'score'),
            ConditionExpression: '#owner = :owner',
            ExpressionAttributeNames: { '#owner': 'owner' },
            ExpressionAttributeValues: { ':owner': { S: owner } },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
