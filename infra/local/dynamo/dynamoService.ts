import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { jsonRefusal, operationName } from '../front/jsonService.ts';
import { readBody } from '../front/readBody.ts';
import { type Service, ServiceError } from '../front/service.ts';
import type { TablePlan } from '../template/blueprint.ts';
import { arn } from '../template/names.ts';
import { BodyPool } from './bodyPool.ts';
import type { DynamoAnswer, DynamoGreeting, DynamoRequest } from './dynamoWorker.ts';
import { tableNames } from './tableNames.ts';

const HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

interface Waiting {
  readonly resolve: (body: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** DynamoDB over HTTP. The items are in a thread of their own, so that large writes do not hold up everything else. */
export class Dynamo implements Service {
  readonly scope = 'dynamodb';
  private readonly worker: Worker;
  private readonly pool = new BodyPool();
  private readonly waiting = new Map<number, Waiting>();
  private count = 0;

  private constructor(worker: Worker) {
    this.worker = worker;
    worker.on('message', (answer: DynamoAnswer) => {
      const waiting = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if ('body' in answer) waiting?.resolve(answer.body);
      else {
        const { code, message, status, detail } = answer.error;
        waiting?.reject(new ServiceError(code, message, status, detail));
      }
    });
  }

  /** @throws Error when the tables on the disk and those of the template do not agree */
  static async open(path: string, tables: readonly TablePlan[]): Promise<Dynamo> {
    const worker = new Worker(new URL('./dynamoWorker.ts', import.meta.url), { workerData: { path, tables } });
    const greeting = await new Promise<DynamoGreeting>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
    if ('failed' in greeting) {
      await worker.terminate();
      throw new Error(greeting.failed);
    }
    return new Dynamo(worker);
  }

  async prepare(incoming: Parameters<Service['prepare']>[0]) {
    const operation = operationName(incoming);
    const body = await readBody(incoming.request, (bytes) => this.pool.take(bytes));
    const resources = [...new Set(tableNames(body))].map((name) => arn('dynamodb', `table/${name}`));
    const about = resources.length === 0 ? ['*'] : resources;
    return {
      operation,
      resource: about.join(','),
      needs: about.map((resource) => ({ action: `dynamodb:${operation}`, resource })),
      run: async () => ({
        status: 200,
        headers: { ...HEADERS, 'x-amzn-requestid': randomUUID() },
        body: await this.ask(operation, body),
      }),
    };
  }

  refuse(error: ServiceError) {
    return jsonRefusal(error, HEADERS);
  }

  private async ask(operation: string, body: Uint8Array<SharedArrayBuffer>): Promise<Uint8Array> {
    const id = ++this.count;
    const answered = new Promise<Uint8Array>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.worker.postMessage({ id, operation, body } satisfies DynamoRequest);
    try {
      return await answered;
    } finally {
      this.pool.give(body);
    }
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.worker.once('exit', resolve));
    this.worker.postMessage('close');
    await ended;
    for (const { reject } of this.waiting.values()) reject(new ServiceError('ServiceUnavailable', 'closed', 503));
  }
}
