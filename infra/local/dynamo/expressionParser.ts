import { ServiceError } from '../front/service.ts';
import type { AttributeValue } from './attributes.ts';
import { RESERVED_WORDS } from './reservedWords.ts';

/** Attribute names and list positions that lead to a value inside an item. */
export type Path = readonly (string | number)[];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'size'; readonly path: Path };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly choices: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: Path; readonly expected: boolean }
  | { readonly kind: 'type'; readonly path: Path; readonly operand: Operand }
  | { readonly kind: 'beginsWith' | 'contains'; readonly left: Operand; readonly right: Operand };

/** The right-hand side of `SET`. */
export type Assigned =
  | Operand
  | { readonly kind: 'ifNotExists'; readonly path: Path; readonly otherwise: Assigned }
  | { readonly kind: 'listAppend'; readonly left: Assigned; readonly right: Assigned }
  | { readonly kind: 'sum'; readonly sign: 1 | -1; readonly left: Assigned; readonly right: Assigned };

export type Change =
  | { readonly kind: 'set'; readonly path: Path; readonly assigned: Assigned }
  | { readonly kind: 'remove'; readonly path: Path }
  | { readonly kind: 'add' | 'delete'; readonly path: Path; readonly value: AttributeValue };

const invalid = (message: string) => new ServiceError('ValidationException', message);

const TOKEN = /\s*(?:([:#]\w+)|([A-Za-z_]\w*)|(\d+)|(<>|<=|>=|[=<>(),.[\]+-]))/y;

/** What a request gives names for: `#name` attributes and `:name` values. Knows which of them were used. */
export class Placeholders {
  private readonly names: Readonly<Record<string, string>>;
  private readonly values: Readonly<Record<string, AttributeValue>>;
  private readonly used = new Set<string>();

  constructor(
    names: Readonly<Record<string, string>> | undefined,
    values: Readonly<Record<string, AttributeValue>> | undefined,
  ) {
    this.names = names ?? {};
    this.values = values ?? {};
  }

  name(placeholder: string): string {
    const name = this.names[placeholder];
    if (name === undefined)
      throw invalid(`An expression attribute name used in the document path is not defined: ${placeholder}`);
    this.used.add(placeholder);
    return name;
  }

  value(placeholder: string): AttributeValue {
    const value = this.values[placeholder];
    if (value === undefined)
      throw invalid(`An expression attribute value used in expression is not defined: ${placeholder}`);
    this.used.add(placeholder);
    return value;
  }

  /** DynamoDB refuses what no expression uses. */
  requireAllUsed(): void {
    for (const [what, given] of [
      ['ExpressionAttributeNames', this.names],
      ['ExpressionAttributeValues', this.values],
    ] as const) {
      const unused = Object.keys(given).filter((placeholder) => !this.used.has(placeholder));
      if (unused.length > 0)
        throw invalid(`Value provided in ${what} unused in expressions: keys: {${unused.join(', ')}}`);
    }
  }
}

/** A recursive-descent parser of DynamoDB's expressions. */
class Parser {
  private readonly text: string;
  private readonly placeholders: Placeholders;
  private readonly tokens: string[] = [];
  private at = 0;

  constructor(text: string, placeholders: Placeholders) {
    this.text = text;
    this.placeholders = placeholders;
    TOKEN.lastIndex = 0;
    const trimmed = text.trimEnd();
    while (TOKEN.lastIndex < trimmed.length) {
      const start = TOKEN.lastIndex;
      const found = TOKEN.exec(trimmed);
      if (!found) throw invalid(`Invalid expression: Syntax error near "${trimmed.slice(start, start + 20)}"`);
      this.tokens.push(found[0].trim());
    }
    if (this.tokens.length === 0) throw invalid('Invalid expression: The expression can not be empty;');
  }

  peek(): string | undefined {
    return this.tokens[this.at];
  }

  word(): string {
    return (this.peek() ?? '').toUpperCase();
  }

  accept(token: string): boolean {
    if (this.word() !== token) return false;
    this.at++;
    return true;
  }

  expect(token: string): void {
    if (!this.accept(token)) throw this.unexpected();
  }

  unexpected(): ServiceError {
    return invalid(`Invalid expression: Syntax error; token: "${this.peek() ?? '<EOF>'}" in "${this.text}"`);
  }

  end(): void {
    if (this.at < this.tokens.length) throw this.unexpected();
  }

  next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw this.unexpected();
    return token;
  }

  commaSeparated<T>(item: () => T): T[] {
    const items = [item()];
    while (this.accept(',')) items.push(item());
    return items;
  }

  path(): Path {
    const path: (string | number)[] = [this.attribute()];
    for (;;) {
      if (this.accept('.')) path.push(this.attribute());
      else if (this.accept('[')) {
        path.push(Number(this.next()));
        this.expect(']');
      } else return path;
    }
  }

  private attribute(): string {
    const token = this.next();
    if (token.startsWith('#')) return this.placeholders.name(token);
    if (!/^[A-Za-z_]/.test(token)) {
      this.at--;
      throw this.unexpected();
    }
    if (RESERVED_WORDS.has(token.toUpperCase()))
      throw invalid(`Invalid expression: Attribute name is a reserved keyword; reserved keyword: ${token}`);
    return token;
  }

  value(): AttributeValue {
    const token = this.next();
    if (!token.startsWith(':')) {
      this.at--;
      throw this.unexpected();
    }
    return this.placeholders.value(token);
  }

  isCall(name: string): boolean {
    return this.peek() === name && this.tokens[this.at + 1] === '(';
  }

  call<T>(parameters: () => T): T {
    this.at++;
    this.expect('(');
    const result = parameters();
    this.expect(')');
    return result;
  }

  operand(): Operand {
    if (this.isCall('size')) return this.call(() => ({ kind: 'size', path: this.path() }));
    if (this.peek()?.startsWith(':')) return { kind: 'value', value: this.value() };
    return { kind: 'path', path: this.path() };
  }

  condition(): Condition {
    const parts = [this.conjunction()];
    while (this.accept('OR')) parts.push(this.conjunction());
    return parts.length === 1 ? (parts[0] as Condition) : { kind: 'or', parts };
  }

  private conjunction(): Condition {
    const parts = [this.negation()];
    while (this.accept('AND')) parts.push(this.negation());
    return parts.length === 1 ? (parts[0] as Condition) : { kind: 'and', parts };
  }

  private negation(): Condition {
    return this.accept('NOT') ? { kind: 'not', part: this.negation() } : this.primary();
  }

  private primary(): Condition {
    if (this.accept('(')) {
      const inner = this.condition();
      this.expect(')');
      return inner;
    }
    for (const [name, expected] of [
      ['attribute_exists', true],
      ['attribute_not_exists', false],
    ] as const)
      if (this.isCall(name)) return this.call(() => ({ kind: 'exists', path: this.path(), expected }));
    for (const [name, kind] of [
      ['begins_with', 'beginsWith'],
      ['contains', 'contains'],
    ] as const)
      if (this.isCall(name)) return this.call(() => ({ kind, ...this.pair() }));
    if (this.isCall('attribute_type')) {
      return this.call(() => {
        const path = this.path();
        this.expect(',');
        return { kind: 'type', path, operand: this.operand() };
      });
    }
    const left = this.operand();
    if (this.accept('BETWEEN')) {
      const low = this.operand();
      this.expect('AND');
      return { kind: 'between', operand: left, low, high: this.operand() };
    }
    if (this.accept('IN')) {
      this.expect('(');
      const choices = this.commaSeparated(() => this.operand());
      this.expect(')');
      return { kind: 'in', operand: left, choices };
    }
    const comparator = this.next();
    if (!['=', '<>', '<', '<=', '>', '>='].includes(comparator)) {
      this.at--;
      throw this.unexpected();
    }
    return { kind: 'compare', comparator: comparator as Comparator, left, right: this.operand() };
  }

  private pair(): { left: Operand; right: Operand } {
    const left = this.operand();
    this.expect(',');
    return { left, right: this.operand() };
  }

  assigned(): Assigned {
    const left = this.assignedTerm();
    for (const [token, sign] of [
      ['+', 1],
      ['-', -1],
    ] as const)
      if (this.accept(token)) return { kind: 'sum', sign, left, right: this.assignedTerm() };
    return left;
  }

  private assignedTerm(): Assigned {
    if (this.isCall('if_not_exists')) {
      return this.call(() => {
        const path = this.path();
        this.expect(',');
        return { kind: 'ifNotExists', path, otherwise: this.assigned() };
      });
    }
    if (this.isCall('list_append')) {
      return this.call(() => {
        const left = this.assigned();
        this.expect(',');
        return { kind: 'listAppend', left, right: this.assigned() };
      });
    }
    return this.operand();
  }

  changes(): Change[] {
    const changes: Change[] = [];
    while (this.peek() !== undefined) {
      const clause = this.word();
      this.at++;
      if (clause === 'SET') {
        changes.push(
          ...this.commaSeparated((): Change => {
            const path = this.path();
            this.expect('=');
            return { kind: 'set', path, assigned: this.assigned() };
          }),
        );
      } else if (clause === 'REMOVE') {
        changes.push(...this.commaSeparated((): Change => ({ kind: 'remove', path: this.path() })));
      } else if (clause === 'ADD' || clause === 'DELETE') {
        const kind = clause === 'ADD' ? 'add' : 'delete';
        changes.push(...this.commaSeparated((): Change => ({ kind, path: this.path(), value: this.value() })));
      } else {
        this.at--;
        throw this.unexpected();
      }
    }
    return changes;
  }
}

/** Parses the whole text with one rule of the grammar. */
function whole<T>(text: string, placeholders: Placeholders, rule: (parser: Parser) => T): T {
  const parser = new Parser(text, placeholders);
  const result = rule(parser);
  parser.end();
  return result;
}

export const parseCondition = (text: string, placeholders: Placeholders): Condition =>
  whole(text, placeholders, (parser) => parser.condition());

export const parseUpdate = (text: string, placeholders: Placeholders): Change[] =>
  whole(text, placeholders, (parser) => parser.changes());

export const parseProjection = (text: string, placeholders: Placeholders): Path[] =>
  whole(text, placeholders, (parser) => parser.commaSeparated(() => parser.path()));
