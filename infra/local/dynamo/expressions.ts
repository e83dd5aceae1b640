import { ServiceError } from '../front/service.ts';
import { type AttributeValue, compare, content, equal, type Item, sizeOf, typeOf } from './attributes.ts';
import type { Assigned, Change, Comparator, Condition, Operand, Path } from './expressionParser.ts';

const invalid = (message: string) => new ServiceError('ValidationException', message);

/** The value at a path inside an item, or undefined. */
export function at(item: Item, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) {
    if (value === undefined) return undefined;
    const inner = content(value);
    if (typeof step === 'number') value = typeOf(value) === 'L' ? (inner as AttributeValue[])[step] : undefined;
    else {
      const map: Item = typeOf(value) === 'M' ? (inner as Item) : {};
      value = Object.hasOwn(map, step) ? map[step] : undefined;
    }
  }
  return value;
}

function operandValue(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value;
  const value = at(item, operand.path);
  if (operand.kind === 'path' || value === undefined) return value;
  const inner = content(value);
  const countable = Array.isArray(inner)
    ? inner.length
    : typeOf(value) === 'M'
      ? Object.keys(inner as Item).length
      : null;
  return { N: String(countable ?? sizeOf(value)) };
}

const ORDERED: Readonly<Record<Exclude<Comparator, '=' | '<>'>, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Whether a condition holds on an item; an absent item is an empty one. An absent value makes a comparison false. */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.parts.every((part) => holds(part, item));
    case 'or':
      return condition.parts.some((part) => holds(part, item));
    case 'not':
      return !holds(condition.part, item);
    case 'exists':
      return (at(item, condition.path) !== undefined) === condition.expected;
    case 'type': {
      const value = at(item, condition.path);
      const type = operandValue(condition.operand, item);
      return value !== undefined && type !== undefined && typeOf(value) === content(type);
    }
    case 'compare': {
      const { comparator } = condition;
      const [left, right] = [operandValue(condition.left, item), operandValue(condition.right, item)];
      if (comparator === '<>') return left === undefined || right === undefined || !equal(left, right);
      if (left === undefined || right === undefined) return false;
      if (comparator === '=') return equal(left, right);
      const order = compare(left, right);
      return order !== null && ORDERED[comparator](order);
    }
    case 'between': {
      const [value, low, high] = [condition.operand, condition.low, condition.high].map((o) => operandValue(o, item));
      if (value === undefined || low === undefined || high === undefined) return false;
      const [above, below] = [compare(value, low), compare(value, high)];
      return above !== null && below !== null && above >= 0 && below <= 0;
    }
    case 'in': {
      const value = operandValue(condition.operand, item);
      return condition.choices.some((choice) => {
        const stated = operandValue(choice, item);
        return value !== undefined && stated !== undefined && equal(value, stated);
      });
    }
    case 'beginsWith': {
      const [value, prefix] = [operandValue(condition.left, item), operandValue(condition.right, item)];
      if (value === undefined || prefix === undefined || typeOf(value) !== typeOf(prefix)) return false;
      if (typeOf(value) === 'S') return (content(value) as string).startsWith(content(prefix) as string);
      const [bytes, start] = [value, prefix].map((binary) => Buffer.from(content(binary) as string, 'base64'));
      return bytes !== undefined && start !== undefined && bytes.subarray(0, start.length).equals(start);
    }
    case 'contains': {
      const [value, part] = [operandValue(condition.left, item), operandValue(condition.right, item)];
      if (value === undefined || part === undefined) return false;
      const inner = content(value);
      if (typeOf(value) === 'L') return (inner as AttributeValue[]).some((element) => equal(element, part));
      if (Array.isArray(inner)) return typeOf(value) === `${typeOf(part)}S` && inner.includes(content(part));
      return typeOf(value) === 'S' && typeOf(part) === 'S' && (inner as string).includes(content(part) as string);
    }
  }
}

/** The parts of an item that a projection names. */
export function project(item: Item, paths: readonly Path[]): Item {
  let projected: Item = {};
  for (const path of paths) {
    const value = at(item, path);
    if (value !== undefined) projected = placed(projected, path, value, true);
  }
  return projected;
}

/** A copy of an item with a value at a path (or without one, when the value is null). */
function placed(item: Item, path: Path, value: AttributeValue | null, makesMaps: boolean): Item {
  const put = (holder: AttributeValue | undefined, [step, ...rest]: Path): AttributeValue | null => {
    if (step === undefined) return value;
    if (typeof step === 'number') {
      if (holder !== undefined && typeOf(holder) !== 'L') throw unfit();
      const list = [...((holder && (content(holder) as AttributeValue[])) ?? [])];
      const inner = put(list[step], rest);
      if (inner === null) list.splice(step, 1);
      else if (step < list.length) list[step] = inner;
      else list.push(inner);
      return { L: list };
    }
    if (holder === undefined ? !makesMaps : typeOf(holder) !== 'M') throw unfit();
    const { [step]: current, ...others } = (holder && (content(holder) as Item)) ?? {};
    const inner = put(current, rest);
    return { M: inner === null ? others : { ...others, [step]: inner } };
  };
  return content(put({ M: item }, path) as AttributeValue) as Item;
}

const unfit = () => invalid('The document path provided in the update expression is invalid for update');

/** An item after the changes of an update expression, all of which look at the item as it was. */
export function changed(item: Item, changes: readonly Change[]): Item {
  let result = item;
  for (const change of changes) {
    const current = at(item, change.path);
    switch (change.kind) {
      case 'set':
        result = placed(result, change.path, assignedValue(change.assigned, item), false);
        break;
      case 'remove':
        if (current !== undefined) result = placed(result, change.path, null, false);
        break;
      case 'add':
        result = placed(result, change.path, added(current, change.value), false);
        break;
      case 'delete':
        if (current !== undefined) result = placed(result, change.path, without(current, change.value), false);
        break;
    }
  }
  return result;
}

function assignedValue(assigned: Assigned, item: Item): AttributeValue {
  switch (assigned.kind) {
    case 'ifNotExists':
      return at(item, assigned.path) ?? assignedValue(assigned.otherwise, item);
    case 'listAppend': {
      const lists = [assigned.left, assigned.right].map((side) => assignedValue(side, item));
      if (lists.some((list) => typeOf(list) !== 'L')) throw wrongType('list_append');
      return { L: lists.flatMap((list) => content(list) as AttributeValue[]) };
    }
    case 'sum': {
      const [left, right] = [assigned.left, assigned.right].map((side) => assignedValue(side, item));
      if (!left || !right || typeOf(left) !== 'N' || typeOf(right) !== 'N')
        throw wrongType(assigned.sign === 1 ? '+' : '-');
      return { N: String(Number(content(left)) + assigned.sign * Number(content(right))) };
    }
    default: {
      const value = operandValue(assigned, item);
      if (value === undefined)
        throw invalid('The provided expression refers to an attribute that does not exist in the item');
      return value;
    }
  }
}

const wrongType = (operator: string) =>
  invalid(`An operand in the update expression has an incorrect data type: ${operator}`);

/** `ADD`: sums of numbers, unions of sets. */
function added(current: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  const type = typeOf(value);
  if (current !== undefined && typeOf(current) !== type) throw wrongType('ADD');
  if (type === 'N') return { N: String(Number(current === undefined ? 0 : content(current)) + Number(content(value))) };
  if (!/^[SNB]S$/.test(type)) throw wrongType('ADD');
  const members = new Set([...((current && (content(current) as string[])) ?? []), ...(content(value) as string[])]);
  return { [type]: [...members] } as unknown as AttributeValue;
}

/** `DELETE`: a set without some members; null when none is left. */
function without(current: AttributeValue, value: AttributeValue): AttributeValue | null {
  const type = typeOf(value);
  if (!/^[SNB]S$/.test(type) || typeOf(current) !== type) throw wrongType('DELETE');
  const removed = new Set(content(value) as string[]);
  const left = (content(current) as string[]).filter((member) => !removed.has(member));
  return left.length === 0 ? null : ({ [type]: left } as unknown as AttributeValue);
}
