import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectGrants } from './access/grants.ts';
import { checkWiring } from './access/wiring.ts';
import { api } from './api/api.ts';
import type { Crossing } from './crossing.ts';
import { Dynamo } from './dynamo/dynamoService.ts';
import { EventBuses } from './events/eventBuses.ts';
import { eventService } from './events/eventService.ts';
import { runSchedules, SCHEDULE_SCHEMA } from './events/schedules.ts';
import { type Caller, type Fault, front } from './front/front.ts';
import { listen } from './front/listen.ts';
import { type Call, CallRecord } from './front/record.ts';
import type { HomeEvent } from './homeEvent.ts';
import { AsyncInvocations } from './lambda/asyncInvocations.ts';
import { EventSource } from './lambda/eventSource.ts';
import { Functions } from './lambda/functions.ts';
import { Guard } from './lambda/guard.ts';
import type { FunctionError } from './lambda/invocation.ts';
import { inbox } from './mail/inbox.ts';
import { MAIL_SCHEMA, Mailbox } from './mail/mailbox.ts';
import { mailService } from './mail/mailService.ts';
import { BUCKET_SCHEMA, Buckets } from './s3/buckets.ts';
import { createdDetail } from './s3/createdEvent.ts';
import { s3Service } from './s3/s3Service.ts';
import { QUEUE_SCHEMA, Queues } from './sqs/queues.ts';
import { sqsService } from './sqs/sqsService.ts';
import { openDatabase } from './state/database.ts';
import { EXECUTION_SCHEMA, Executions, statusDetail } from './states/executions.ts';
import { StateError } from './states/stateError.ts';
import { stateService } from './states/stateService.ts';
import { deployedApiUrl } from './template/apiPlan.ts';
import { readAssembly } from './template/assembly.ts';
import { type Blueprint, blueprint, type RulePlan } from './template/blueprint.ts';
import { resolveStacks } from './template/intrinsics.ts';
import { REGION } from './template/names.ts';
import { checkSupported } from './template/supported.ts';

export type { Crossing } from './crossing.ts';
export type { Fault, Strike } from './front/front.ts';
export type { Call } from './front/record.ts';
export { ServiceError } from './front/service.ts';
export type { HomeEvent } from './homeEvent.ts';

export interface HomeOptions {
  /** what the CDK application wrote: manifest.json, templates and assets */
  readonly templateDir: string;
  /** where everything is kept: objects, items, messages, executions, logs */
  readonly stateDir: string;
  /** where the API listens; 0 (as when not given) takes any free port */
  readonly port?: number;
  /** where the inbox of e-mails listens; any free port when not given */
  readonly inboxPort?: number;
  /** variables that every function has beside those of the template, and in their place */
  readonly variables?: Readonly<Record<string, string>>;
  /** is told what a person may want to know: denied calls, failed functions, what functions write */
  readonly log?: (line: string) => void;
  /** of which functions, by label, a process is started at once, so that no first invocation waits for its handler to load */
  readonly prewarm?: (label: string) => boolean;
  /**
   * No failed message or state rests longer before it is tried again, whatever the template says (a queue hides a failed
   * message for half an hour where nobody watches; here somebody does). Two seconds when not given.
   */
  readonly longestRestSeconds?: number;
  readonly fault?: Fault;
  /** is told what goes from one part of the application to another */
  readonly trace?: (crossing: Crossing) => void;
}

export interface Home {
  /** without a slash at the end */
  readonly apiUrl: string;
  /** the e-mails that functions sent, as pages */
  readonly inboxUrl: string;
  /** answers for every AWS service of the template */
  readonly endpoint: string;
  readonly region: string;
  readonly adminCredentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** outputs of the stacks, with the local address of the API in place of the deployed one */
  readonly outputs: Readonly<Record<string, string>>;
  /** variables by which an AWS SDK or command line finds this home */
  readonly env: Readonly<Record<string, string>>;
  readonly functions: readonly { readonly label: string; readonly logicalId: string; readonly name: string }[];
  /** executions that an earlier home left running and this one took up */
  readonly resumed: number;
  /** every call to a service so far, oldest first (the last hundred thousand) */
  readonly record: readonly Call[];
  /**
   * Runs a function on an event and returns what it returns.
   *
   * @param reference  label (`ingest`), logical id, name or ARN
   * @throws InvocationFailed when the function failed
   */
  invoke(reference: string, event: unknown): Promise<unknown>;
  /**
   * Lets a rule that goes by the clock reach its targets now.
   *
   * @param rule  its logical id, with or without what the CDK adds
   */
  fire(rule: string): void;
  /** Puts an event of an AWS service on the default bus, for what this home never raises by itself: an e-mail that came back. */
  raise(event: { readonly source: string; readonly detailType: string; readonly detail: unknown }): void;
  /** Resolves when no message waits or is worked on, no execution runs and no event is on its way. */
  idle(): Promise<void>;
  /** Calls back on everything that happens, until the returned function is called. */
  onEvent(listener: (event: HomeEvent) => void): () => void;
  /** Ends everything. What was not finished is taken up by the next home on this state directory. */
  close(): Promise<void>;
}

/** A function that was invoked and failed, with its own words. */
export class InvocationFailed extends Error {
  readonly error: FunctionError;

  constructor(label: string, error: FunctionError) {
    super(`${label}: ${error.errorType}: ${error.errorMessage}`);
    this.name = 'InvocationFailed';
    this.error = error;
  }
}

const ADMIN = 'admin';
const LONGEST_REST_SECONDS = 2;
const IDLE_LOOK_MS = 10;

/** The project's root: its node_modules holds what layers hold in AWS. */
const PROJECT = resolve(import.meta.dirname, '..', '..');

/**
 * Executes a synthesised application on this machine.
 *
 * @throws Error that names what in the template is not implemented, does not fit together, or does not fit the state
 */
export async function startHome(options: HomeOptions): Promise<Home> {
  const closers: (() => void | Promise<void>)[] = [];
  const close = async () => {
    for (const step of closers.splice(0).reverse()) await step();
  };
  try {
    return await open(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  options: HomeOptions,
  closers: (() => void | Promise<void>)[],
  close: () => Promise<void>,
): Promise<Home> {
  const { log = () => undefined, prewarm = () => false, fault = {}, trace = () => undefined } = options;
  const restSeconds = options.longestRestSeconds ?? LONGEST_REST_SECONDS;
  const stateDir = resolve(options.stateDir);
  const listeners = new Set<(event: HomeEvent) => void>();
  const tell = (event: HomeEvent) => {
    for (const listener of listeners) listener(event);
  };

  // the state, which one home at a time may hold
  mkdirSync(stateDir, { recursive: true });
  const schema = [BUCKET_SCHEMA, QUEUE_SCHEMA, EXECUTION_SCHEMA, SCHEDULE_SCHEMA, MAIL_SCHEMA].join(';');
  const database = openDatabase(join(stateDir, 'home.sqlite'), schema);
  closers.push(() => database.close());

  // the template; the endpoint comes first, since the addresses of queues hold it
  const endpoint = await listen(0);
  closers.push(() => endpoint.close());
  const stacks = readAssembly(resolve(options.templateDir));
  const { resources, outputs } = resolveStacks(stacks, endpoint.url);
  checkSupported(resources);
  const plan = blueprint(resources, stacks);
  const grants = collectGrants(resources);

  // functions
  const admin = { accessKeyId: `LOCAL${randomUUID().replaceAll('-', '')}`, secretAccessKey: randomUUID() };
  const guard = new Guard();
  closers.push(() => guard.close());
  const variables = { AWS_ENDPOINT_URL: endpoint.url, AWS_REGION: REGION, AWS_DEFAULT_REGION: REGION };
  const functions = new Functions(
    plan.functions,
    await functionSurroundings(options, { ...options.variables, ...variables }, guard, log, fault, (label, names) =>
      trace({ type: 'variables', function: label, names }),
    ),
    {
      started: ({ label }, requestId, cold) => tell({ type: 'function.started', function: label, requestId, cold }),
      finished: ({ label }, requestId, milliseconds, result) => {
        const about = { function: label, requestId, milliseconds };
        if (result.ok) return tell({ type: 'function.finished', ...about });
        log(`${label} failed: ${result.error.errorType}: ${result.error.errorMessage}`);
        tell({ type: 'function.failed', ...about, error: result.error });
      },
    },
    prewarm,
  );
  closers.push(() => functions.close());
  const asynchronous = new AsyncInvocations(functions, restSeconds);
  closers.push(() => asynchronous.close());

  // queues, buses and state machines
  const queues = new Queues(database, plan.queues, ({ name }, { body, receives }) => {
    log(`${name}: a message was set aside after ${receives} attempts: ${body}`);
    tell({ type: 'message.dead', queue: name, body, receives });
  });
  closers.push(() => queues.close());
  const buses = new EventBuses(
    plan.buses,
    plan.rules,
    (target, input) => deliver(target, input),
    (bus, event, targets) => {
      const { source, 'detail-type': detailType, detail } = event;
      tell({ type: 'event.put', bus, source, detailType, detail });
      trace({ type: 'event', bus, event, targets });
    },
  );
  const labelOf = (machineArn: string) => executions.machine(machineArn)?.label ?? machineArn;
  const executions = new Executions(database, plan.machines, {
    async invoke(reference, payload, { plan: { roleArn, label: machine } }, execution) {
      const lambda = functions.find(reference);
      const principal = { kind: 'role', id: roleArn } as const;
      if (!lambda || !grants.allows({ principal, action: 'lambda:InvokeFunction', resource: lambda.arn }))
        throw new StateError('Lambda.AccessDeniedException', `${roleArn} may not invoke ${reference}`);
      const outcome = await functions.invoke(lambda, JSON.stringify(payload));
      const result = outcome.ok ? (JSON.parse(outcome.payload) as unknown) : null;
      const error = outcome.ok ? null : { error: outcome.error.errorType, cause: JSON.stringify(outcome.error) };
      trace({ type: 'task', machine, execution, function: lambda.label, payload, result, error });
      if (error) throw new StateError(error.error, error.cause);
      return result;
    },
    changed(execution) {
      const { machine, name, status, error, cause } = execution;
      tell({ type: 'execution.changed', machine: labelOf(machine), execution: name, status, error, cause });
      trace({ type: 'execution', machine: labelOf(machine), name, status, input: JSON.parse(execution.input) });
      buses.put('default', {
        source: 'aws.states',
        detailType: 'Step Functions Execution Status Change',
        resources: [execution.arn],
        detail: statusDetail(execution),
      });
    },
    entered: ({ machine, name }, state) =>
      tell({ type: 'state.entered', machine: labelOf(machine), execution: name, state }),
    exited: ({ machine, name }, state, milliseconds) =>
      tell({ type: 'state.exited', machine: labelOf(machine), execution: name, state, milliseconds }),
    rest: (seconds) => Math.min(seconds, restSeconds) * 1000,
  });
  closers.push(() => executions.close());
  checkWiring(plan, executions.definitions(), grants);

  function deliver(target: string, input: string): void {
    const queue = queues.find(target);
    const lambda = functions.find(target);
    const machine = executions.machine(target);
    if (queue) queues.send(queue, input);
    else if (lambda) asynchronous.invoke(lambda, input);
    else if (machine) executions.start(machine, input);
  }

  // buckets and tables
  const buckets = new Buckets(database, join(stateDir, 'objects'));
  for (const { name } of plan.buckets) buckets.create(name);
  const raising = new Set(plan.buckets.filter(({ raisesEvents }) => raisesEvents).map(({ name }) => name));
  const dynamo = await Dynamo.open(join(stateDir, 'items.sqlite'), plan.tables);
  closers.push(() => dynamo.close());
  const s3 = s3Service(buckets, (object, reason) => {
    tell({ type: 'object.created', bucket: object.bucket, key: object.key, bytes: object.bytes });
    if (!raising.has(object.bucket)) return;
    buses.put('default', {
      source: 'aws.s3',
      detailType: 'Object Created',
      resources: [`arn:aws:s3:::${object.bucket}`],
      detail: createdDetail(object, reason),
      time: object.modified,
    });
  });

  // e-mails
  const mailbox = new Mailbox(database, ({ position, receiver, subject }) =>
    tell({ type: 'mail.arrived', position, receiver, subject }),
  );
  const inboxEndpoint = await listen(options.inboxPort ?? 0);
  closers.push(() => inboxEndpoint.close());
  inboxEndpoint.serve(inbox(mailbox));

  // the endpoint of all services
  const record = new CallRecord();
  const person: Caller = { label: ADMIN, roleArn: null, kill: () => undefined };
  endpoint.serve(
    front([s3, dynamo, sqsService(queues), eventService(buses), stateService(executions), mailService(mailbox)], {
      grants,
      record,
      fault,
      caller(accessKeyId) {
        if (accessKeyId === admin.accessKeyId) return person;
        const worker = functions.holder(accessKeyId);
        return worker && { label: worker.plan.label, roleArn: worker.plan.roleArn, kill: () => worker.kill() };
      },
      denied(call, { action, resource }) {
        log(`ACCESS DENIED: ${call.caller} may not ${action} on ${resource}`);
        tell({ type: 'access.denied', function: call.caller, action, resource });
      },
      failed: (error) => log(`a service failed: ${(error as Error).stack ?? error}`),
      ended(call) {
        if (call.n > 0) trace({ type: 'call', call });
      },
    }),
  );

  // the API, and all that starts work by itself
  const apiEndpoint = await listen(options.port ?? 0);
  closers.push(() => apiEndpoint.close());
  if (plan.api)
    apiEndpoint.serve(
      api(plan.api, functions, (verb, url, route, status) => {
        const label = route?.method.functionArn ? (functions.find(route.method.functionArn)?.label ?? null) : null;
        trace({ type: 'request', verb, url, path: route?.method.path ?? null, function: label, status });
      }),
    );
  functions.warm();
  const sources = plan.mappings.map((mapping) => {
    const queue = queues.find(mapping.queueArn);
    if (!queue) throw new Error(`${mapping.queueArn} is not a queue of the template`);
    const label = functions.find(mapping.functionName)?.label ?? mapping.functionName;
    return new EventSource(mapping, queue, queues, functions, restSeconds, (messages, failed) =>
      trace({ type: 'batch', queue: queue.arn, function: label, messages, failed }),
    );
  });
  closers.push(() => {
    for (const source of sources) source.close();
  });
  const resumed = executions.resume();
  const fire = (rule: RulePlan) => {
    trace({ type: 'schedule', rule: rule.id, targets: rule.targets.map(({ arn }) => arn) });
    buses.fire(rule);
  };
  closers.push(runSchedules(database, plan.rules, fire));
  await functions.settled();

  return {
    apiUrl: apiEndpoint.url,
    inboxUrl: inboxEndpoint.url,
    endpoint: endpoint.url,
    region: REGION,
    adminCredentials: admin,
    outputs: localised(outputs, plan, apiEndpoint.url),
    env: { ...variables, AWS_ACCESS_KEY_ID: admin.accessKeyId, AWS_SECRET_ACCESS_KEY: admin.secretAccessKey },
    functions: plan.functions.map(({ label, logicalId, name }) => ({ label, logicalId, name })),
    resumed,
    get record() {
      return record.calls;
    },
    async invoke(reference, event) {
      const lambda = functions.find(reference);
      if (!lambda) {
        const known = plan.functions.map(({ label }) => label).join(', ');
        throw new RangeError(`there is no function ${reference}; there are ${known}`);
      }
      const result = await functions.invoke(lambda, JSON.stringify(event));
      if (!result.ok) throw new InvocationFailed(lambda.label, result.error);
      return JSON.parse(result.payload) as unknown;
    },
    fire(reference) {
      const rule = plan.rules.find(
        ({ id, schedule }) => schedule !== null && [id, id.slice(0, -8)].includes(reference),
      );
      if (!rule) throw new RangeError(`there is no rule ${reference} that goes by the clock`);
      fire(rule);
    },
    raise: (event) => {
      buses.put('default', event);
    },
    async idle() {
      while (asynchronous.busy() || executions.busy() > 0 || sources.some((source) => source.busy()))
        await sleep(IDLE_LOOK_MS);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
  };
}

/** Where functions run, what they write to, and where they find this home. */
async function functionSurroundings(
  { templateDir, stateDir }: HomeOptions,
  variables: Readonly<Record<string, string>>,
  guard: Guard,
  log: (line: string) => void,
  fault: Fault,
  asked: (label: string, names: readonly string[]) => void,
) {
  const logDirectory = join(stateDir, 'logs');
  const scratchDirectory = join(stateDir, 'scratch');
  rmSync(scratchDirectory, { recursive: true, force: true });
  for (const directory of [logDirectory, scratchDirectory]) mkdirSync(directory, { recursive: true });
  return {
    runtimePath: await plainRuntime(stateDir),
    modulesDirectory: PROJECT,
    logDirectory,
    scratchDirectory,
    // beside the bundles: the next home of the same template starts its functions in three quarters of the time
    variables: { ...variables, NODE_COMPILE_CACHE: join(templateDir, 'compiled') },
    guard,
    log,
    fault,
    asked,
  };
}

/** The functions' runtime as JavaScript: every process of every function then loads in half the time. */
async function plainRuntime(stateDir: string): Promise<string> {
  const source = readFileSync(join(import.meta.dirname, 'lambda', 'runtime.ts'), 'utf8');
  const path = join(stateDir, `runtime-${createHash('sha256').update(source).digest('hex').slice(0, 8)}.mjs`);
  if (!existsSync(path)) {
    const { transform } = await import('esbuild');
    writeFileSync(path, (await transform(source, { loader: 'ts', format: 'esm' })).code);
  }
  return path;
}

/** Outputs with the address of the API on this machine. */
function localised(outputs: Readonly<Record<string, string>>, plan: Blueprint, apiUrl: string): Record<string, string> {
  const deployed = plan.api ? deployedApiUrl(plan.api) : null;
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [
      name,
      deployed !== null && value.startsWith(deployed) ? apiUrl + value.slice(deployed.length) : value,
    ]),
  );
}
