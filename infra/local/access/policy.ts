/** Who asks: a role of the application, a service on its own account, or the person at this machine. */
export interface Principal {
  readonly kind: 'role' | 'service';
  /** ARN of the role, or host name of the service (`events.amazonaws.com`) */
  readonly id: string;
}

/** One thing that is about to be done. `context` holds what conditions may ask about. */
export interface Access {
  readonly principal: Principal;
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Patterns;
  readonly resources: Patterns;
  /** null in a policy of a role, which speaks for that role */
  readonly principals: readonly string[] | null;
  readonly conditions: readonly Condition[];
}

export interface Patterns {
  readonly patterns: readonly Pattern[];
  /** `NotAction`, `NotResource`: everything but these */
  readonly inverted: boolean;
}

export interface Pattern {
  /** as the policy has it */
  readonly text: string;
  matches(text: string): boolean;
}

interface Condition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** What conditions may ask about. A key that is not here would be compared with nothing, so it stops the home. */
const CONTEXT_KEYS = new Set([
  'aws:SecureTransport',
  'aws:SourceArn',
  'aws:SourceAccount',
  'aws:PrincipalAccount',
  's3:prefix',
]);

const DOCUMENT_FIELDS = new Set(['Version', 'Id', 'Statement']);
/** The language in which everything below is meant; an older one knows no `?`. */
const VERSION = '2012-10-17';

const STATEMENT_FIELDS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'Condition',
]);

const listed = (value: unknown): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];

/** `*` any run of characters, `?` one. */
function wildcard(pattern: string, flags = ''): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, `s${flags}`);
}

/**
 * Reads a policy document.
 *
 * @param place  the resource that holds it, for messages
 * @param of     the resources that the policy belongs to, when its statements name none
 * @throws Error for an element, operator or condition key that is not evaluated here
 */
export function readPolicy(document: unknown, place: string, of: readonly string[] = []): Statement[] {
  const fields = (document ?? {}) as { Version?: unknown; Statement?: unknown };
  for (const field of Object.keys(fields))
    if (!DOCUMENT_FIELDS.has(field))
      throw new Error(`${place}: ${field} in a policy is not implemented by the local home`);
  if (fields.Version !== undefined && fields.Version !== VERSION)
    throw new Error(`${place}: policies of version ${fields.Version} are not implemented by the local home`);
  const stated = fields.Statement ?? [];
  return (Array.isArray(stated) ? stated : [stated]).map((raw: Readonly<Record<string, unknown>>) => {
    for (const field of Object.keys(raw))
      if (!STATEMENT_FIELDS.has(field))
        throw new Error(`${place}: ${field} in a policy is not implemented by the local home`);
    const { Effect: effect } = raw;
    if (effect !== 'Allow' && effect !== 'Deny')
      throw new Error(`${place}: the effect of a statement is ${JSON.stringify(effect)}, not Allow or Deny`);
    return {
      effect,
      actions: {
        patterns: listed(raw.Action ?? raw.NotAction).map((action) => pattern(action, place, 'i')),
        inverted: raw.NotAction !== undefined,
      },
      resources: {
        patterns: listed(raw.Resource ?? raw.NotResource ?? of).map((resource) => pattern(resource, place)),
        inverted: raw.NotResource !== undefined,
      },
      principals: raw.Principal === undefined ? null : readPrincipals(raw.Principal, place),
      conditions: readConditions(raw.Condition, place),
    } satisfies Statement;
  });
}

function pattern(text: string, place: string, flags = ''): Pattern {
  if (text.includes('${')) throw new Error(`${place}: the variable in ${text} is not implemented by the local home`);
  const expression = wildcard(text, flags);
  return { text, matches: (candidate) => expression.test(candidate) };
}

function readPrincipals(principal: unknown, place: string): string[] {
  if (typeof principal === 'string') return [principal];
  for (const kind of Object.keys(principal as object))
    if (kind !== 'AWS' && kind !== 'Service')
      throw new Error(`${place}: principals of the kind ${kind} are not implemented by the local home`);
  return Object.values(principal as Record<string, unknown>).flatMap(listed);
}

function readConditions(conditions: unknown, place: string): Condition[] {
  return Object.entries((conditions ?? {}) as Record<string, Record<string, unknown>>).flatMap(([operator, keys]) => {
    if (!Object.hasOwn(OPERATORS, operator))
      throw new Error(`${place}: the condition operator ${operator} is not implemented by the local home`);
    return Object.entries(keys).map(([key, values]) => {
      if (!CONTEXT_KEYS.has(key))
        throw new Error(`${place}: the condition key ${key} is not implemented by the local home`);
      const stated = listed(values);
      for (const value of stated) pattern(value, place);
      return { operator, key, values: stated };
    });
  });
}

/** Whether one value of the request agrees with one value of the policy. A negative operator asks that none agrees. */
const OPERATORS: Readonly<Record<string, { negative?: true; agrees: (actual: string, stated: string) => boolean }>> = {
  StringEquals: { agrees: (actual, stated) => actual === stated },
  StringNotEquals: { negative: true, agrees: (actual, stated) => actual === stated },
  StringLike: { agrees: (actual, stated) => wildcard(stated).test(actual) },
  StringNotLike: { negative: true, agrees: (actual, stated) => wildcard(stated).test(actual) },
  ArnEquals: { agrees: (actual, stated) => wildcard(stated).test(actual) },
  ArnLike: { agrees: (actual, stated) => wildcard(stated).test(actual) },
  ArnNotLike: { negative: true, agrees: (actual, stated) => wildcard(stated).test(actual) },
  Bool: { agrees: (actual, stated) => actual.toLowerCase() === stated.toLowerCase() },
};

function holds({ operator, key, values }: Condition, context: Readonly<Record<string, string>>): boolean {
  const { negative = false, agrees } = OPERATORS[operator] as (typeof OPERATORS)[string];
  const actual = context[key];
  // a key that the request does not have agrees with nothing
  if (actual === undefined) return negative;
  return values.some((stated) => agrees(actual, stated)) !== negative;
}

const covers = ({ patterns, inverted }: Patterns, text: string) =>
  patterns.some(({ matches }) => matches(text)) !== inverted;

/** Whether a statement says anything about an access. */
export function applies(statement: Statement, { principal, action, resource, context = {} }: Access): boolean {
  const speaksOf = statement.principals;
  return (
    (speaksOf === null || speaksOf.includes('*') || speaksOf.includes(principal.id)) &&
    covers(statement.actions, action) &&
    covers(statement.resources, resource) &&
    // this machine's traffic never leaves it: it counts as encrypted
    statement.conditions.every((condition) => holds(condition, { 'aws:SecureTransport': 'true', ...context }))
  );
}
