/** An event on a bus, in EventBridge's own words. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** whole seconds, UTC */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

type Test = (values: readonly unknown[]) => boolean;
type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A test of each of an event's values (a list counts as any of its items; no value at all never passes). */
const some =
  (passes: (value: unknown) => boolean): Test =>
  (values) =>
    values.some(passes);

const ofText = (passes: (value: string) => boolean) => some((value) => typeof value === 'string' && passes(value));

/**
 * Compiles an event pattern.
 *
 * Fields have to match all of their conditions' lists; a list matches when one of its conditions does. Conditions: a
 * literal, `prefix`, `suffix`, `equals-ignore-case`, `wildcard`, `exists`, `numeric`, `anything-but` of literals or of one
 * `prefix` or `suffix`; `$or` over alternatives.
 *
 * @throws Error that names a condition which is not implemented
 */
export function compilePattern(pattern: unknown, place: string): (event: BusEvent) => boolean {
  const matches = compileFields(pattern, place, '');
  return (event) => matches([event]);
}

function compileFields(pattern: unknown, place: string, path: string): Test {
  if (!isObject(pattern)) throw new Error(`${place}: the pattern at ${path || 'the top'} is not an object`);
  const tests = Object.entries(pattern).map(([name, stated]): Test => {
    if (name === '$or') {
      const alternatives = (stated as unknown[]).map((alternative) => compileFields(alternative, place, path));
      return (values) => alternatives.some((matches) => matches(values));
    }
    const inner = path === '' ? name : `${path}.${name}`;
    const test = Array.isArray(stated) ? compileList(stated, place, inner) : compileFields(stated, place, inner);
    return (values) => test(values.flatMap((value) => (isObject(value) && name in value ? [value[name]].flat() : [])));
  });
  return (values) => tests.every((test) => test(values));
}

function compileList(conditions: readonly unknown[], place: string, path: string): Test {
  const tests = conditions.map((condition) => compileCondition(condition, place, path));
  return (values) => tests.some((test) => test(values));
}

function compileCondition(condition: unknown, place: string, path: string): Test {
  if (!isObject(condition)) return some((value) => value === condition);
  const [operator, ...others] = Object.keys(condition);
  const operand = operator === undefined ? undefined : condition[operator];
  const unknown = () =>
    new Error(`${place}: the condition ${JSON.stringify(condition)} on ${path} is not implemented by the local home`);
  if (operator === undefined || others.length > 0) throw unknown();
  switch (operator) {
    case 'prefix':
      if (typeof operand !== 'string') throw unknown();
      return ofText((value) => value.startsWith(operand));
    case 'suffix':
      if (typeof operand !== 'string') throw unknown();
      return ofText((value) => value.endsWith(operand));
    case 'equals-ignore-case':
      return ofText((value) => value.toLowerCase() === String(operand).toLowerCase());
    case 'wildcard': {
      const parts = String(operand)
        .split('*')
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
      const expression = new RegExp(`^${parts.join('.*')}$`, 's');
      return ofText((value) => expression.test(value));
    }
    case 'exists':
      return (values) => values.length > 0 === operand;
    case 'numeric':
      return compileNumeric(operand as unknown[], unknown);
    case 'anything-but': {
      if (!isObject(operand)) {
        const excluded = [operand].flat();
        return some((value) => !excluded.includes(value));
      }
      if (!('prefix' in operand || 'suffix' in operand)) throw unknown();
      const excluded = compileCondition(operand, place, path);
      return some((value) => !excluded([value]));
    }
    default:
      throw unknown();
  }
}

/** `['>', 0, '<=', 5]` */
function compileNumeric(comparisons: readonly unknown[], unknown: () => Error): Test {
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < comparisons.length; at += 2) {
    const limit = Number(comparisons[at + 1]);
    switch (comparisons[at]) {
      case '=':
        tests.push((value) => value === limit);
        break;
      case '<':
        tests.push((value) => value < limit);
        break;
      case '<=':
        tests.push((value) => value <= limit);
        break;
      case '>':
        tests.push((value) => value > limit);
        break;
      case '>=':
        tests.push((value) => value >= limit);
        break;
      default:
        throw unknown();
    }
  }
  return some((value) => typeof value === 'number' && tests.every((test) => test(value)));
}
