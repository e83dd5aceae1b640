import { beforeEach, describe, expect, it } from 'vitest';
import { publish, type ScoredWorld, SMALL, scoredWorld } from '../app/scoredWorld.fixture.ts';
import { api } from './apiClient.fixture.ts';

const AT = '2026-03-01T00:00:00.000Z';
const world: ScoredWorld = scoredWorld(SMALL);
let service: ReturnType<typeof api>;
beforeEach(async () => {
  service = api();
  await publish(service, world, { run: 'r1', slot: 0, at: AT });
});
const LIST = '/v1/opportunities?exporter=MEX';

describe('what is asked wrongly', () => {
  it.each([
    ['exporter missing', '/v1/opportunities', 'exporter', /is required/],
    ['an unknown parameter', `${LIST}&importr=USA`, 'importr', /no parameter here; did you mean importer\?/],
    ['a parameter given twice', `${LIST}&limit=1&limit=2`, 'limit', /more than once/],
    ['text for a number', `${LIST}&minScore=high`, 'minScore', /must be a number/],
    ['nothing for a number', `${LIST}&minScore=`, 'minScore', /must be a number/],
    ['infinity', `${LIST}&minPotentialUsd=1e999`, 'minPotentialUsd', /must be/],
    ['a fraction for a count', `${LIST}&limit=1.5`, 'limit', /must be a whole number/],
    ['a limit of nothing', `${LIST}&limit=0`, 'limit', /at least 1/],
    ['a limit too large', `${LIST}&limit=501`, 'limit', /at most 500/],
    ['an unknown sort', `${LIST}&sort=-potential`, 'sort', /"-potential" is not possible/],
    ['an unknown basis', `${LIST}&basis=newmarkt`, 'basis', /did you mean newMarket\?/],
    ['an unknown field', `${LIST}&fields=product,scor`, 'fields', /"scor" is not possible; did you mean score\?/],
    ['an unknown format', `${LIST}&format=xlsx`, 'format', /"xlsx" is not possible/],
    ['a made-up cursor', `${LIST}&cursor=abc`, 'cursor', /not one that this service gave out/],
    ['a parameter where none is', '/v1/health?deep=1', 'deep', /no parameter here/],
    ['CSV of a single thing', '/v1/countries/MEX?format=csv', 'format', /"csv" is not possible/],
  ])('%s: 400 that names it', async (_, url, parameter, detail) => {
    const reply = await service.ask(url);
    expect(reply.status).toBe(400);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    const body = reply.json();
    expect(body).toMatchObject({ type: '/problems/request-invalid', status: 400, requestId: 'gateway-request' });
    expect(body.errors).toContainEqual(expect.objectContaining({ parameter, detail: expect.stringMatching(detail) }));
    expect(body.detail).toContain(parameter);
  });

  it.each([
    ['a typo', 'exporter=MXE', 'exporter', 'MEX'],
    ['a name', 'exporter=Mexico', 'exporter', 'MEX'],
    ['a name without its accent', 'exporter=cote%20divoire', 'exporter', 'CIV'],
    ['half a name', 'exporter=MEX&importer=United%20States', 'importer', 'USA'],
    ['two letters', 'exporter=MEX&importer=DE', 'importer', 'DEU'],
    ['a word for a product', 'exporter=MEX&product=gin', 'product', '2208'],
    ['a product of a finer level', 'exporter=MEX&product=870323', 'product', '8703'],
  ])('%s for a code: 400 with the nearest', async (_, query, parameter, meant) => {
    const reply = await service.ask(`/v1/opportunities?${query}`);
    expect(reply.status).toBe(400);
    expect(reply.json().type).toBe(`/problems/${parameter}-unknown`);
    expect(reply.json().errors[0]).toMatchObject({ parameter, allowed: expect.arrayContaining([meant]) });
    expect(reply.json().detail).toContain(`did you mean ${reply.json().errors[0]!.allowed![0]}`);
  });

  it('names every error at once', async () => {
    const { errors } = (await service.ask('/v1/opportunities?limit=no&basis=x&zzz=1')).json();
    expect(errors.map(({ parameter }) => parameter).sort()).toEqual(['basis', 'exporter', 'limit', 'zzz']);
  });

  it('an unknown path is 404, another method 405 with Allow', async () => {
    const unknown = await service.ask('/v1/opportunity');
    expect(unknown.status).toBe(404);
    expect(unknown.json()).toMatchObject({ type: '/problems/route-unknown', instance: '/v1/opportunity' });
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const reply = await service.ask('/v1/scores/MEX/0901/USA', { method });
      expect(reply.status).toBe(405);
      expect(reply.headers.allow).toBe('GET, HEAD, OPTIONS');
    }
    expect((await service.ask('/v1/opportunity', { method: 'POST' })).status).toBe(404);
  });

  it('an unknown run is 404', async () => {
    const reply = await service.ask('/v1/runs/nope');
    expect(reply.status).toBe(404);
    expect(reply.json().detail).toContain('nope');
  });
});

describe('what goes wrong inside', () => {
  it('a page that should be there and is not: 500 that tells nothing, logged with its cause', async () => {
    const broken = api();
    await publish(broken, world, { run: 'r1', slot: 0, at: AT });
    await broken.pages.put([{ partition: 's0#world', sort: 'products#0000', run: 'other', body: new Uint8Array(1) }]);
    const reply = await broken.ask(LIST);
    expect(reply.status).toBe(500);
    expect(reply.json()).toMatchObject({ type: '/problems/store-inconsistent', title: 'The service failed' });
    expect(reply.text).not.toContain('products');
    expect(broken.logged).toHaveLength(1);
    expect(broken.logged[0]!.message).toContain('gateway-request');
    expect(broken.logged[0]!.cause).toMatchObject({ detail: { what: 'products of run r1' } });
  });

  it('a throttled database: 503 with Retry-After', async () => {
    const busy = api();
    await publish(busy, world, { run: 'r1', slot: 0, at: AT });
    const throttled = Object.assign(new Error('slow down, table arn:aws:…'), { name: 'ThrottlingException' });
    busy.catalog.pointer = () => Promise.reject(throttled);
    const reply = await busy.ask(LIST);
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBe('1');
    expect(reply.text).not.toContain('arn');
  });

  it('nothing published yet: 503 for scores, an answer for everything else', async () => {
    const empty = api();
    const reply = await empty.ask(LIST);
    expect(reply.status).toBe(503);
    expect(reply.headers['retry-after']).toBeDefined();
    expect(reply.json().type).toBe('/problems/run-none');
    expect((await empty.ask('/v1/health')).json()).toEqual({ status: 'ok' });
    expect((await empty.ask('/v1/status')).json()).toMatchObject({ run: null, coverage: null, unit: 'USD' });
    expect((await empty.ask('/v1/runs')).json()).toMatchObject({ items: [], reason: { code: 'NOTHING_STORED' } });
    expect((await empty.ask('/v1/datasets')).json()).toMatchObject({ items: [], reason: { code: 'NOTHING_STORED' } });
    expect((await empty.ask('/v1/openapi.json')).status).toBe(200);
  });

  it('health asks nothing of anything', async () => {
    const dead = api();
    const fails = () => Promise.reject(new Error('no database'));
    Object.assign(dead.catalog, { pointer: fails, getRun: fails, runs: fails, drops: fails, datasets: fails });
    expect((await dead.ask('/v1/health')).status).toBe(200);
    expect((await dead.ask('/v1/status')).status).toBe(500);
  });
});

describe('cursors', () => {
  const second = async (url: string) => (await service.ask(url)).json().next!;

  it('belong to their filters and sort', async () => {
    const next = await second(`${LIST}&limit=2`);
    for (const other of [
      `${next}&importer=USA`,
      next.replace('MEX', 'DEU'),
      next.replace('sort=-score', 'sort=-potentialUsd'),
    ]) {
      const reply = await service.ask(other);
      expect(reply.status).toBe(400);
      expect(reply.json().errors[0]).toMatchObject({
        parameter: 'cursor',
        detail: expect.stringContaining('another request'),
      });
    }
    const cursor = new URL(next, 'https://x').searchParams.get('cursor');
    expect((await service.ask(`/v1/countries?cursor=${cursor}`)).status).toBe(400);
  });

  it('stay with their run while it can be read, then 410', async () => {
    const first = (await service.ask(`${LIST}&limit=2`)).json();
    const whole = (await service.ask(`${LIST}&limit=4`)).json().items;
    const other = scoredWorld({ ...SMALL, seed: 99 });
    await publish(service, other, { run: 'r2', slot: 1, at: AT });
    service.wait();
    expect((await service.ask(LIST)).json().run).toBe('r2');
    const reply = (await service.ask(first.next!)).json();
    expect(reply.run).toBe('r1');
    expect(reply.items).toEqual(whole.slice(2));
    await publish(service, world, { run: 'r3', slot: 2, at: AT });
    service.wait();
    const expired = await service.ask(first.next!);
    expect(expired.status).toBe(410);
    expect(expired.json()).toMatchObject({ type: '/problems/cursor-expired', detail: expect.stringContaining('r1') });
  });
});

describe('representation', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/csv', 'text/csv'],
    ['application/x-ndjson', 'application/x-ndjson'],
    ['text/html, application/json;q=0.5, text/csv;q=0.8', 'text/csv'],
    ['text/*', 'text/csv'],
    ['application/*;q=0.2, */*;q=0.1', 'application/json'],
    ['application/json;q=0, */*', 'text/csv'],
  ])('Accept %s gives %s', async (accept, type) => {
    const reply = await service.ask(LIST, { headers: accept === undefined ? {} : { ACCEPT: accept } });
    expect(reply.headers['content-type']).toBe(`${type}; charset=utf-8`);
    expect(reply.headers.vary).toContain('Accept');
  });

  it('406 names what there is; ?format= overrides Accept', async () => {
    const reply = await service.ask(LIST, { headers: { accept: 'application/pdf' } });
    expect(reply.status).toBe(406);
    expect(reply.json().errors[0]!.allowed).toEqual(['application/json', 'text/csv', 'application/x-ndjson']);
    expect((await service.ask('/v1/status', { headers: { accept: 'text/csv' } })).status).toBe(406);
    expect((await service.ask(`${LIST}&format=json`, { headers: { accept: 'application/pdf' } })).status).toBe(200);
  });

  it('CSV, NDJSON and JSON hold the same', async () => {
    const { items } = (await service.ask(`${LIST}&limit=20`)).json();
    const csv = (await service.ask(`${LIST}&limit=20&format=csv`)).text.split('\r\n');
    const ndjson = (await service.ask(`${LIST}&limit=20&format=ndjson`)).text.trim().split('\n');
    expect(csv[0]).toBe(`${Object.keys(items[0]!).join(',')},run`);
    expect(csv).toHaveLength(22);
    expect(csv.at(-1)).toBe('');
    expect(ndjson.map((line) => JSON.parse(line))).toEqual(items.map((item) => ({ ...item, run: 'r1' })));
    const importers = csv.slice(1, -1).map((line) => line.match(/,([A-Z]{3}),("[^"]*"|[^,]*),(new|existing)/)?.[1]);
    expect(importers).toEqual(items.map(({ importer }) => importer));
  });

  it('gives the fields asked for, in the order asked', async () => {
    const { items } = (await service.ask(`${LIST}&limit=2&fields=score,importer`)).json();
    expect(items.map((item) => Object.keys(item))).toEqual([
      ['score', 'importer'],
      ['score', 'importer'],
    ]);
  });

  it('begins a CSV with a byte order mark when asked', async () => {
    expect((await service.ask(`${LIST}&format=csv&bom=1`)).text.startsWith('\uFEFFexporter,')).toBe(true);
    expect((await service.ask(`${LIST}&format=csv`)).text.startsWith('exporter,')).toBe(true);
  });
});

describe('caching', () => {
  it('one strong ETag for one question, run and format; 304 when the caller has it', async () => {
    const tag = async (url: string) => (await service.ask(url)).headers.etag!;
    const etag = await tag(`${LIST}&limit=50&importer=USA`);
    expect(etag).toMatch(/^"[\w-]{27}"$/);
    expect(await tag(`/v1/opportunities?importer=USA&exporter=mex`)).toBe(etag);
    const others = [
      `${LIST}&importer=CAN`,
      `${LIST}&importer=USA&limit=49`,
      `${LIST}&importer=USA&format=csv`,
      '/v1/countries',
    ];
    expect(new Set([etag, ...(await Promise.all(others.map(tag)))]).size).toBe(5);

    for (const match of [etag, `"other", W/${etag}`, '*']) {
      const reply = await service.ask(`${LIST}&importer=USA`, { headers: { 'if-none-match': match } });
      expect(reply.status).toBe(304);
      expect(reply.text).toBe('');
      expect(reply.headers.etag).toBe(etag);
      expect(reply.headers['cache-control']).toContain('max-age=300');
    }
    expect((await service.ask(`${LIST}&importer=USA`, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);

    await publish(service, world, { run: 'r2', slot: 1, at: AT });
    service.wait();
    expect(await tag(`${LIST}&importer=USA`)).not.toBe(etag);
  });

  it('another version of the code gives another ETag, another stage too', async () => {
    const newer = api({ codeVersion: 'code2' });
    await publish(newer, world, { run: 'r1', slot: 0, at: AT });
    const tags = [await service.ask(LIST), await newer.ask(LIST), await service.ask(`/api${LIST}`, { stage: '/api' })];
    expect(new Set(tags.map(({ headers }) => headers.etag)).size).toBe(3);
  });

  it('data may be kept for five minutes, what changes at any time is asked for again', async () => {
    const data = await service.ask(LIST);
    expect(data.headers).toMatchObject({
      'cache-control': 'public, max-age=300, stale-while-revalidate=60',
      'last-modified': 'Sun, 01 Mar 2026 00:00:00 GMT',
      'x-run-id': 'r1',
    });
    for (const url of ['/v1/status', '/v1/runs', '/v1/datasets']) {
      const reply = await service.ask(url);
      expect(reply.headers['cache-control']).toBe('no-cache');
      const again = await service.ask(url, { headers: { 'if-none-match': reply.headers.etag! } });
      expect(again.status).toBe(304);
    }
  });
});

describe('the exchange', () => {
  it('echoes a decent request id, else gives one', async () => {
    const id = async (asked?: string) =>
      (await service.ask('/v1/health', { headers: asked === undefined ? {} : { 'X-Request-Id': asked } })).headers[
        'x-request-id'
      ];
    expect(await id('abc-123')).toBe('abc-123');
    expect(await id('evil\r\nset-cookie: x')).toBe('gateway-request');
    expect(await id('x'.repeat(200))).toBe('gateway-request');
    expect(await id()).toBe('gateway-request');
    const problem = await service.ask('/v1/nowhere', { headers: { 'x-request-id': 'abc' } });
    expect(problem.json().requestId).toBe('abc');
  });

  it('HEAD is GET without the body', async () => {
    const get = await service.ask(LIST);
    const head = await service.ask(LIST, { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, text: '', headers: get.headers });
    expect((await service.ask('/v1/nowhere', { method: 'HEAD' })).text).toBe('');
  });

  it('lets every origin read, or only those of the stage', async () => {
    expect((await service.ask(LIST)).headers['access-control-allow-origin']).toBe('*');
    expect((await service.ask(LIST)).headers['access-control-expose-headers']).toContain('ETag');
    const own = api({ corsOrigins: ['https://a.example', 'https://b.example'] });
    const from = async (origin?: string) =>
      (await own.ask('/v1/health', { headers: origin === undefined ? {} : { Origin: origin } })).headers;
    expect(await from('https://b.example')).toMatchObject({
      'access-control-allow-origin': 'https://b.example',
      vary: expect.stringContaining('Origin'),
    });
    expect(await from('https://c.example')).not.toHaveProperty('access-control-allow-origin');
    const preflight = await own.ask('/v1/opportunities', {
      method: 'OPTIONS',
      headers: { origin: 'https://a.example' },
    });
    expect(preflight).toMatchObject({ status: 204, text: '' });
    expect(preflight.headers['access-control-allow-methods']).toContain('GET');
  });

  it('gives links that work behind a stage', async () => {
    const body = (await service.ask(`/api${LIST}&limit=1`, { stage: '/api' })).json();
    expect(body.self).toBe('/api/v1/opportunities?exporter=MEX&limit=1&sort=-score');
    expect(body.next).toMatch(/^\/api\/v1\/opportunities\?cursor=/);
    expect((await service.ask(body.next!, { stage: '/api' })).status).toBe(200);
  });

  it('tells browsers not to sniff', async () => {
    for (const url of [LIST, '/v1/nowhere', `${LIST}&format=csv`]) {
      expect((await service.ask(url)).headers['x-content-type-options']).toBe('nosniff');
    }
  });
});
