// The thread that holds the items: requests come as bytes, answers leave as bytes, one at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { notImplemented, ServiceError } from '../front/service.ts';
import { openDatabase } from '../state/database.ts';
import type { TablePlan } from '../template/blueprint.ts';
import { renderAnswer } from './answer.ts';
import { ITEM_SCHEMA, ItemStore } from './itemStore.ts';
import { operation } from './operations.ts';

export interface DynamoRequest {
  readonly id: number;
  readonly operation: string;
  /** shared with the other thread, which uses it again when the answer is there */
  readonly body: Uint8Array<SharedArrayBuffer>;
}

export type DynamoAnswer =
  | { readonly id: number; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly id: number; readonly error: Pick<ServiceError, 'code' | 'message' | 'status' | 'detail'> };

export type DynamoGreeting = { readonly ready: true } | { readonly failed: string };

const { path, tables } = workerData as { path: string; tables: readonly TablePlan[] };
const post = (message: DynamoAnswer | DynamoGreeting, transfer: ArrayBuffer[] = []) =>
  parentPort?.postMessage(message, transfer);

function answer(store: ItemStore, { id, operation: name, body }: DynamoRequest): void {
  try {
    const carryOut = operation(name);
    if (!carryOut) throw notImplemented(`DynamoDB: ${name}`);
    const bytes = renderAnswer(carryOut(store, body));
    post({ id, body: bytes }, [bytes.buffer]);
  } catch (error) {
    const known = error instanceof ServiceError;
    const { code, message, status, detail } = known
      ? error
      : new ServiceError('InternalServerError', String((error as Error).stack), 500);
    post({ id, error: { code, message, status, detail } });
  }
}

try {
  const database = openDatabase(path, ITEM_SCHEMA, 'PERSIST');
  const store = new ItemStore(database, tables);
  parentPort?.on('message', (request: DynamoRequest | 'close') => {
    if (request === 'close') {
      database.close();
      parentPort?.close();
    } else answer(store, request);
  });
  post({ ready: true });
} catch (error) {
  post({ failed: (error as Error).message });
}
