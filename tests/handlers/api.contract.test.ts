import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  CELL_CHANGE_FIELDS,
  COUNTRY_FIELDS,
  DATASET_FIELDS,
  EXPORTER_CHANGE_FIELDS,
  OPPORTUNITY_FIELDS,
  PRODUCT_FIELDS,
  RUN_FIELDS,
} from '../../functions/api/fields.ts';
import * as schemas from '../../functions/api/schemas.ts';
import { ProxyEvent } from '../../functions/exchange.ts';
import { ROUTES, SUBSCRIPTION_ROUTES } from '../../infra/routes.ts';
import { backtestJson, backtestPage } from '../../lib/app/backtestRecord.ts';
import { dropOf, flowDataset } from '../app/records.fixture.ts';
import { publish, SMALL, scoredWorld } from '../app/scoredWorld.fixture.ts';
import { api, type Reply } from './apiClient.fixture.ts';

interface Document {
  openapi: string;
  servers: { url: string }[];
  paths: Record<
    string,
    {
      get: {
        operationId: string;
        parameters: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[];
        responses: Record<string, { content?: Record<string, { schema: { $ref: string } }>; $ref?: string }>;
      };
    }
  >;
  components: { schemas: Record<string, Record<string, unknown>> };
}

let service: ReturnType<typeof api>;
let document: Document;
beforeAll(async () => {
  service = api();
  // a world by the codes of the example events: two products at HS6, in a world of a few countries
  const shape = {
    ...SMALL,
    products: [
      { code: '090111', name: 'green coffee beans' },
      { code: '090121', name: 'roasted coffee' },
      { code: '870323', name: 'motor cars' },
    ],
  };
  await publish(service, scoredWorld(shape), {
    run: '7d1f0c2ab93e4e5f',
    slot: 0,
    at: '2026-03-01T00:00:00.000Z',
    synthetic: true,
  });
  const dataset = flowDataset({ dataset: 'aa' }, [2017]);
  await service.catalog.putDataset(dataset);
  await service.catalog.putDrop(dropOf(dataset));
  document = (await service.ask('/v1/openapi.json')).json() as unknown as Document;
  // what a back-test says of a year in which nothing could be judged
  const run = (await service.catalog.runs(1))[0]!;
  await service.catalog.putRun({
    ...run,
    manifest: { ...run.manifest, earlier: { year: 2010, inputs: [], between: [] } },
  });
  const nothing = {
    run: run.run,
    base: 2010,
    outcome: 2017,
    between: [],
    level: 6,
    hsRevision: 'HS17',
    synthetic: false,
    eventUsd: 100_000,
    draws: 10,
    exporters: { known: 0, judged: 0, lost: 0 },
    universe: null,
    scores: [],
    lists: [],
    skipped: [],
    limits: ['One period is one experiment.'],
    reason: 'No exporter has flows in both years.',
  };
  await service.pages.put([backtestPage(run.run, backtestJson(nothing))]);
});

/** A schema of the served document as zod, its references filled in, closed to fields that it does not know. */
function served(name: string): z.ZodType {
  const fill = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(fill);
    if (typeof node !== 'object' || node === null) return node;
    if ('$ref' in node) return fill(document.components.schemas[String(node.$ref).split('/').at(-1)!]);
    const filled = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, fill(value)]));
    return filled.type === 'object' && filled.properties && filled.additionalProperties === undefined
      ? { ...filled, additionalProperties: false }
      : filled;
  };
  return z.fromJSONSchema(fill(document.components.schemas[name]) as z.core.JSONSchema.JSONSchema);
}

function holds(reply: Reply, path: string): void {
  const name = document.paths[path]!.get.responses['200']!.content!['application/json']!.schema.$ref.split('/').at(-1)!;
  for (const schema of [served(name), (schemas as unknown as Record<string, z.ZodType>)[schemaNamed(name)]!]) {
    const parsed = schema.safeParse(reply.json());
    expect(parsed.error?.issues ?? []).toEqual([]);
  }
}
/** The export whose id is the name. */
const schemaNamed = (id: string) =>
  Object.entries(schemas).find(([, schema]) => z.globalRegistry.get(schema)?.id === id)![0];

const folder = resolve(import.meta.dirname, '../../events');
const events = readdirSync(folder).filter((name) => name.startsWith('api.'));

describe('the example requests', () => {
  it.each(events)('%s is taken, and its answer is as the document says', async (name) => {
    const event = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    expect(ProxyEvent.safeParse(event).success).toBe(true);
    const reply = await service.send(event);
    expect(reply.status).toBe(200);
    expect(reply.headers['x-request-id']).toBe(event.requestContext.requestId);
    if (reply.headers['content-type']!.startsWith('application/json')) holds(reply, event.resource);
    else expect(reply.headers['content-type']).toBe('text/csv; charset=utf-8');
  });

  it('there is one for every route', () => {
    const resources = events.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).resource);
    expect(new Set(resources)).toEqual(new Set(ROUTES));
  });
});

describe('the OpenAPI document', () => {
  it('describes the routes that are deployed, and no others', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(document.paths).sort()).toEqual([...ROUTES, ...SUBSCRIPTION_ROUTES].sort());
  });

  it('names every parameter of a path, and operations once', () => {
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, ...operation })),
    );
    expect(operations.length).toBeGreaterThan(Object.keys(document.paths).length);
    for (const { path, parameters } of operations) {
      const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]));
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });

  it('states the bounds that requests are held to', () => {
    const { parameters } = document.paths['/v1/opportunities']!.get;
    const of = (name: string) => parameters.find((parameter) => parameter.name === name)!;
    expect(of('exporter').required).toBe(true);
    expect(of('limit')).toMatchObject({
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 500, default: 50 },
    });
    expect(of('minScore').schema).toMatchObject({ type: 'number', minimum: 0, maximum: 100 });
    expect(of('basis').schema).toMatchObject({ enum: ['newMarket', 'existing', 'newPair', 'newProduct'] });
    expect(of('fields')).toMatchObject({ style: 'form', explode: false, schema: { type: 'array' } });
  });

  it('refers only to what it defines', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1]!);
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) {
      const target = reference
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown>)?.[key], document);
      expect(target, reference).toBeDefined();
    }
  });

  it('has the stage in its server', async () => {
    const { servers } = (await service.ask('/api/v1/openapi.json', { stage: '/api' })).json() as unknown as Document;
    expect(servers).toEqual([{ url: '/api' }]);
  });

  it('would notice a field that is not described', () => {
    expect(served('Health').safeParse({ status: 'ok' }).success).toBe(true);
    expect(served('Health').safeParse({ status: 'ok', more: 1 }).success).toBe(false);
    expect(served('Opportunity').safeParse({}).success).toBe(false);
  });
});

describe('problems', () => {
  it.each([
    '/v1/opportunities?exporter=ZZZ',
    '/v1/opportunities?limit=x',
    '/v1/nowhere',
    '/v1/runs/none',
    '/v1/countries?format=pdf',
  ])('%s is as the document says', async (url) => {
    const reply = await service.ask(url);
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(served('Problem').safeParse(reply.json()).error?.issues ?? []).toEqual([]);
  });
});

describe('columns of tables', () => {
  it.each([
    ['opportunities', OPPORTUNITY_FIELDS, schemas.Opportunity],
    ['countries', COUNTRY_FIELDS, schemas.Country],
    ['products', PRODUCT_FIELDS, schemas.Product],
    ['runs', RUN_FIELDS, schemas.RunItem],
    ['datasets', DATASET_FIELDS, schemas.DatasetItem],
    ['changes', EXPORTER_CHANGE_FIELDS, schemas.ExporterChange],
    ['changes of an exporter', CELL_CHANGE_FIELDS, schemas.CellChange],
  ])('of %s are the fields of the schema', (_, fields, schema) => {
    expect(fields).toEqual(Object.keys(schema.shape));
  });
});
