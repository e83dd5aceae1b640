import type { TablePlan } from '../template/blueprint.ts';

type Request = Readonly<Record<string, unknown>>;

/** A unit per started kilobyte written. */
export const writeUnits = (bytes: number) => Math.max(1, Math.ceil(bytes / 1024));

/** A unit per started four kilobytes read, half of it when the read may be stale. */
export const readUnits = (bytes: number, request: Request) =>
  Math.max(1, Math.ceil(bytes / 4096)) * (request.ConsistentRead === true ? 1 : 0.5);

const wanted = (request: Request) => request.ReturnConsumedCapacity ?? 'NONE';

export const consumed = (request: Request, table: TablePlan, units: number) =>
  wanted(request) === 'NONE' ? {} : { ConsumedCapacity: { TableName: table.name, CapacityUnits: units } };

export const consumedByTables = (request: Request, units: ReadonlyMap<TablePlan, number>) =>
  wanted(request) === 'NONE'
    ? {}
    : {
        ConsumedCapacity: [...units].map(([table, CapacityUnits]) => ({ TableName: table.name, CapacityUnits })),
      };
