import * as z from 'zod';
import { MEDIA_TYPES } from '../mediaTypes.ts';
import { type Operation, operations } from '../subscriptions/operations.ts';
import type { Route } from './route.ts';
import * as answers from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The OpenAPI 3.1 document of the routes, from the very schemas that check requests and describe answers. Objects are left open: a client
 * must bear a new field.
 *
 * @param prefix what stands before the paths in the address that the caller used
 */
export function openApi(routes: readonly Route[], prefix: string): Json {
  const { schemas } = z.toJSONSchema(z.globalRegistry, {
    uri: (id) => `#/components/schemas/${id}`,
    io: 'output',
    unrepresentable: 'any',
  });
  return {
    openapi: '3.1.1',
    info: {
      title: 'Portolan',
      version: '1',
      description:
        'Where an exporter could sell more, from trade statistics. Every answer names the run that its numbers belong to; amounts are USD. ' +
        'Unknown parameters and codes are refused with what is allowed; an empty answer says why it is empty.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    paths: {
      ...Object.fromEntries(routes.map((route) => [route.path, { get: operation(route) }])),
      ...subscriptionPaths(),
    },
    components: {
      securitySchemes: {
        managementToken: { type: 'http', scheme: 'bearer', description: 'The token shown when a subscription began.' },
      },
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, tidy(schema)])),
      responses: {
        Problem: {
          description: 'What is wrong, which parameter, what is allowed.',
          content: { 'application/problem+json': { schema: ref('Problem') } },
        },
        NotModified: { description: 'The caller has this answer already (If-None-Match).' },
      },
    },
  };
}

function operation({ operationId, summary, tag, pathParameters, query, answer, isList }: Route): Json {
  const problem = { $ref: '#/components/responses/Problem' };
  return {
    operationId,
    summary,
    tags: [tag],
    parameters: [
      ...Object.entries(pathParameters?.shape ?? {}).map(([name, schema]) => parameter('path', name, schema)),
      ...Object.entries(query.shape).map(([name, schema]) => parameter('query', name, schema)),
    ],
    responses: {
      '200': {
        description: 'The answer.',
        headers: {
          ETag: { schema: { type: 'string' } },
          ...(isList && { Link: { description: 'rel="next" while there is more.', schema: { type: 'string' } } }),
        },
        content: {
          [MEDIA_TYPES.json]: { schema: ref(answer) },
          ...(isList && {
            [MEDIA_TYPES.csv]: { schema: { type: 'string' } },
            [MEDIA_TYPES.ndjson]: { schema: { type: 'string' } },
          }),
        },
      },
      '304': { $ref: '#/components/responses/NotModified' },
      '400': problem,
      '406': problem,
      ...(query.shape.cursor && { '410': problem }),
      default: problem,
    },
  };
}

/** What can be done with subscriptions, by path and method. */
function subscriptionPaths(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const each of operations) {
    const path = paths[each.path] ?? {};
    path[each.method.toLowerCase()] = subscriptionOperation(each);
    paths[each.path] = path;
  }
  return paths;
}

function subscriptionOperation({ id, summary, by, path, body, status, answer, query, headers }: Operation): Json {
  const text = (place: string, name: string, description: string, required: boolean) => ({
    name,
    in: place,
    required,
    description,
    schema: { type: 'string' },
  });
  const named = (place: string, of: Operation['query'], required: boolean) =>
    Object.entries(of ?? {}).map(([name, description]) => text(place, name, description, required));
  const problem = { $ref: '#/components/responses/Problem' };
  const content =
    answer === null
      ? null
      : answer === 'html'
        ? { 'text/html': { schema: { type: 'string' } } }
        : { [MEDIA_TYPES.json]: { schema: { $ref: `#/components/schemas/${z.globalRegistry.get(answer)?.id}` } } };
  return {
    operationId: `${id}Subscription`,
    summary,
    tags: ['subscriptions'],
    ...(by === 'token' && { security: [{ managementToken: [] }] }),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => text('path', name, `Id of the ${name}.`, true)),
      ...named('query', query, by === 'link'),
      ...named('header', headers, false),
    ],
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: tidy(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })) },
        },
      },
    }),
    responses: {
      [status]: { description: 'Done.', ...(content && { content }) },
      ...(by === 'token' && { '401': problem }),
      default: problem,
    },
  };
}

function parameter(place: 'path' | 'query', name: string, schema: z.ZodType): Json {
  const { description, example, ...rest } = tidy(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' })) as {
    description?: string;
    example?: unknown;
    type?: string;
  };
  return {
    name,
    in: place,
    required: place === 'path' || !schema.safeParse(undefined).success,
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    schema: rest,
    ...(rest.type === 'array' && { style: 'form', explode: false }),
  };
}

function ref(answer: Route['answer']): Json {
  const schema = new Map<string, z.ZodType>(Object.entries(answers)).get(answer);
  const id = schema && z.globalRegistry.get(schema)?.id;
  if (id === undefined) throw new RangeError(`openApi: ${answer} has no id`);
  return { $ref: `#/components/schemas/${id}` };
}

/** Without what belongs to a document of its own, and without closed objects. */
function tidy(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(tidy);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(
        ([key, value]) => key !== '$schema' && key !== '$id' && !(key === 'additionalProperties' && value === false),
      )
      .map(([key, value]) => [key, tidy(value)]),
  );
}
