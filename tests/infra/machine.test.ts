import { StateMachine } from 'aws-local-stepfunctions';
import { describe, expect, it } from 'vitest';
import { templates } from './templates.ts';

const { ofType, text, functions, byId } = templates('dev');
const [machine] = ofType('AWS::StepFunctions::StateMachine');
// biome-ignore lint/suspicious/noExplicitAny: the states language, as parsed
const definition: any = JSON.parse(text(machine?.Properties.DefinitionString));

interface Task {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the states language, as parsed
  readonly state: any;
  /** where an error of it, or of the state around it, goes */
  readonly caught: { ErrorEquals: string[]; Next: string }[];
}

// biome-ignore lint/suspicious/noExplicitAny: the states language, as parsed
function tasksOf(states: Record<string, any>, around: Task['caught'] = []): Task[] {
  return Object.entries(states).flatMap(([name, state]) => {
    const caught = [...around, ...(state.Catch ?? [])];
    if (state.Type === 'Task') return [{ name, state, caught }];
    const inner = [...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])];
    return inner.flatMap((branch) => tasksOf(branch.States, caught));
  });
}
const tasks = tasksOf(definition.States);

describe.each(tasks)('step $name', ({ name, state }) => {
  it('calls its own function, and waits a little longer than that may take', () => {
    const lambda = functions.get(name);
    expect(state.Resource).toBe(`<${lambda?.id}.Arn>`);
    expect(state.TimeoutSeconds).toBeGreaterThan(lambda?.Properties.Timeout);
    expect(state.TimeoutSeconds).toBeLessThan(definition.TimeoutSeconds);
  });

  it('is repeated with growing pauses when it is not its own fault', () => {
    const retried = (error: string) =>
      state.Retry.find(({ ErrorEquals }: Task['caught'][0]) => ErrorEquals.includes(error));
    for (const error of [
      'Lambda.TooManyRequestsException',
      'Lambda.ServiceException',
      'Lambda.Unknown',
      'States.Timeout',
    ]) {
      expect(retried(error)?.MaxAttempts, error).toBeGreaterThan(0);
      expect(retried(error)?.BackoffRate, error).toBeGreaterThan(1);
      expect(retried(error)?.JitterStrategy, error).toBe('FULL');
    }
    expect(retried('States.ALL')).toBeUndefined();
  });
});

it.each(tasks.filter(({ name }) => !['fail', 'changes', 'tabulate', 'noise', 'backtest'].includes(name)))(
  'step $name ends in fail when it cannot be helped',
  ({ caught }) => {
    expect(caught).toContainEqual(expect.objectContaining({ ErrorEquals: ['States.ALL'], Next: 'fail' }));
  },
);

it('the steps are the eleven of the architecture document', () => {
  const names = [
    'backtest',
    'changes',
    'complexity',
    'entry',
    'fail',
    'gravity',
    'noise',
    'plan',
    'publish',
    'score',
    'tabulate',
  ];
  expect(tasks.map(({ name }) => name).sort()).toEqual(names);
});

it('a run ends within its lease', () => expect(definition.TimeoutSeconds).toBe(3600));

it('shards are scored as many at a time as the stage says', () => {
  const inStage = (stage: string) => {
    const one = templates(stage);
    return JSON.parse(one.text(one.ofType('AWS::StepFunctions::StateMachine')[0]?.Properties.DefinitionString));
  };
  const concurrency = ['local', 'dev', 'prod'].map((stage) => inStage(stage).States.shards.MaxConcurrency);
  expect(concurrency).toEqual([2, 8, 16]);
});

it('starts with nothing but the definition: no function of the machine may be missing', () => {
  for (const { state } of tasks) expect(byId(state.Resource.slice(1, -5)).Type).toBe('AWS::Lambda::Function');
});

describe('an execution', () => {
  const INPUT = { run: 'r1', slot: 2, attempt: 1 };
  const shard = (axis: string, from: number) => ({ run: 'r1', slot: 2, axis, from, to: from + 10 });
  const SHARDS = [shard('exporter', 0), shard('exporter', 10), shard('world', 0)];
  type Json = Parameters<StateMachine['run']>[0];
  type Step = (input: Json) => Promise<Json>;

  /** Executes the definition with these steps in place of functions; what each was given is recorded. */
  async function execute(steps: Record<string, Step> = {}) {
    const calls: { step: string; input: unknown }[] = [];
    const recorded = (step: string, act: Step): [string, Step] => [
      step,
      async (input) => {
        calls.push({ step, input });
        return act(input);
      },
    ];
    const all: Record<string, Step> = {
      plan: async () => ({ ...INPUT, shards: SHARDS }),
      complexity: async () => ({ big: 'answers of steps are not carried on' }),
      gravity: async () => null,
      entry: async () => null,
      score: async () => ({ pages: 12 }),
      publish: async () => ({ published: true }),
      changes: async () => ({ outcome: 'compared' }),
      tabulate: async () => ({ outcome: 'tabulated' }),
      noise: async () => ({ outcome: 'found' }),
      backtest: async () => ({ outcome: 'judged' }),
      fail: async () => null,
      ...steps,
    };
    const run = new StateMachine(definition, { validationOptions: { checkArn: false } }).run(INPUT, {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(Object.entries(all).map(([step, act]) => recorded(step, act))),
        retryIntervalOverrides: Object.fromEntries(tasks.map(({ name }) => [name, 0])),
      },
    });
    const ended = await run.result.then(
      (output) => ({ output }),
      (error: Error) => ({ error }),
    );
    return {
      calls,
      given: (step: string) => calls.filter((call) => call.step === step).map(({ input }) => input),
      ended,
    };
  }
  const thrown = (name: string, message: string) => Object.assign(new Error(message), { name });

  it('plans, models, scores every shard, publishes, and then finds out what changed and what earlier scores were worth', async () => {
    const { calls, given, ended } = await execute();
    const order = calls.map(({ step }) => step);
    expect(order[0]).toBe('plan');
    expect(order.slice(1, 4).sort()).toEqual(['complexity', 'entry', 'gravity']);
    expect(order.slice(4)).toEqual(['score', 'score', 'score', 'publish', 'changes', 'tabulate', 'noise', 'backtest']);
    expect(given('plan')).toEqual([INPUT]);
    for (const step of ['complexity', 'gravity', 'entry']) expect(given(step)).toEqual([{ run: 'r1' }]);
    expect(given('score')).toEqual(SHARDS);
    expect(given('publish')).toEqual([INPUT]);
    expect(given('changes')).toEqual([INPUT]);
    expect(given('tabulate')).toEqual([INPUT]);
    expect(given('noise')).toEqual([INPUT]);
    expect(given('backtest')).toEqual([INPUT]);
    expect(ended).toHaveProperty('output');
  });

  it.each(['plan', 'complexity', 'gravity', 'entry', 'score', 'publish'])(
    'that fails in %s says why, and fails',
    async (step) => {
      const { calls, given, ended } = await execute({
        [step]: async () => {
          throw thrown('Failure', 'the margins do not add up');
        },
      });
      expect(given('fail')).toEqual([
        { run: 'r1', attempt: 1, error: { Error: 'Failure', Cause: 'the margins do not add up' } },
      ]);
      expect(calls.at(-1)?.step).toBe('fail');
      if (step !== 'publish') expect(given('publish')).toEqual([]);
      expect(ended).toMatchObject({ error: expect.any(Error) });
    },
  );

  it('is published and succeeds although neither what changed, nor a table, nor what noise explains, nor what earlier scores were worth can be made', async () => {
    const fails = async () => {
      throw thrown('Failure', 'the run before is not whole');
    };
    const { given, ended } = await execute({ changes: fails, tabulate: fails, noise: fails, backtest: fails });
    expect(given('publish')).toEqual([INPUT]);
    expect(given('tabulate')).toEqual([INPUT, INPUT, INPUT]);
    expect(given('noise')).toEqual([INPUT, INPUT, INPUT]);
    expect(given('backtest')).toEqual([INPUT, INPUT, INPUT]);
    expect(given('fail')).toEqual([]);
    expect(ended).toHaveProperty('output');
  });

  it('survives a function that is throttled or dies, and calls it again with the same input', async () => {
    const first = new Set<string>();
    const once = (name: string) => async (input: Json) => {
      const key = JSON.stringify(input);
      if (first.has(key)) return null;
      first.add(key);
      throw thrown(name, 'not this time');
    };
    const { given, ended } = await execute({
      score: once('Lambda.TooManyRequestsException'),
      publish: once('Runtime.ExitError'),
    });
    expect(ended).toHaveProperty('output');
    expect(given('score')).toHaveLength(2 * SHARDS.length);
    expect(given('publish')).toEqual([INPUT, INPUT]);
    expect(given('fail')).toEqual([]);
  });

  it('gives up on a function that dies every time', async () => {
    const { given, ended } = await execute({
      gravity: async () => {
        throw thrown('Lambda.Unknown', 'out of memory');
      },
    });
    expect(given('gravity')).toHaveLength(3);
    expect(given('fail')).toMatchObject([{ error: { Error: 'Lambda.Unknown' } }]);
    expect(ended).toHaveProperty('error');
  });
});
