import { type ChoiceRule, checkChoice } from './choice.ts';
import { checkPath, checkReferencePath, checkTemplate } from './paths.ts';

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
}

/** The fields that states share. A path is null where the definition says so: nothing, instead of everything. */
interface Common {
  readonly Next?: string;
  readonly End?: boolean;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly Parameters?: unknown;
  readonly ResultSelector?: unknown;
  readonly ResultPath?: string | null;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
}

export interface TaskState extends Common {
  readonly Type: 'Task';
  readonly Resource: string;
  readonly TimeoutSeconds?: number;
}

export interface ParallelState extends Common {
  readonly Type: 'Parallel';
  readonly Branches: readonly Definition[];
}

export interface MapState extends Common {
  readonly Type: 'Map';
  readonly ItemsPath?: string;
  readonly ItemSelector?: unknown;
  readonly ItemProcessor?: Definition;
  readonly Iterator?: Definition;
  readonly MaxConcurrency?: number;
}

export interface ChoiceState extends Common {
  readonly Type: 'Choice';
  readonly Choices: readonly (ChoiceRule & { readonly Next: string })[];
  readonly Default?: string;
}

export interface PassState extends Common {
  readonly Type: 'Pass';
  readonly Result?: unknown;
}

export interface WaitState extends Common {
  readonly Type: 'Wait';
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
}

export interface SucceedState extends Common {
  readonly Type: 'Succeed';
}

export interface FailState extends Common {
  readonly Type: 'Fail';
  readonly Error?: string;
  readonly Cause?: string;
  readonly ErrorPath?: string;
  readonly CausePath?: string;
}

export type State =
  | TaskState
  | ParallelState
  | MapState
  | ChoiceState
  | PassState
  | WaitState
  | SucceedState
  | FailState;

const FLOW = ['Type', 'Comment', 'InputPath', 'OutputPath', 'Next', 'End'];
const RESULT = ['Parameters', 'ResultSelector', 'ResultPath', 'Retry', 'Catch'];

/** The fields that each kind of state may have. What is not listed is not implemented. */
const FIELDS: Readonly<Record<State['Type'], readonly string[]>> = {
  Task: [...FLOW, ...RESULT, 'Resource', 'TimeoutSeconds'],
  Parallel: [...FLOW, ...RESULT, 'Branches'],
  Map: [...FLOW, ...RESULT, 'ItemsPath', 'ItemSelector', 'ItemProcessor', 'Iterator', 'MaxConcurrency', 'Label'],
  Choice: ['Type', 'Comment', 'InputPath', 'OutputPath', 'Choices', 'Default'],
  Pass: [...FLOW, 'Parameters', 'ResultPath', 'Result'],
  Wait: [...FLOW, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
  Succeed: ['Type', 'Comment', 'InputPath', 'OutputPath'],
  Fail: ['Type', 'Comment', 'Error', 'Cause', 'ErrorPath', 'CausePath'],
};

const MACHINE_FIELDS = ['StartAt', 'States', 'Comment', 'TimeoutSeconds', 'Version'];
/** How the items of a Map are carried out. */
interface ProcessorConfig {
  readonly Mode?: 'INLINE' | 'DISTRIBUTED';
  readonly ExecutionType?: string;
}

/** Whether a Map starts an execution for each item. */
export const isDistributed = (state: MapState): boolean =>
  (state.ItemProcessor as { readonly ProcessorConfig?: ProcessorConfig } | undefined)?.ProcessorConfig?.Mode ===
  'DISTRIBUTED';

const PROCESSOR_FIELDS = ['StartAt', 'States', 'Comment', 'ProcessorConfig'];
const RETRY_FIELDS = [
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
  'Comment',
];
const CATCH_FIELDS = ['ErrorEquals', 'Next', 'ResultPath', 'Comment'];

export const LAMBDA_INVOKE = /^arn:[\w-]+:states:[\w-]*:\d*:lambda:invoke$/;
const LAMBDA_FUNCTION = /^arn:[\w-]+:lambda:[\w-]+:\d+:function:[^:]+$/;

/**
 * Reads a state machine in the Amazon States Language, with JSONPath.
 *
 * @throws Error that names machine, state and field for all that this home would not carry out as AWS does
 */
export function readDefinition(text: string, machine: string): Definition {
  const definition = JSON.parse(text) as Definition;
  checkStates(definition, MACHINE_FIELDS, `the state machine ${machine}`);
  return definition;
}

function checkFields(value: object, allowed: readonly string[], place: string): void {
  for (const field of Object.keys(value))
    if (!allowed.includes(field)) throw new Error(`${place}: the field ${field} is not implemented by the local home`);
}

function checkStates(definition: Definition, allowed: readonly string[], place: string): void {
  checkFields(definition, allowed, place);
  const goto = (target: string | undefined, from: string) => {
    if (target !== undefined && !Object.hasOwn(definition.States, target))
      throw new Error(`${from} leads to the state ${target}, which does not exist`);
  };
  goto(definition.StartAt, place);
  for (const [name, state] of Object.entries(definition.States)) {
    const here = `${place}, state ${name}`;
    const fields = FIELDS[state.Type];
    if (!fields) throw new Error(`${here}: the type ${state.Type} is not implemented by the local home`);
    checkFields(state, fields, here);
    goto(state.Next, here);
    for (const path of [state.InputPath, state.OutputPath]) if (path) checkPath(path, here);
    if (state.ResultPath) checkReferencePath(state.ResultPath, here);
    checkTemplate(state.Parameters, here);
    checkTemplate(state.ResultSelector, here);
    for (const retrier of state.Retry ?? []) checkFields(retrier, RETRY_FIELDS, `${here}, Retry`);
    for (const catcher of state.Catch ?? []) {
      checkFields(catcher, CATCH_FIELDS, `${here}, Catch`);
      if (catcher.ResultPath) checkReferencePath(catcher.ResultPath, `${here}, Catch`);
      goto(catcher.Next, `${here}, Catch`);
    }
    checkKind(state, here, goto);
  }
}

function checkKind(state: State, here: string, goto: (target: string | undefined, from: string) => void): void {
  switch (state.Type) {
    case 'Task':
      if (!LAMBDA_INVOKE.test(state.Resource) && !LAMBDA_FUNCTION.test(state.Resource))
        throw new Error(`${here}: the resource ${state.Resource} is not implemented by the local home`);
      if (LAMBDA_INVOKE.test(state.Resource))
        checkFields(state.Parameters as object, ['FunctionName', 'Payload', 'Payload.$'], `${here}, Parameters`);
      return;
    case 'Parallel':
      for (const branch of state.Branches) checkStates(branch, PROCESSOR_FIELDS, here);
      return;
    case 'Map': {
      const processor = state.ItemProcessor ?? state.Iterator;
      if (!processor) throw new Error(`${here} has no ItemProcessor`);
      checkStates(processor, PROCESSOR_FIELDS, here);
      const { Mode = 'INLINE', ExecutionType = 'STANDARD' } =
        (processor as { readonly ProcessorConfig?: ProcessorConfig }).ProcessorConfig ?? {};
      if (!['INLINE', 'DISTRIBUTED'].includes(Mode) || ExecutionType !== 'STANDARD')
        throw new Error(`${here}: the mode ${Mode} ${ExecutionType} is not implemented by the local home`);
      if (state.ItemsPath) checkPath(state.ItemsPath, here);
      checkTemplate(state.ItemSelector, here);
      return;
    }
    case 'Choice':
      for (const rule of state.Choices) {
        const { Next, ...condition } = rule;
        checkChoice(condition, here);
        goto(Next, here);
      }
      goto(state.Default, here);
      return;
    case 'Wait':
      for (const path of [state.SecondsPath, state.TimestampPath]) if (path) checkPath(path, here);
      return;
    case 'Fail':
      for (const path of [state.ErrorPath, state.CausePath]) if (path) checkTemplate({ 'path.$': path }, here);
  }
}

/** Whether any Map of a machine starts executions of it. */
export const startsItself = (definition: Definition): boolean =>
  Object.values(definition.States).some(
    (state) =>
      (state.Type === 'Parallel' && state.Branches.some(startsItself)) ||
      (state.Type === 'Map' &&
        (isDistributed(state) || startsItself((state.ItemProcessor ?? state.Iterator) as Definition))),
  );

/** Every task of a machine: its state's name, and the function that it invokes. */
export function* tasksOf(definition: Definition): Generator<[state: string, functionReference: string]> {
  for (const [name, state] of Object.entries(definition.States)) {
    if (state.Type === 'Parallel') for (const branch of state.Branches) yield* tasksOf(branch);
    if (state.Type === 'Map') yield* tasksOf((state.ItemProcessor ?? state.Iterator) as Definition);
    if (state.Type !== 'Task') continue;
    const integrated = LAMBDA_INVOKE.test(state.Resource);
    yield [name, integrated ? (state.Parameters as { FunctionName: string }).FunctionName : state.Resource];
  }
}
