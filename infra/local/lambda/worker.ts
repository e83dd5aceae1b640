import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FunctionPlan } from '../template/blueprint.ts';
import { arn } from '../template/names.ts';
import { died, type FunctionError, failed, LARGEST_RESULT, type Result, timedOut } from './invocation.ts';

/** What all function processes of a home share. */
export interface Surroundings {
  /** the runtime, as plain JavaScript */
  readonly runtimePath: string;
  /** where the modules of layers are: a `node_modules` folder's parent */
  readonly modulesDirectory: string;
  readonly logDirectory: string;
  readonly scratchDirectory: string;
  /** variables by which an SDK finds this home */
  readonly variables: Readonly<Record<string, string>>;
  /** is told each line that a function writes */
  readonly log: (line: string) => void;
  /** notes which processes to end when this one is killed */
  readonly guard: { add(pid: number): void; remove(pid: number): void };
  /** hears which variables a function has asked for since it last did */
  readonly asked: (label: string, names: readonly string[]) => void;
  /** what a test does to processes from their start */
  readonly fault: { readonly clock?: (label: string) => number; readonly disk?: (label: string) => number | null };
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

type Message =
  | { readonly type: 'ready' }
  | { readonly type: 'unusable'; readonly error: FunctionError }
  | {
      readonly type: 'done';
      readonly requestId: string;
      readonly payload: string;
      readonly residentBytes: number;
      readonly variables: readonly string[];
    }
  | {
      readonly type: 'failed';
      readonly requestId: string;
      readonly error: FunctionError;
      readonly residentBytes: number;
      readonly variables: readonly string[];
    };

/** What a process tells its pool. */
export interface Pooled {
  /** its handler is there: it can be invoked */
  loaded(worker: Worker): void;
  /** its handler could not be loaded */
  unusable(worker: Worker, error: FunctionError): void;
  /** it is gone, for whatever reason */
  ended(worker: Worker): void;
}

/** One process of one function. It works on one invocation at a time, and on nothing after it has failed to end one. */
export class Worker {
  readonly plan: FunctionPlan;
  readonly credentials: Credentials;
  loaded = false;
  ended = false;
  /** invocations that it has carried out */
  served = 0;
  /** memory that it held when its last invocation ended */
  residentBytes = 0;
  /** when its last invocation ended (milliseconds since 1970) */
  idleSince = Date.now();
  /** resolves when the process is gone */
  readonly gone: Promise<void>;
  private readonly child: ChildProcess;
  private readonly scratch: string;
  private settle: ((result: Result) => void) | null = null;
  private requestId = '';

  constructor(plan: FunctionPlan, credentials: Credentials, around: Surroundings, pool: Pooled) {
    this.plan = plan;
    this.credentials = credentials;
    this.scratch = join(around.scratchDirectory, credentials.accessKeyId);
    mkdirSync(this.scratch, { recursive: true });
    this.child = fork(around.runtimePath, [], {
      cwd: plan.directory,
      env: this.environment(around),
      ...onDisk(around.fault.disk?.(plan.label) ?? null),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    this.keepLog(around);
    const { pid } = this.child;
    if (pid !== undefined) around.guard.add(pid);

    const unusable = (error: FunctionError) => {
      if (this.loaded || this.ended) return;
      this.kill();
      pool.unusable(this, error);
    };
    this.child.on('message', (message: Message) => {
      if (message.type === 'unusable') unusable(message.error);
      else if (message.type === 'ready') {
        this.loaded = true;
        pool.loaded(this);
      } else if (message.requestId === this.requestId) {
        around.asked(plan.label, message.variables);
        this.finish(message);
      }
    });
    this.child.on('error', () => this.child.kill('SIGKILL'));
    this.gone = new Promise((resolve) => {
      this.child.on('exit', (code, signal) => {
        if (pid !== undefined) around.guard.remove(pid);
        rmSync(this.scratch, { recursive: true, force: true });
        const how = signal === null ? `exit status ${code}` : `signal: ${signal}`;
        unusable({ errorType: 'Runtime.ExitError', errorMessage: `it ended while it loaded (${how})`, trace: [] });
        this.ended = true;
        this.settle?.(died(this.requestId, how));
        pool.ended(this);
        resolve();
      });
    });
  }

  get busy(): boolean {
    return this.settle !== null;
  }

  /** Invokes the handler. Resolves whatever happens: an error, a death and a timeout are results. */
  async invoke(requestId: string, payload: string): Promise<Result> {
    const { timeoutSeconds } = this.plan;
    this.requestId = requestId;
    const invoked = new Promise<Result>((resolve) => {
      this.settle = resolve;
    });
    const timer = setTimeout(() => {
      this.settle?.(timedOut(requestId, timeoutSeconds));
      this.kill();
    }, timeoutSeconds * 1000);
    if (this.child.connected) this.child.send({ requestId, payload, deadline: Date.now() + timeoutSeconds * 1000 });
    const result = await invoked;
    clearTimeout(timer);
    this.settle = null;
    this.served++;
    this.idleSince = Date.now();
    return result;
  }

  kill(): void {
    this.ended = true;
    this.child.kill('SIGKILL');
  }

  private keepLog({ logDirectory, log }: Surroundings): void {
    const { label } = this.plan;
    const file = createWriteStream(join(logDirectory, `${label}.log`), { flags: 'a' });
    for (const output of [this.child.stdout, this.child.stderr]) {
      if (!output) continue;
      output.pipe(file, { end: false });
      createInterface(output).on('line', (line) => log(`${label} | ${line}`));
    }
    this.child.once('close', () => file.end());
  }

  private finish(message: Extract<Message, { requestId: string }>): void {
    this.residentBytes = message.residentBytes;
    if (message.type === 'failed') this.settle?.({ ok: false, error: message.error });
    else if (Buffer.byteLength(message.payload) > LARGEST_RESULT)
      this.settle?.(failed('Function.ResponseSizeTooLarge', `the result is larger than ${LARGEST_RESULT} bytes`));
    else this.settle?.({ ok: true, payload: message.payload });
  }

  private environment({ variables, modulesDirectory, fault }: Surroundings): NodeJS.ProcessEnv {
    const { plan, credentials } = this;
    return {
      PATH: process.env.PATH,
      HOME: this.scratch,
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      ...plan.variables,
      ...variables,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_LAMBDA_FUNCTION_NAME: plan.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(plan.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: arn('logs', `log-group:${plan.label}`),
      AWS_LAMBDA_LOG_STREAM_NAME: credentials.accessKeyId,
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      LAMBDA_TASK_ROOT: plan.directory,
      _HANDLER: plan.handler,
      TMPDIR: this.scratch,
      LOCAL_HOME_FUNCTION_ARN: plan.arn,
      LOCAL_HOME_CLOCK_AHEAD_MS: String(fault.clock?.(plan.label) ?? 0),
      LOCAL_HOME_MODULES: modulesDirectory,
      LOCAL_HOME_LAYERS: plan.hasLayers ? 'node_modules' : '',
    };
  }
}

/**
 * How Node is started so that no file can grow beyond so many bytes. A write beyond them fails as one to a full disk does, but for the name
 * of the error (EFBIG); a disk that is really full takes a privileged user to make.
 */
function onDisk(bytes: number | null): { execPath?: string; execArgv: string[] } {
  if (bytes === null) return { execArgv: [] };
  const blocks = Math.ceil(bytes / 512);
  return { execPath: '/bin/sh', execArgv: ['-c', `ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath] };
}
