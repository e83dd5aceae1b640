import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { IngestEvent, ingestHandler } from '../../functions/ingest/handler.ts';
import { flowsCsv, ingestWorld } from '../app/ingest.fixture.ts';

const EVENTS = join(import.meta.dirname, '../../events');
const examples = readdirSync(EVENTS).filter((name) => name.startsWith('ingest.'));
const example = (name: string) => JSON.parse(readFileSync(join(EVENTS, name), 'utf8'));
const context = {} as Context;

describe('ingest', () => {
  it.each(examples)('accepts events/%s and finds no such object', async (name) => {
    expect(IngestEvent.parse(example(name)).Records[0].body.detail.object.key).toMatch(/^drops\//);
    const { deps } = ingestWorld();
    expect(await ingestHandler({ ...deps, measure: () => undefined })(example(name), context)).toEqual({
      outcome: 'absent',
    });
  });

  it('takes in the object of the event, whose key is not URL-encoded', async () => {
    const { deps, put, catalog } = ingestWorld();
    const event = example('ingest.objectCreated.json');
    const body = JSON.parse(event.Records[0].body);
    expect(body.detail.object.key).toBe('drops/BACI_HS17_Y2023 España.csv.gz');
    body.detail.object.etag = (await put(body.detail.object.key, flowsCsv('2020,MEX,USA,870323,1500'))).etag;
    event.Records[0].body = JSON.stringify(body);
    expect(await ingestHandler({ ...deps, measure: () => undefined })(event, context)).toMatchObject({
      outcome: 'stored',
    });
    expect(await catalog.drops()).toMatchObject([{ key: body.detail.object.key, sequencer: '00617F08299329D189' }]);
  });

  it('answers a refused file as an outcome, so that the queue does not bring it back', async () => {
    const { deps, put } = ingestWorld();
    const event = example('ingest.objectCreated.json');
    const body = JSON.parse(event.Records[0].body);
    body.detail.object.etag = (await put(body.detail.object.key, 'nothing\nof use\n')).etag;
    event.Records[0].body = JSON.stringify(body);
    expect(await ingestHandler({ ...deps, measure: () => undefined })(event, context)).toMatchObject({
      outcome: 'refused',
    });
  });

  it.each([
    ['no JSON', { Records: [{ messageId: 'm', body: 'drop' }] }],
    ['another event', { Records: [{ messageId: 'm', body: '{"detail-type":"Object Deleted"}' }] }],
    ['two messages', { Records: [0, 1].map(() => example('ingest.objectCreated.json').Records[0]) }],
    ['no message', { Records: [] }],
  ])('throws on %s, for the dead letters', async (_name, event) => {
    await expect(ingestHandler({ ...ingestWorld().deps, measure: () => undefined })(event, context)).rejects.toThrow();
  });
});
