import { checkPath, lookup, type Scope, valueAt } from './paths.ts';

/** A condition of a Choice state: `And`, `Or`, `Not`, or a variable and one comparison. */
export type ChoiceRule = Readonly<Record<string, unknown>>;

type Compare = (value: unknown, operand: unknown) => boolean;

const texts =
  (compare: (value: string, operand: string) => boolean): Compare =>
  (value, operand) =>
    typeof value === 'string' && typeof operand === 'string' && compare(value, operand);
const numbers =
  (compare: (value: number, operand: number) => boolean): Compare =>
  (value, operand) =>
    typeof value === 'number' && typeof operand === 'number' && compare(value, operand);
const times = (compare: (value: number, operand: number) => boolean): Compare =>
  texts((value, operand) => compare(Date.parse(value), Date.parse(operand)));

/** Comparisons with a value; each of them also exists with `Path`, which says where the value is. */
const COMPARISONS: Readonly<Record<string, Compare>> = {
  BooleanEquals: (value, operand) => typeof value === 'boolean' && value === operand,
  StringEquals: texts((value, operand) => value === operand),
  StringLessThan: texts((value, operand) => value < operand),
  StringGreaterThan: texts((value, operand) => value > operand),
  StringLessThanEquals: texts((value, operand) => value <= operand),
  StringGreaterThanEquals: texts((value, operand) => value >= operand),
  NumericEquals: numbers((value, operand) => value === operand),
  NumericLessThan: numbers((value, operand) => value < operand),
  NumericGreaterThan: numbers((value, operand) => value > operand),
  NumericLessThanEquals: numbers((value, operand) => value <= operand),
  NumericGreaterThanEquals: numbers((value, operand) => value >= operand),
  TimestampEquals: times((value, operand) => value === operand),
  TimestampLessThan: times((value, operand) => value < operand),
  TimestampGreaterThan: times((value, operand) => value > operand),
  TimestampLessThanEquals: times((value, operand) => value <= operand),
  TimestampGreaterThanEquals: times((value, operand) => value >= operand),
};

/** Tests of a variable alone; the operand says whether it should hold. */
const TESTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  IsPresent: (value) => value !== undefined,
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
};

const operatorOf = (rule: ChoiceRule) =>
  Object.keys(rule).filter((field) => field !== 'Variable' && field !== 'Comment');

export function checkChoice(rule: ChoiceRule, place: string): void {
  const [operator = '', ...others] = operatorOf(rule);
  const nested = operator === 'Not' ? [rule.Not] : operator === 'And' || operator === 'Or' ? rule[operator] : null;
  if (nested !== null) {
    for (const inner of nested as ChoiceRule[]) checkChoice(inner, place);
    return;
  }
  const known = Object.hasOwn(TESTS, operator) || Object.hasOwn(COMPARISONS, operator.replace(/Path$/, ''));
  if (!known || others.length > 0)
    throw new Error(
      `${place}: the comparison ${[operator, ...others].join(', ')} is not implemented by the local home`,
    );
  checkPath(String(rule.Variable), place);
}

export function chosen(rule: ChoiceRule, scope: Scope): boolean {
  const [operator = ''] = operatorOf(rule);
  const operand = rule[operator];
  if (operator === 'Not') return !chosen(operand as ChoiceRule, scope);
  if (operator === 'And') return (operand as ChoiceRule[]).every((inner) => chosen(inner, scope));
  if (operator === 'Or') return (operand as ChoiceRule[]).some((inner) => chosen(inner, scope));
  const test = TESTS[operator];
  if (test) return test(lookup(String(rule.Variable), scope)) === operand;
  const byPath = operator.endsWith('Path');
  const compare = COMPARISONS[byPath ? operator.slice(0, -'Path'.length) : operator] as Compare;
  return compare(valueAt(String(rule.Variable), scope), byPath ? valueAt(String(operand), scope) : operand);
}
