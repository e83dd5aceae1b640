import { StateError } from './stateError.ts';

/** What `$` and `$$` stand for. */
export interface Scope {
  readonly input: unknown;
  readonly context: unknown;
}

/** `$`, `$.a.b[0]['c']`, and the same behind `$$`: the paths that name one place. */
const PATH = /^\$\$?(\.[\p{L}_][\p{L}\d_-]*|\[\d+\]|\['[^']*'\])*$/u;
const STEP = /\.([\p{L}_][\p{L}\d_-]*)|\[(\d+)\]|\['([^']*)'\]/gu;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function checkPath(path: string, place: string): void {
  if (!PATH.test(path)) throw new Error(`${place}: the path ${path} is not implemented by the local home`);
}

/** A path that a result is written to: into the input, never into the context. */
export function checkReferencePath(path: string, place: string): void {
  checkPath(path, place);
  if (path.startsWith('$$')) throw new Error(`${place}: nothing can be written to ${path}`);
}

const steps = (path: string): string[] =>
  [...path.matchAll(STEP)].map(([, field, index, quoted]) => field ?? index ?? quoted ?? '');

/** The value at a path, or undefined. */
export function lookup(path: string, { input, context }: Scope): unknown {
  let value = path.startsWith('$$') ? context : input;
  for (const step of steps(path)) {
    if (Array.isArray(value)) value = value[Number(step)];
    else if (isObject(value) && Object.hasOwn(value, step)) value = value[step];
    else return undefined;
  }
  return value;
}

/** The value at a path that has to be there. */
export function valueAt(path: string, scope: Scope): unknown {
  const value = lookup(path, scope);
  if (value === undefined) throw new StateError('States.ParameterPathFailure', `there is nothing at ${path}`);
  return value;
}

/** A copy of the input with a value put at a path; objects on the way are made when they are missing. */
export function placeAt(path: string, input: unknown, value: unknown): unknown {
  const put = (at: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (step === undefined) return value;
    if (Array.isArray(at)) return at.map((item, index) => (index === Number(step) ? put(item, rest) : item));
    if (at !== undefined && !isObject(at))
      throw new StateError('States.ResultPathMatchFailure', `${path} leads through a value that is not an object`);
    return { ...at, [step]: put(at?.[step], rest) };
  };
  return put(input, steps(path));
}

type Intrinsic = (...values: unknown[]) => unknown;

/** The intrinsic functions that templates may call. */
const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  'States.Format': (template, ...values) => {
    let next = 0;
    return String(template).replace(/\\([{}\\'])|\{\}/g, (_, escaped: string | undefined) => {
      if (escaped !== undefined) return escaped;
      const value = values[next++];
      return typeof value === 'string' ? value : JSON.stringify(value);
    });
  },
  'States.StringToJson': (text) => JSON.parse(String(text)),
  'States.JsonToString': (value) => JSON.stringify(value),
  'States.Array': (...values) => values,
  'States.ArrayLength': (list) => (list as unknown[]).length,
  'States.ArrayGetItem': (list, index) => (list as unknown[])[Number(index)],
  'States.MathAdd': (left, right) => Number(left) + Number(right),
};

type Expression = (scope: Scope) => unknown;

/** Compiles the value of a field whose name ends in `.$`: a path, or a call of an intrinsic function. */
function compileExpression(text: string, place: string): Expression {
  let at = 0;
  const unknown = () => new Error(`${place}: the expression ${text} is not implemented by the local home`);
  const skip = () => {
    while (text[at] === ' ') at++;
  };
  const argument = (): Expression => {
    skip();
    const literal = /^(?:'((?:[^'\\]|\\.)*)'|(-?\d+(?:\.\d+)?)|(true|false|null))/s.exec(text.slice(at));
    if (literal) {
      at += literal[0].length;
      const [, quoted, number, word] = literal;
      const value = quoted ?? (number === undefined ? (JSON.parse(word as string) as unknown) : Number(number));
      return () => value;
    }
    const path = /^\$[^,()\s]*/.exec(text.slice(at))?.[0];
    if (path !== undefined) {
      at += path.length;
      checkPath(path, place);
      return (scope) => valueAt(path, scope);
    }
    return call();
  };
  const call = (): Expression => {
    const name = /^States\.\w+/.exec(text.slice(at))?.[0] ?? '';
    const intrinsic = INTRINSICS[name];
    if (!intrinsic || text[at + name.length] !== '(') throw unknown();
    at += name.length + 1;
    const values: Expression[] = [];
    for (skip(); text[at] !== ')'; skip()) {
      values.push(argument());
      skip();
      if (text[at] === ',') at++;
      else if (text[at] !== ')') throw unknown();
    }
    at++;
    return (scope) => {
      try {
        return intrinsic(...values.map((value) => value(scope)));
      } catch (error) {
        if (error instanceof StateError) throw error;
        throw new StateError('States.IntrinsicFailure', `${text}: ${(error as Error).message}`);
      }
    };
  };
  const expression = text.startsWith('$') ? argument() : call();
  skip();
  if (at !== text.length) throw unknown();
  return expression;
}

export function checkTemplate(template: unknown, place: string): void {
  if (Array.isArray(template)) for (const item of template) checkTemplate(item, place);
  else if (isObject(template))
    for (const [name, value] of Object.entries(template)) {
      if (name.endsWith('.$')) compileExpression(String(value), place);
      else checkTemplate(value, place);
    }
}

/** Fills a payload template: fields whose names end in `.$` are computed, everything else stands for itself. */
export function fill(template: unknown, scope: Scope): unknown {
  if (Array.isArray(template)) return template.map((item) => fill(item, scope));
  if (!isObject(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$') ? [name.slice(0, -2), evaluate(String(value), scope)] : [name, fill(value, scope)],
    ),
  );
}

/** The value of one path or call. */
export const evaluate = (expression: string, scope: Scope): unknown => compileExpression(expression, expression)(scope);
