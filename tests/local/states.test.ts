import { describe, expect, test } from 'vitest';
import type { Definition } from '../../infra/local/states/definition.ts';
import { readDefinition } from '../../infra/local/states/definition.ts';
import { type Host, interpret } from '../../infra/local/states/interpreter.ts';
import { StateError } from '../../infra/local/states/stateError.ts';

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

type Implementation = (payload: never, count: number) => unknown;

/** Runs a definition with functions in this process; `kept` is its journal. */
async function run(
  states: Record<string, object>,
  input: unknown,
  functions: Record<string, Implementation> = {},
  kept = new Map<string, unknown>(),
) {
  const counts = new Map<string, number>();
  const rests: number[] = [];
  const visited: string[] = [];
  const host: Host = {
    async invoke(reference, payload) {
      const name = reference.split(':').at(-1) as string;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return (functions[name] as Implementation)(payload as never, count);
    },
    async once<T>(step: string, work: () => Promise<T>): Promise<T> {
      if (!kept.has(step)) kept.set(step, await work());
      return kept.get(step) as T;
    },
    entered: (state) => visited.push(state),
    exited: () => undefined,
    rest(seconds) {
      rests.push(seconds);
      return 0;
    },
  };
  const definition: Definition = readDefinition(
    JSON.stringify({ StartAt: Object.keys(states)[0], States: states }),
    'test',
  );
  const context = { Execution: { Name: 'x-1' }, StateMachine: {} };
  const output = await interpret(definition, input, context, host, new AbortController().signal);
  return { output, counts, rests, visited };
}

const slip = () => {
  throw new StateError('Slip', 'again');
};

describe('data through a state', () => {
  test('InputPath, Parameters, ResultSelector, ResultPath and OutputPath, in this order', async () => {
    const { output } = await run(
      {
        a: {
          Type: 'Task',
          Resource: functionArn('f'),
          InputPath: '$.in',
          Parameters: { 'x.$': '$.x', 'name.$': '$$.Execution.Name', fixed: [1, { 'y.$': '$.y[1]' }] },
          ResultSelector: { 'only.$': '$.wanted' },
          ResultPath: '$.out.here',
          OutputPath: '$.out',
          End: true,
        },
      },
      { in: { x: 1, y: [2, 3] }, out: { kept: true } },
      { f: (payload) => ({ wanted: payload, other: 0 }) },
    );
    expect(output).toEqual({ kept: true, here: { only: { x: 1, name: 'x-1', fixed: [1, { y: 3 }] } } });
  });

  test('a null ResultPath discards the result, a null InputPath the input', async () => {
    const { output } = await run(
      { a: { Type: 'Task', Resource: functionArn('f'), InputPath: null, ResultPath: null, End: true } },
      { kept: 1 },
      { f: (payload) => expect(payload).toEqual({}) },
    );
    expect(output).toEqual({ kept: 1 });
  });

  test('a path to nothing is an error that can be caught', async () => {
    await expect(run({ a: { Type: 'Pass', Parameters: { 'x.$': '$.missing' }, End: true } }, {})).rejects.toThrow(
      'States.ParameterPathFailure',
    );
  });

  test.each([
    ["States.Format('{} of {}', $.a, $.b)", '1 of ["x"]'],
    ["States.Format('\\{{}\\}', 'y')", '{y}'],
    ['States.StringToJson($.json)', { n: 2 }],
    ['States.JsonToString($.b)', '["x"]'],
    ["States.Array($.a, 'z', null, 2.5)", [1, 'z', null, 2.5]],
    ['States.ArrayGetItem($.b, 0)', 'x'],
    ['States.MathAdd(States.ArrayLength($.b), -3)', -2],
  ])('%s', async (expression, expected) => {
    const input = { a: 1, b: ['x'], json: '{"n":2}' };
    const { output } = await run({ a: { Type: 'Pass', Parameters: { 'v.$': expression }, End: true } }, input);
    expect(output).toEqual({ v: expected });
  });
});

describe('errors', () => {
  const task = (extra: object) => ({ Type: 'Task', Resource: functionArn('f'), ...extra });

  test('a retrier counts its own attempts and backs off', async () => {
    const Retry = [
      { ErrorEquals: ['Other'], MaxAttempts: 1 },
      { ErrorEquals: ['Slip'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 3, MaxDelaySeconds: 10 },
    ];
    const { output, rests } = await run(
      { a: task({ Retry, End: true }) },
      {},
      {
        f: (_, count) => (count < 4 ? slip() : count),
      },
    );
    expect(output).toBe(4);
    expect(rests).toEqual([2, 6, 10]);
  });

  test('when attempts are spent the catcher gets the error beside the input', async () => {
    const { output, counts } = await run(
      {
        a: task({
          Retry: [{ ErrorEquals: ['States.TaskFailed'], MaxAttempts: 1 }],
          Catch: [
            { ErrorEquals: ['Another'], Next: 'wrong' },
            { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'b' },
          ],
          Next: 'wrong',
        }),
        wrong: { Type: 'Fail' },
        b: { Type: 'Succeed' },
      },
      { id: 7 },
      { f: slip },
    );
    expect(output).toEqual({ id: 7, error: { Error: 'Slip', Cause: 'again' } });
    expect(counts.get('f')).toBe(2);
  });

  test('a task that takes too long is a timeout, which TaskFailed does not mean', async () => {
    const slow = task({
      TimeoutSeconds: 0.01,
      Retry: [{ ErrorEquals: ['States.TaskFailed'] }],
      Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'b' }],
      End: true,
    });
    const { counts } = await run(
      { a: slow, b: { Type: 'Succeed' } },
      {},
      {
        f: () => new Promise((resolve) => setTimeout(resolve, 100)),
      },
    );
    expect(counts.get('f')).toBe(1);
  });

  test('Fail takes its words from the input', async () => {
    const failing = { Type: 'Fail', ErrorPath: '$.e.Error', CausePath: "States.Format('why: {}', $.e.Cause)" };
    await expect(run({ a: failing }, { e: { Error: 'E', Cause: 'C' } })).rejects.toMatchObject({
      error: 'E',
      cause: 'why: C',
    });
  });

  test('data larger than 256 KB is refused, and no wildcard catches it', async () => {
    const large = task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'b' }], End: true });
    await expect(run({ a: large, b: { Type: 'Succeed' } }, {}, { f: () => 'x'.repeat(262_144) })).rejects.toMatchObject(
      { error: 'States.DataLimitExceeded' },
    );
  });
});

describe('work side by side', () => {
  test('a distributed map does the same, and tells of a failed item no more than that it failed', async () => {
    const ItemProcessor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'one',
      States: { one: { Type: 'Task', Resource: functionArn('f'), End: true } },
    };
    const all = { Type: 'Map', ItemsPath: '$.items', MaxConcurrency: 2, ItemProcessor, End: true };
    const { output } = await run({ all }, { items: [1, 2, 3] }, { f: (n: number) => 10 * n });
    expect(output).toEqual([10, 20, 30]);
    await expect(run({ all }, { items: [1] }, { f: slip })).rejects.toMatchObject({
      error: 'States.ExceedToleratedFailureThreshold',
      cause: 'an item failed: Slip: again',
    });
    const express = { ...ItemProcessor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } };
    await expect(run({ all: { ...all, ItemProcessor: express } }, {})).rejects.toThrow(/DISTRIBUTED EXPRESS is not/);
    await expect(run({ all: { ...all, ItemReader: {} } }, {})).rejects.toThrow(/the field ItemReader is not/);
  });

  const each = (extra: object) => ({
    Type: 'Map',
    ItemProcessor: { StartAt: 'one', States: { one: { Type: 'Task', Resource: functionArn('f'), End: true } } },
    End: true,
    ...extra,
  });

  test('a Map keeps the order of its items and its bound on concurrency', async () => {
    let atOnce = 0;
    let most = 0;
    const { output } = await run({ a: each({ MaxConcurrency: 2 }) }, [30, 1, 20, 2, 5], {
      f: async (milliseconds: number) => {
        most = Math.max(most, ++atOnce);
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        atOnce--;
        return milliseconds * 2;
      },
    });
    expect(output).toEqual([60, 2, 40, 4, 10]);
    expect(most).toBe(2);
  });

  test('the first failure of a Map keeps the items that have not begun from beginning', async () => {
    const begun: number[] = [];
    const failing = run({ a: each({ MaxConcurrency: 1 }) }, [1, 2, 3], {
      f: (item: number) => {
        begun.push(item);
        if (item === 2) slip();
      },
    });
    await expect(failing).rejects.toMatchObject({ error: 'Slip' });
    expect(begun).toEqual([1, 2]);
  });

  test('an empty Map gives an empty list', async () => {
    expect((await run({ a: each({}) }, [])).output).toEqual([]);
  });

  test('Parallel gives one result per branch', async () => {
    const branch = (Result: unknown) => ({ StartAt: 'p', States: { p: { Type: 'Pass', Result, End: true } } });
    const { output } = await run({ a: { Type: 'Parallel', Branches: [branch(1), branch('two')], End: true } }, {});
    expect(output).toEqual([1, 'two']);
  });
});

describe('choices', () => {
  const choose = async (rule: object, input: unknown) => {
    const { visited } = await run(
      {
        a: { Type: 'Choice', Choices: [{ ...rule, Next: 'yes' }], Default: 'no' },
        yes: { Type: 'Succeed' },
        no: { Type: 'Succeed' },
      },
      input,
    );
    return visited.at(-1) === 'yes';
  };

  test.each([
    [{ Variable: '$.n', NumericGreaterThan: 3 }, { n: 4 }, true],
    [{ Variable: '$.n', NumericEquals: 4 }, { n: '4' }, false],
    [{ Variable: '$.s', StringEqualsPath: '$.t' }, { s: 'a', t: 'a' }, true],
    [{ Variable: '$.s', StringLessThan: 'b' }, { s: 'a' }, true],
    [{ Variable: '$.b', BooleanEquals: true }, { b: true }, true],
    [{ Variable: '$.at', TimestampLessThan: '2026-01-01T00:00:00Z' }, { at: '2025-12-31T23:59:59+00:00' }, true],
    [{ Variable: '$.x', IsPresent: false }, {}, true],
    [{ Variable: '$.x', IsNull: true }, { x: null }, true],
    [
      {
        Or: [
          { Variable: '$.x', IsPresent: true },
          { Variable: '$.n', NumericEquals: 1 },
        ],
      },
      { n: 1 },
      true,
    ],
    [{ Not: { Variable: '$.n', NumericEquals: 1 } }, { n: 1 }, false],
  ])('%j on %j', async (rule, input, expected) => {
    expect(await choose(rule, input)).toBe(expected);
  });

  test('nothing chosen and no default is an error', async () => {
    const only = { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'b' }] };
    await expect(run({ a: only, b: { Type: 'Succeed' } }, {})).rejects.toMatchObject({
      error: 'States.NoChoiceMatched',
    });
  });
});

test('a run that is repeated with its journal does no task again', async () => {
  const states = {
    a: { Type: 'Task', Resource: functionArn('f'), Next: 'b' },
    b: {
      Type: 'Map',
      ItemProcessor: { StartAt: 'one', States: { one: { Type: 'Task', Resource: functionArn('f'), End: true } } },
      Next: 'c',
    },
    c: { Type: 'Task', Resource: functionArn('f'), End: true },
  };
  const kept = new Map<string, unknown>();
  // the run is interrupted at its last task
  const broken = run(states, [1, 2], { f: (payload: unknown, count) => (count === 4 ? slip() : payload) }, kept);
  await expect(broken).rejects.toThrow('Slip');
  const { output, counts } = await run(states, [1, 2], { f: (payload: unknown) => payload }, kept);
  expect(output).toEqual([1, 2]);
  expect(counts.get('f')).toBe(1);
});
