import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { ServiceError } from '../front/service.ts';
import { atomically } from '../state/database.ts';
import type { MachinePlan } from '../template/blueprint.ts';
import { type Definition, readDefinition } from './definition.ts';
import { Abandoned, interpret } from './interpreter.ts';
import { StateError } from './stateError.ts';

export const EXECUTION_SCHEMA = `
  CREATE TABLE IF NOT EXISTS executions (
    arn TEXT PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, input TEXT NOT NULL,
    status TEXT NOT NULL, started INTEGER NOT NULL, stopped INTEGER, output TEXT, error TEXT, cause TEXT);
  CREATE TABLE IF NOT EXISTS steps (
    execution TEXT NOT NULL, step TEXT NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (execution, step)) WITHOUT ROWID`;

export type Status = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  readonly arn: string;
  /** ARN of its state machine */
  readonly machine: string;
  readonly name: string;
  /** the definition that it was started with: a later template does not change it */
  readonly definition: string;
  readonly input: string;
  readonly status: Status;
  /** milliseconds since 1970 */
  readonly started: number;
  readonly stopped: number | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

/** What executions need from the rest of the home. */
export interface ExecutionHost {
  invoke(
    functionReference: string,
    payload: unknown,
    machine: { readonly plan: MachinePlan },
    execution: string,
  ): Promise<unknown>;
  /** hears of every change of status, before it is stored: what it stores is stored together with it */
  changed(execution: Execution): void;
  entered(execution: Execution, state: string): void;
  exited(execution: Execution, state: string, milliseconds: number): void;
  rest(seconds: number): number;
}

type Ending = Pick<Execution, 'status' | 'output' | 'error' | 'cause'>;

/** Executions of state machines, each with a journal, so that the next process takes up what this one leaves. */
export class Executions {
  private readonly database: DatabaseSync;
  private readonly host: ExecutionHost;
  private readonly machines = new Map<string, { plan: MachinePlan; definition: Definition }>();
  private readonly running = new Map<string, AbortController>();
  private readonly sql;

  /** @throws Error for a definition that this home does not implement */
  constructor(database: DatabaseSync, machines: readonly MachinePlan[], host: ExecutionHost) {
    this.database = database;
    this.host = host;
    for (const plan of machines)
      this.machines.set(plan.arn, { plan, definition: readDefinition(plan.definition, plan.label) });
    this.sql = {
      insert: database.prepare(
        "INSERT INTO executions (arn, machine, name, definition, input, status, started) VALUES (?, ?, ?, ?, ?, 'RUNNING', ?)",
      ),
      find: database.prepare('SELECT * FROM executions WHERE arn = ?'),
      of: database.prepare('SELECT * FROM executions WHERE machine = ? ORDER BY started DESC, arn'),
      running: database.prepare("SELECT * FROM executions WHERE status = 'RUNNING' ORDER BY started"),
      end: database.prepare(
        'UPDATE executions SET status = ?, stopped = ?, output = ?, error = ?, cause = ? WHERE arn = ?',
      ),
      step: database.prepare('SELECT outcome FROM steps WHERE execution = ? AND step = ?'),
      keepStep: database.prepare('INSERT OR REPLACE INTO steps VALUES (?, ?, ?)'),
      dropSteps: database.prepare('DELETE FROM steps WHERE execution = ?'),
    };
  }

  machine(arn: string): MachinePlan | null {
    return this.machines.get(arn)?.plan ?? null;
  }

  definitions(): { plan: MachinePlan; definition: Definition }[] {
    return [...this.machines.values()];
  }

  find(arn: string): Execution | null {
    return (this.sql.find.get(arn) as unknown as Execution | undefined) ?? null;
  }

  list(machineArn: string): Execution[] {
    return this.sql.of.all(machineArn) as unknown as Execution[];
  }

  /** Takes up what an earlier process left running. Returns how many. */
  resume(): number {
    const left = this.sql.running.all() as unknown as Execution[];
    for (const execution of left) this.run(execution);
    return left.length;
  }

  /**
   * Starts an execution, or finds the running one of the same name and input.
   *
   * @throws ServiceError when the name has been used otherwise
   */
  start(plan: MachinePlan, input: string, name: string = randomUUID()): Execution {
    const arn = `${plan.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const known = this.find(arn);
    if (known) {
      if (known.status === 'RUNNING' && known.input === input) return known;
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const execution = atomically(this.database, () => {
      this.sql.insert.run(arn, plan.arn, name, plan.definition, input, Date.now());
      const inserted = this.find(arn) as Execution;
      this.host.changed(inserted);
      return inserted;
    });
    this.run(execution);
    return execution;
  }

  stop(arn: string, error: string | null, cause: string | null): void {
    const execution = this.find(arn);
    if (execution?.status !== 'RUNNING') return;
    this.running.get(arn)?.abort();
    this.end(execution, { status: 'ABORTED', output: null, error, cause });
  }

  busy(): number {
    return this.running.size;
  }

  /** Abandons all work here; the journal keeps where it was. */
  close(): void {
    for (const controller of this.running.values()) controller.abort();
    this.running.clear();
  }

  private run(execution: Execution): void {
    const controller = new AbortController();
    this.running.set(execution.arn, controller);
    void this.carryOut(execution, controller.signal).then((ending) => {
      if (controller.signal.aborted || ending === null) return;
      this.end(execution, ending);
    });
  }

  private async carryOut(execution: Execution, signal: AbortSignal): Promise<Ending | null> {
    const own = new AbortController();
    const either = AbortSignal.any([signal, own.signal]);
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new StateError('States.Timeout', 'the execution took too long');
    try {
      const definition = readDefinition(execution.definition, execution.machine);
      const input = JSON.parse(execution.input) as unknown;
      const work = interpret(definition, input, context(execution), this.steps(execution, either), either);
      const late = new Promise<never>((_, reject) => {
        if (definition.TimeoutSeconds === undefined) return;
        const left = execution.started + definition.TimeoutSeconds * 1000 - Date.now();
        timer = setTimeout(() => reject(tooLong), left);
      });
      const output = await Promise.race([work, late]);
      return { status: 'SUCCEEDED', output: JSON.stringify(output), error: null, cause: null };
    } catch (error) {
      if (error instanceof Abandoned) return null;
      if (!(error instanceof StateError))
        return { status: 'FAILED', output: null, error: 'States.Runtime', cause: String((error as Error).stack) };
      const status = error === tooLong ? 'TIMED_OUT' : 'FAILED';
      return { status, output: null, error: error.error, cause: error.cause };
    } finally {
      clearTimeout(timer);
      own.abort();
    }
  }

  /** The execution's journal, and the rest of the home as its states see it. */
  private steps(execution: Execution, signal: AbortSignal) {
    const { host, sql } = this;
    const entered = new Map<string, number>();
    const machine = this.machines.get(execution.machine);
    return {
      invoke: (reference: string, payload: unknown) => {
        if (!machine) throw new StateError('States.Runtime', `${execution.machine} is not in the template`);
        return host.invoke(reference, payload, machine, execution.name);
      },
      rest: (seconds: number) => host.rest(seconds),
      entered: (state: string, step: string) => {
        entered.set(step, Date.now());
        host.entered(execution, state);
      },
      exited: (state: string, step: string) =>
        host.exited(execution, state, Date.now() - (entered.get(step) ?? Date.now())),
      async once<T>(step: string, work: () => Promise<T>): Promise<T> {
        const kept = sql.step.get(execution.arn, step) as { outcome: string } | undefined;
        if (kept) {
          const outcome = JSON.parse(kept.outcome) as { value?: T; error?: string; cause?: string };
          if (outcome.error !== undefined) throw new StateError(outcome.error, outcome.cause ?? '');
          return outcome.value as T;
        }
        const keep = (outcome: object) => {
          if (signal.aborted) throw new Abandoned();
          sql.keepStep.run(execution.arn, step, JSON.stringify(outcome));
        };
        try {
          const value = await work();
          keep({ value });
          return value;
        } catch (error) {
          if (error instanceof StateError) keep({ error: error.error, cause: error.cause });
          throw error;
        }
      },
    };
  }

  private end(execution: Execution, { status, output, error, cause }: Ending): void {
    atomically(this.database, () => {
      this.sql.end.run(status, Date.now(), output, error, cause, execution.arn);
      this.sql.dropSteps.run(execution.arn);
      this.host.changed(this.find(execution.arn) as Execution);
    });
    this.running.delete(execution.arn);
  }
}

function context(execution: Execution) {
  return {
    Execution: {
      Id: execution.arn,
      Name: execution.name,
      Input: JSON.parse(execution.input) as unknown,
      StartTime: new Date(execution.started).toISOString(),
    },
    StateMachine: { Id: execution.machine, Name: execution.machine.split(':').at(-1) },
  };
}

/** The `detail` of a Step Functions Execution Status Change event. */
export const statusDetail = (execution: Execution) => ({
  executionArn: execution.arn,
  stateMachineArn: execution.machine,
  name: execution.name,
  status: execution.status,
  startDate: execution.started,
  stopDate: execution.stopped,
  input: execution.input,
  output: execution.output,
  inputDetails: { included: true },
  outputDetails: execution.output === null ? null : { included: true },
  error: execution.error,
  cause: execution.cause,
});
