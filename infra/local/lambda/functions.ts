import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionPlan } from '../template/blueprint.ts';
import { functionName } from '../template/blueprint.ts';
import { failed, LARGEST_EVENT, type Progress, type Result } from './invocation.ts';
import { type Credentials, type Surroundings, Worker } from './worker.ts';

/** A process that has waited for work so long is ended: it still holds the memory of what it did last. */
const IDLE_MS = 15_000;
/** Sooner, when that is much: the next step needs it. */
const LARGE_BYTES = 250 << 20;
const LARGE_IDLE_MS = 1_000;
const LOOK_MS = 10;

interface Waiting {
  readonly requestId: string;
  readonly payload: string;
  /** no process of the function was there when it was asked for */
  readonly cold: boolean;
  readonly resolve: (result: Result) => void;
}

interface Pool {
  readonly plan: FunctionPlan;
  readonly workers: Set<Worker>;
  readonly waiting: Waiting[];
  readonly most: number;
}

/** The functions of an application, each with its own processes, at most one per core. */
export class Functions {
  private readonly pools = new Map<string, Pool>();
  /** by name, logical id and label */
  private readonly references = new Map<string, FunctionPlan>();
  private readonly byKey = new Map<string, Worker>();
  private readonly around: Surroundings;
  private readonly progress: Progress;
  private readonly keepWarm: (label: string) => boolean;
  private readonly reaper: NodeJS.Timeout;
  private started = 0;
  private underWay = 0;
  private quietSince = Date.now();
  private closed = false;

  /** @param keepWarm  of which functions a process is started ahead of the first invocation, and a fresh one for each ended */
  constructor(
    plans: readonly FunctionPlan[],
    around: Surroundings,
    progress: Progress,
    keepWarm: (label: string) => boolean,
  ) {
    this.around = around;
    this.progress = progress;
    this.keepWarm = keepWarm;
    for (const plan of plans) {
      const most = Math.min(plan.reservedConcurrency ?? Number.POSITIVE_INFINITY, Math.max(2, availableParallelism()));
      this.pools.set(plan.name, { plan, workers: new Set(), waiting: [], most });
      for (const reference of [plan.label, plan.logicalId, plan.name]) this.references.set(reference, plan);
    }
    this.reaper = setInterval(() => this.endIdle(), LARGE_IDLE_MS / 2).unref();
  }

  /** A function by name, ARN, logical id or label. */
  find(reference: string): FunctionPlan | null {
    return this.references.get(functionName(reference)) ?? null;
  }

  /** The process that holds an access key. */
  holder(accessKeyId: string): Worker | null {
    return this.byKey.get(accessKeyId) ?? null;
  }

  /** How many invocations may run at once. */
  capacity(plan: FunctionPlan): number {
    return this.pools.get(plan.name)?.most ?? 0;
  }

  /** Starts a process where there is none, so that the next invocation finds its handler loaded. */
  warm(): void {
    if (this.closed) return;
    for (const pool of this.pools.values())
      if (pool.workers.size === 0 && this.keepWarm(pool.plan.label)) this.start(pool);
  }

  /** Resolves when no process is loading its handler. */
  async settled(): Promise<void> {
    const loading = () =>
      [...this.pools.values()].some(({ workers }) => [...workers].some((worker) => !worker.loaded && !worker.ended));
    while (loading() && !this.closed) await sleep(LOOK_MS);
  }

  /** Runs a function on an event (JSON). Waits while all its processes are at work. */
  async invoke(plan: FunctionPlan, payload: string): Promise<Result> {
    const pool = this.pools.get(plan.name);
    if (!pool) throw new Error(`${plan.label} is not a function of this home`);
    const requestId = randomUUID();
    if (Buffer.byteLength(payload) > LARGEST_EVENT)
      return failed('RequestTooLargeException', `the event is larger than ${LARGEST_EVENT} bytes`);
    this.underWay++;
    try {
      return await new Promise<Result>((resolve) => {
        const cold = ![...pool.workers].some((worker) => worker.loaded && !worker.ended);
        pool.waiting.push({ requestId, payload, cold, resolve });
        this.dispatch(pool);
      });
    } finally {
      this.underWay--;
      this.quietSince = Date.now();
    }
  }

  /** Hands what waits to processes that are ready, and starts as many more as may be used. */
  private dispatch(pool: Pool): void {
    if (this.closed) return;
    const living = [...pool.workers].filter((worker) => !worker.ended);
    for (const worker of living) {
      if (pool.waiting.length === 0) return;
      if (worker.loaded && !worker.busy) void this.carryOut(pool, worker, pool.waiting.shift() as Waiting);
    }
    // whichever is ready first takes the work: a new process, or one that has done what it had
    const loading = living.filter((worker) => !worker.loaded).length;
    const more = Math.min(pool.waiting.length - loading, pool.most - living.length);
    for (let count = 0; count < more; count++) this.start(pool);
  }

  private async carryOut(pool: Pool, worker: Worker, { requestId, payload, cold, resolve }: Waiting): Promise<void> {
    const began = performance.now();
    this.progress.started(pool.plan, requestId, cold);
    const result = await worker.invoke(requestId, payload);
    if (!this.closed) this.progress.finished(pool.plan, requestId, performance.now() - began, result);
    resolve(result);
    this.dispatch(pool);
  }

  private start(pool: Pool): void {
    const credentials: Credentials = {
      accessKeyId: `LOCAL${String(++this.started).padStart(6, '0')}${pool.plan.label.replace(/\W/g, '')}`,
      secretAccessKey: randomUUID(),
    };
    const worker = new Worker(pool.plan, credentials, this.around, {
      loaded: () => this.dispatch(pool),
      unusable: (_, error) => {
        const waiting = pool.waiting.shift();
        if (!waiting) return;
        const result = { ok: false, error } as const;
        if (!this.closed) {
          this.progress.started(pool.plan, waiting.requestId, true);
          this.progress.finished(pool.plan, waiting.requestId, 0, result);
        }
        waiting.resolve(result);
      },
      ended: (ended) => {
        pool.workers.delete(ended);
        this.byKey.delete(ended.credentials.accessKeyId);
        this.dispatch(pool);
      },
    });
    pool.workers.add(worker);
    this.byKey.set(credentials.accessKeyId, worker);
  }

  private endIdle(): void {
    const now = Date.now();
    for (const { workers } of this.pools.values()) {
      for (const worker of workers) {
        const patience = worker.residentBytes > LARGE_BYTES ? LARGE_IDLE_MS : IDLE_MS;
        if (!worker.busy && worker.served > 0 && now - worker.idleSince > patience) worker.kill();
      }
    }
    // fresh processes are for later: now the cores have other work
    if (this.underWay === 0 && now - this.quietSince > LARGE_IDLE_MS) this.warm();
  }

  /** Ends every process, and resolves when they are gone. What was asked of them fails. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.reaper);
    const workers = [...this.pools.values()].flatMap((pool) => [...pool.workers]);
    for (const worker of workers) worker.kill();
    for (const { waiting } of this.pools.values())
      for (const { resolve } of waiting.splice(0)) resolve(failed('ServiceException', 'the local home is closing'));
    await Promise.all(workers.map((worker) => worker.gone));
  }
}
