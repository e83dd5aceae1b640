import { collectGrants } from '../../../infra/local/access/grants.ts';
import type { Access } from '../../../infra/local/access/policy.ts';
import { checkWiring, ownExecutions } from '../../../infra/local/access/wiring.ts';
import { compileRoutes } from '../../../infra/local/api/router.ts';
import type { Crossing } from '../../../infra/local/crossing.ts';
import { EventBuses } from '../../../infra/local/events/eventBuses.ts';
import { type Definition, readDefinition, startsItself } from '../../../infra/local/states/definition.ts';
import { interpret } from '../../../infra/local/states/interpreter.ts';
import { StateError } from '../../../infra/local/states/stateError.ts';
import type { StackTemplate } from '../../../infra/local/template/assembly.ts';
import { type Blueprint, blueprint, functionName, type MachinePlan } from '../../../infra/local/template/blueprint.ts';
import { resolveStacks } from '../../../infra/local/template/intrinsics.ts';

/** Something that the template offers and nobody used, and why it is there all the same. */
export interface Spare {
  readonly what: RegExp;
  readonly because: string;
}

export interface Recording {
  readonly crossings: readonly Crossing[];
  /** the template that was executed */
  readonly stacks: readonly StackTemplate[];
}

type Of<Type extends Crossing['type']> = Extract<Crossing, { type: Type }>;

/**
 * Holds what an application did against what a template says: all that was done must be allowed, reach whom it reached, and take the way
 * it took; all that the template offers must have been used, but for what is spare.
 *
 * @returns what does not hold, one line each; and of `spare`, what is used after all
 * @throws Error for a template that can't be evaluated
 */
export async function heldAgainst(
  { crossings, stacks: executed }: Recording,
  stacks: readonly StackTemplate[],
  spare: readonly Spare[] = [],
): Promise<{ faults: string[]; notSpare: string[] }> {
  const { resources } = resolveStacks(stacks, ENDPOINT);
  const plan = blueprint(resources, stacks);
  const before = blueprint(resolveStacks(executed, ENDPOINT).resources, executed);
  const grants = collectGrants(resources);
  const machines = plan.machines.map((machine) => ({
    plan: machine,
    definition: readDefinition(machine.definition, machine.label),
  }));
  const of = <Type extends Crossing['type']>(type: Type) =>
    crossings.filter((crossing): crossing is Of<Type> => crossing.type === type);

  const wiring: string[] = [];
  try {
    checkWiring(plan, machines, grants);
  } catch (error) {
    wiring.push(...(error as Error).message.split('\n').slice(1));
  }
  const faults = [
    ...wiring,
    ...permissions(of('call'), of('batch'), of('task'), plan, grants, machines),
    ...variables(of('variables'), of('call'), plan, before),
    ...events(of('event'), of('schedule'), plan),
    ...mappings(of('batch'), plan),
    ...(await executions(of('execution'), of('task'), machines, plan)),
    ...routes(of('request'), plan),
  ].map((fault) => fault.trim());
  const isSpare = (fault: string) => /^unused /.test(fault) && spare.some(({ what }) => what.test(fault));
  return {
    faults: [...new Set(faults)].filter((fault) => !isSpare(fault)).sort(),
    notSpare: spare.filter(({ what }) => !faults.some((fault) => what.test(fault))).map(({ what }) => String(what)),
  };
}

/** Stands in the addresses of queues; where the home listened is in none of the names that are compared. */
const ENDPOINT = 'http://127.0.0.1';

/** Every permission that was needed is there, and every one that is there was needed. */
function permissions(
  calls: readonly Of<'call'>[],
  batches: readonly Of<'batch'>[],
  tasks: readonly Of<'task'>[],
  { functions, machines }: Blueprint,
  grants: ReturnType<typeof collectGrants>,
  definitions: readonly { readonly plan: MachinePlan; readonly definition: Definition }[],
): string[] {
  const byLabel = new Map(functions.map((each) => [each.label, each]));
  const roleOf = (label: string) => byLabel.get(label)?.roleArn ?? `the missing function ${label}`;
  const role = (id: string) => ({ kind: 'role', id }) as const;
  const needed: { who: string; access: Access }[] = [
    ...calls.flatMap(({ call }) =>
      call.needs.map((need) => ({ who: call.caller, access: { principal: role(roleOf(call.caller)), ...need } })),
    ),
    // what Lambda does in the name of a function that a queue feeds
    ...batches.flatMap(({ queue: resource, function: who }) =>
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map((action) => ({
        who,
        access: { principal: role(roleOf(who)), action, resource },
      })),
    ),
    ...tasks.flatMap(({ machine, function: invoked }) => {
      const principal = role(machines.find(({ label }) => label === machine)?.roleArn ?? machine);
      const resource = byLabel.get(invoked)?.arn ?? invoked;
      return { who: machine, access: { principal, action: 'lambda:InvokeFunction', resource } };
    }),
  ];
  // what Step Functions does in the name of a machine whose map is distributed
  for (const { plan, definition } of definitions)
    if (startsItself(definition))
      for (const own of ownExecutions(plan.arn))
        needed.push({ who: plan.label, access: { principal: role(plan.roleArn), ...own } });
  const different = [...new Map(needed.map((need) => [JSON.stringify(need), need])).values()];
  const missing = different
    .filter(({ access }) => !grants.allows(access))
    .map(({ who, access: { action, resource } }) => `${who} may not ${action} on ${resource}`);

  const holders = [...functions, ...machines].map(({ label, roleArn }) => ({ label, roleArn }));
  const unused = holders.flatMap(({ label, roleArn }) => {
    const own = different.filter(({ access }) => access.principal.id === roleArn).map(({ access }) => access);
    return grants
      .ofRole(roleArn)
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions, resources }) =>
        actions.patterns.flatMap((action) =>
          resources.patterns
            .filter(
              (resource) => !own.some((access) => action.matches(access.action) && resource.matches(access.resource)),
            )
            .map((resource) => `unused permission: ${label} ${action.text} on ${resource.text}`),
        ),
      );
  });
  return [...missing, ...unused];
}

/** Every variable that a function asked for is set, every one that is set was asked for, and what a function used is named by one. */
function variables(
  asked: readonly Of<'variables'>[],
  calls: readonly Of<'call'>[],
  plan: Blueprint,
  before: Blueprint,
): string[] {
  return plan.functions.flatMap(({ label, variables: set }) => {
    const names = new Set(
      asked.filter(({ function: asking }) => asking === label).flatMap(({ names: those }) => those),
    );
    const were = before.functions.find((each) => each.label === label)?.variables ?? {};
    const lacking = Object.keys(were)
      .filter((name) => names.has(name) && !Object.hasOwn(set, name))
      .map((name) => `${label} asks for the variable ${name}, which is not set`);
    const unused = Object.keys(set)
      .filter((name) => !names.has(name))
      .map((name) => `unused variable: ${label} ${name}`);
    const named = new Set(
      Object.values(set).flatMap((value) => value.split(',').flatMap((each) => arnsNamed(each, plan))),
    );
    const unnamed = calls
      .filter(({ call }) => call.caller === label)
      .flatMap(({ call }) => call.resource.split(',').map(thing))
      .filter((arn) => !named.has(arn))
      .map((arn) => `${label} uses ${arn}, which none of its variables names`);
    return [...lacking, ...unused, ...unnamed];
  });
}

/** The resources that the value of a variable means. */
function arnsNamed(value: string, { buckets, tables, queues, buses, machines }: Blueprint): string[] {
  const named = [
    ...[...buckets, ...tables, ...buses].filter(({ name }) => name === value),
    ...queues.filter(({ url }) => url === value),
    ...machines.filter(({ arn }) => arn === value),
  ].map(({ arn }) => arn);
  return [...named, `identity/${value}`];
}

/** What a call is about, as the variable that names it would have it: the bucket of an object, the machine of an execution. */
function thing(resource: string): string {
  const [, service] = /^arn:[^:]+:([^:]+)/.exec(resource) ?? [];
  if (service === 's3') return resource.replace(/\/.*/s, '');
  if (service === 'states') return resource.replace(':execution:', ':stateMachine:').split(':').slice(0, 7).join(':');
  if (service === 'ses') return resource.slice(resource.indexOf('identity/'));
  return resource;
}

/** Every event reaches whom it reached, and every rule was of use. */
function events(put: readonly Of<'event'>[], fired: readonly Of<'schedule'>[], { buses, rules }: Blueprint): string[] {
  const reached = new Map<unknown, readonly string[]>();
  const bus = new EventBuses(
    buses,
    rules,
    () => undefined,
    (_, { detail }, targets) => reached.set(detail, targets),
  );
  const matched = new Set<string>();
  const differing = put.flatMap(({ bus: name, event, targets }) => {
    const what = `the event ${event.source} ${event['detail-type']}`;
    if (bus.find(name) === null) return [`${what} was put on the bus ${name}, which does not exist`];
    const detail = structuredClone(event.detail);
    bus.put(name, { source: event.source, detailType: event['detail-type'], detail, resources: event.resources });
    const now = reached.get(detail) ?? [];
    for (const target of now) matched.add(target);
    const list = (arns: readonly string[]) => arns.map(nameOf).toSorted().join(', ') || 'nobody';
    if (targets.length === 0 && name !== 'default') return [`${what} reached nobody`];
    return list(now) === list(targets) ? [] : [`${what} reaches ${list(now)}, not ${list(targets)}`];
  });
  const unused = rules.flatMap(({ id, pattern, targets }) =>
    (pattern === null ? fired.some(({ rule }) => rule === id) : targets.every(({ arn }) => matched.has(arn)))
      ? []
      : [`unused rule: ${id}`],
  );
  const misfired = fired.flatMap(({ rule, targets }) => {
    const now = rules.find(({ id }) => id === rule)?.targets.map(({ arn }) => arn) ?? [];
    return now.join() === targets.join()
      ? []
      : [`the rule ${rule} reaches ${now.map(nameOf)}, not ${targets.map(nameOf)}`];
  });
  return [...differing, ...misfired, ...unused];
}

const nameOf = (arn: string) => arn.split(':').at(-1) ?? arn;

/** Every queue feeds the function that it fed, in batches that can fail in part where they did. */
function mappings(batches: readonly Of<'batch'>[], plan: Blueprint): string[] {
  const label = (name: string) => plan.functions.find((each) => each.name === name)?.label ?? name;
  const faults = batches.flatMap(({ queue, function: fed, messages, failed }) => {
    const mapping = plan.mappings.find(({ queueArn, functionName: name }) => queueArn === queue && label(name) === fed);
    if (!mapping) return [`the queue ${nameOf(queue)} does not feed ${fed}`];
    return [
      ...(messages > mapping.batchSize ? [`${nameOf(queue)} hands ${fed} at most ${mapping.batchSize} messages`] : []),
      ...(failed > 0 && failed < messages && !mapping.reportsItemFailures
        ? [`${fed} says which messages failed, and ${nameOf(queue)} is not told`]
        : []),
    ];
  });
  const unused = plan.mappings
    .filter(({ queueArn }) => !batches.some(({ queue }) => queue === queueArn))
    .map(({ queueArn }) => `unused mapping: ${nameOf(queueArn)}`);
  return [...faults, ...unused];
}

/** Every execution, carried out again with the answers that functions gave, calls the same functions with the same input and ends alike. */
async function executions(
  changes: readonly Of<'execution'>[],
  tasks: readonly Of<'task'>[],
  machines: readonly { readonly plan: MachinePlan; readonly definition: Definition }[],
  { functions }: Blueprint,
): Promise<string[]> {
  const labelOf = (reference: string) =>
    functions.find(({ name }) => name === functionName(reference))?.label ?? reference;
  const call = (of: string, payload: unknown) => `${of} with ${JSON.stringify(payload)}`;
  const faults: string[] = [];
  const entered = new Set<string>();
  for (const { machine, name, input, status } of changes) {
    if (status !== 'RUNNING') continue;
    const ended = changes.find((change) => change.name === name && change.status !== 'RUNNING');
    const definition = machines.find(({ plan: { label } }) => label === machine)?.definition;
    if (!definition) faults.push(`there is no state machine ${machine}`);
    if (!definition || !ended) continue;
    const answers = new Map<string, Of<'task'>[]>();
    for (const task of tasks.filter(({ execution }) => execution === name)) {
      const what = call(task.function, task.payload);
      answers.set(what, [...(answers.get(what) ?? []), task]);
    }
    const host = {
      async invoke(reference: string, payload: unknown) {
        const what = call(labelOf(reference), payload);
        const answer = answers.get(what)?.shift();
        // beside a part that failed, others had come further or not so far
        if (!answer && ended.status === 'FAILED') return null;
        if (!answer) {
          faults.push(`${machine} invokes ${what}, as it did not`);
          throw new StateError('NotInvoked', what);
        }
        if (answer.error) throw new StateError(answer.error.error, answer.error.cause);
        return answer.result;
      },
      once: <T>(_: string, work: () => Promise<T>) => work(),
      entered: (state: string) => entered.add(state),
      exited: () => undefined,
      rest: () => 0,
    };
    const context = { Execution: {}, StateMachine: {} };
    const now = await interpret(definition, input, context, host, new AbortController().signal).then(
      () => 'SUCCEEDED',
      (error: unknown) => (error instanceof StateError ? 'FAILED' : Promise.reject(error)),
    );
    if (now !== ended.status) faults.push(`${machine}: an execution that was ${ended.status} is ${now}`);
    if (now === 'SUCCEEDED')
      for (const [what, left] of answers) if (left.length > 0) faults.push(`${machine} no longer invokes ${what}`);
  }
  const unused = machines.flatMap(({ plan: { label }, definition }) =>
    statesOf(definition)
      .filter((state) => !entered.has(state))
      .map((state) => `unused state: ${label} ${state}`),
  );
  return [...faults, ...unused];
}

const statesOf = (definition: Definition): string[] =>
  Object.entries(definition.States).flatMap(([name, state]) => [
    name,
    ...(state.Type === 'Parallel' ? state.Branches.flatMap(statesOf) : []),
    ...(state.Type === 'Map' ? statesOf((state.ItemProcessor ?? state.Iterator) as Definition) : []),
  ]);

/** Every request is taken by the route and function that took it, and every route took one. */
function routes(requests: readonly Of<'request'>[], plan: Blueprint): string[] {
  if (!plan.api) return ['there is no API'];
  const route = compileRoutes(plan.api);
  const label = (arn: string | null) =>
    plan.functions.find(({ name }) => arn !== null && name === functionName(arn))?.label ?? null;
  const differing = requests.flatMap(({ verb, url, path, function: answered }) => {
    const method = route(verb, url.replace(/\?.*/s, ''))?.method ?? null;
    const [was, is] = [
      [path, answered],
      [method?.path ?? null, label(method?.functionArn ?? null)],
    ].map(([by, through]) => `${by ?? 'no route'}${through ? ` (${through})` : ''}`);
    return was === is ? [] : [`${verb} ${url} is taken by ${is}, not by ${was}`];
  });
  const unused = plan.api.methods
    .filter(
      ({ verb, path }) =>
        !requests.some((request) => request.path === path && (verb === 'ANY' || verb === request.verb)),
    )
    .map(({ verb, path }) => `unused route: ${verb} ${path}`);
  return [...differing, ...unused];
}
