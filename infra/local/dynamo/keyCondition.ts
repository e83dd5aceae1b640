import { ServiceError } from '../front/service.ts';
import type { TablePlan } from '../template/blueprint.ts';
import { type AttributeValue, content } from './attributes.ts';
import type { Condition, Operand } from './expressionParser.ts';
import { keyBytes, type SortRange } from './itemStore.ts';

const invalid = (message: string) => new ServiceError('ValidationException', message);

/** What a key condition asks for: one partition, and a range of sort keys in it. */
export function keyCondition(table: TablePlan, condition: Condition): { pk: Uint8Array; range: SortRange } {
  const parts = condition.kind === 'and' ? condition.parts : [condition];
  const names = (operand: Operand, name: string) =>
    operand.kind === 'path' && operand.path.length === 1 && operand.path[0] === name;
  let pk: Uint8Array | undefined;
  let range: SortRange | undefined;
  for (const part of parts) {
    const subject = 'left' in part ? part.left : part.kind === 'between' ? part.operand : null;
    const { partitionKey, sortKey } = table;
    if (subject && names(subject, partitionKey.name) && part.kind === 'compare' && part.comparator === '=' && !pk)
      pk = keyBytes(partitionKey, 'HASH', literal(part.right));
    else if (subject && sortKey && names(subject, sortKey.name) && !range)
      range = sortRange(part, (operand) => keyBytes(sortKey, 'RANGE', literal(operand)));
    else throw invalid('Query key condition not supported');
  }
  if (!pk) throw invalid(`Query condition missed key schema element: ${table.partitionKey.name}`);
  return { pk, range: range ?? {} };
}

function literal(operand: Operand): AttributeValue {
  if (operand.kind === 'value') return operand.value;
  throw invalid('Invalid KeyConditionExpression: a key is compared with a value');
}

function sortRange(part: Condition, bytes: (operand: Operand) => Uint8Array): SortRange {
  if (part.kind === 'between')
    return { from: { key: bytes(part.low), inclusive: true }, to: { key: bytes(part.high), inclusive: true } };
  if (part.kind === 'beginsWith') {
    const prefix =
      part.right.kind === 'value' && content(part.right.value) === '' ? new Uint8Array(0) : bytes(part.right);
    const end = successor(prefix);
    return { from: { key: prefix, inclusive: true }, ...(end ? { to: { key: end, inclusive: false } } : {}) };
  }
  if (part.kind !== 'compare') throw invalid('Query key condition not supported');
  const key = bytes(part.right);
  switch (part.comparator) {
    case '=':
      return { from: { key, inclusive: true }, to: { key, inclusive: true } };
    case '<':
    case '<=':
      return { to: { key, inclusive: part.comparator === '<=' } };
    case '>':
    case '>=':
      return { from: { key, inclusive: part.comparator === '>=' } };
    default:
      throw invalid('Query key condition not supported');
  }
}

/** The first key behind all that start with a prefix; null when nothing can lie behind them. */
function successor(prefix: Uint8Array): Uint8Array | null {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last < 0) return null;
  const end = Uint8Array.from(prefix.subarray(0, last + 1));
  end[last] = (end[last] ?? 0) + 1;
  return end;
}
