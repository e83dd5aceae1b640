import type * as z from 'zod';
import { Failure, type RequestError } from '../../lib/core/errors.ts';
import { type Answer, type ProxyEvent, prefixOf } from '../exchange.ts';
import type { Format } from '../mediaTypes.ts';
import { nearestWord } from './nearest.ts';

type Parameters = z.ZodObject<Record<string, z.ZodType>>;

/** One question of the API: how it is asked, how it is answered, and what the OpenAPI document says of both. */
export interface Route<Path extends Parameters = Parameters, Query extends Parameters = Parameters> {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly pathParameters?: Path;
  readonly query: Query;
  /** the schema of the JSON answer, by its name in schemas.ts */
  readonly answer: keyof typeof import('./schemas.ts');
  /** whether CSV and NDJSON are possible */
  readonly isList: boolean;
  respond(asked: Asked<z.output<Path>, z.output<Query>>): Promise<Given>;
}

/** A request as a route reads it. */
export interface Asked<Path, Query> {
  readonly path: Path;
  readonly query: Query;
  /** the address of this route with other parameters, as the caller can use it */
  link(query: Readonly<Record<string, unknown>>): string;
  readonly prefix: string;
}

export type Given = Pick<Answer, 'body' | 'run' | 'next'> & Partial<Pick<Answer, 'table'>>;

/** Keeps the types of a route's parameters together while it is written. */
export const route = <Path extends Parameters, Query extends Parameters>(written: Route<Path, Query>): Route =>
  written as unknown as Route;

/** The function that the router calls: reads the parameters, asks the route, and says what the answer was about. */
export const answering =
  ({ path: pattern, pathParameters, query: schema, respond }: Route) =>
  async (event: ProxyEvent): Promise<Answer> => {
    const path = pathParameters ? parse(pathParameters, decoded(event)) : {};
    const query = parse(schema, once(event));
    const prefix = prefixOf(event);
    const place = pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
    const link = (parameters: Readonly<Record<string, unknown>>) => `${prefix}${place}${queryString(parameters)}`;
    const given = await respond({ path, query, link, prefix });
    return {
      ...given,
      canonical: link(query),
      format: query.format as Format | undefined,
      byteOrderMark: query.bom === '1',
    };
  };

/** Parameters in the order of their names. */
function queryString(parameters: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value)).replaceAll('%2C', ',')}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** The query parameters, each of which may be given once. */
function once({ queryStringParameters, multiValueQueryStringParameters }: ProxyEvent): Record<string, string> {
  const repeated = Object.entries(multiValueQueryStringParameters ?? {}).filter(
    ([, values]) => (values?.length ?? 0) > 1,
  );
  if (repeated.length > 0) {
    throw new Failure('request.invalid', {
      errors: repeated.map(([parameter]) => ({ parameter, detail: 'is given more than once' })),
    });
  }
  return (queryStringParameters ?? {}) as Record<string, string>;
}

/** Path parameters as they were meant: percent signs undone. */
function decoded({ pathParameters }: ProxyEvent): Record<string, string> {
  return Object.fromEntries(
    Object.entries(pathParameters ?? {}).map(([name, value = '']) => {
      try {
        return [name, decodeURIComponent(value)];
      } catch {
        return [name, value];
      }
    }),
  );
}

/** Parameters as a schema reads them. Failure `request.invalid` names each that is wrong and what is allowed. */
export function parse(schema: Parameters, given: Record<string, string>): Record<string, unknown> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const names = Object.keys(schema.shape);
  throw new Failure('request.invalid', {
    errors: parsed.error.issues.flatMap((issue) => requestErrors(issue, names, given)),
  });
}

/** One zod issue in the words of a request. */
function requestErrors(
  issue: z.core.$ZodIssue,
  names: readonly string[],
  given: Record<string, string>,
): RequestError[] {
  const parameter = String(issue.path[0] ?? '');
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const meant = nearestWord(key, names);
        return {
          parameter: key,
          detail: `is no parameter here${meant ? `; did you mean ${meant}?` : ''}`,
          allowed: names,
        };
      });
    case 'invalid_value': {
      const allowed = issue.values.map(String);
      // of a comma-separated list, the one that is wrong
      const wrong =
        issue.path.length > 1 ? given[parameter]?.split(',')[Number(issue.path[1])]?.trim() : given[parameter];
      const meant = nearestWord(wrong ?? '', allowed);
      return [{ parameter, detail: `"${wrong}" is not possible${meant ? `; did you mean ${meant}?` : ''}`, allowed }];
    }
    case 'too_small':
      return [{ parameter, detail: issue.origin === 'number' ? `must be at least ${issue.minimum}` : 'is empty' }];
    case 'too_big':
      return [
        {
          parameter,
          detail:
            issue.origin === 'number'
              ? `must be at most ${issue.maximum}`
              : `is longer than ${issue.maximum} characters`,
        },
      ];
    case 'invalid_type':
      return [
        { parameter, detail: given[parameter] === undefined ? 'is required' : `must be ${kindOf(issue.expected)}` },
      ];
    default:
      return [{ parameter, detail: issue.message }];
  }
}

const kindOf = (expected: string) => (expected === 'int' ? 'a whole number' : `a ${expected}`);
