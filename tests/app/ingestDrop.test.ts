import { describe, expect, it } from 'vitest';
import { namesOf } from '../../lib/app/dictionaries.ts';
import { ingestDrop } from '../../lib/app/ingestDrop.ts';
import { Dataset, Drop } from '../../lib/app/records.ts';
import type { DropReader } from '../../lib/ports/dropReader.ts';
import { flowsIn, zipOf } from '../ports/files/reading.ts';
import { baciCsv, countriesCsv, flowsCsv, ingestWorld } from './ingest.fixture.ts';

const one = flowsCsv('2020,MEX,USA,870323,1500');
const two = flowsCsv('2020,MEX,CAN,870323,7', '2021,MEX,CAN,870323,8');

describe('a drop that can be used', () => {
  it('becomes a dataset in the lake, a manifest, an outcome and an event', async () => {
    const world = ingestWorld();
    const outcome = await world.drop('drops/trade-HS17.csv', one);
    const [drop] = await world.catalog.drops();
    const [dataset] = await world.catalog.datasets();
    expect(Drop.parse(drop)).toMatchObject({
      key: 'drops/trade-HS17.csv',
      outcome: 'stored',
      dataset: dataset?.dataset,
      sequencer: '00000001',
      lastModified: '2026-01-01T00:00:01.000Z',
      bytes: one.length,
    });
    expect(Dataset.parse(dataset)).toMatchObject({
      kind: 'flows',
      format: 'tidy',
      key: 'drops/trade-HS17.csv',
      rowsRead: 1,
      rowsStored: 1,
      duplicatesSummed: 0,
      rejected: {},
      level: 6,
      hsRevision: 'HS17',
    });
    const short = dataset?.dataset.slice(0, 16);
    const [year] = dataset?.years ?? [];
    expect(year).toMatchObject({ year: 2020, rows: 1, valueUsd: 1500 });
    expect(year?.parquetKey).toBe(`curated/flows/source=tidy/year=2020/${short}.parquet`);
    expect(year?.columnsKey).toBe(`curated/columns/${year?.contentHash.slice(0, 16)}/2020.bin`);
    expect(flowsIn((await world.lake.get(year?.columnsKey ?? ''))!)).toEqual([
      { year: 2020, exporter: 'MEX', importer: 'USA', product: '870323', valueUsd: 1500 },
    ]);
    expect(
      Buffer.from((await world.lake.get(year?.parquetKey ?? ''))!)
        .subarray(0, 4)
        .toString(),
    ).toBe('PAR1');
    expect(world.events.published).toEqual([
      {
        detailType: 'dataset.ingested',
        detail: { dataset: dataset?.dataset, key: 'drops/trade-HS17.csv', kind: 'flows' },
      },
    ]);
    expect(outcome).toEqual({ outcome: 'stored', datasets: [dataset?.dataset], readAgain: [] });
  });

  it('of covariates is stored measure by measure, and covers the years that it states', async () => {
    const world = ingestWorld();
    const outcome = await world.drop(
      'drops/agreements.csv',
      'iso3_o,iso3_d,year,rta\nFRA,DEU,2000,1\nFRA,USA,2001,0\n',
    );
    const [dataset] = await world.catalog.datasets();
    expect(outcome).toMatchObject({ outcome: 'stored' });
    expect(Dataset.parse(dataset)).toMatchObject({ kind: 'covariates', format: 'agreements', countryCodes: '' });
    const [measure] = dataset?.measures ?? [];
    expect(measure).toMatchObject({ measure: 'rta', rows: 1, years: [2000, 2001] });
    expect(await world.lake.get(measure?.columnsKey ?? '')).not.toBeNull();
    expect(measure?.parquetKey).toBe(`curated/covariates/measure=rta/${dataset?.dataset.slice(0, 16)}.parquet`);
  });

  it('of covariates whose name says what they are is read again under another name', async () => {
    const world = ingestWorld();
    const text = 'Country Name,Country Code,Year,Value\nMexico,MEX,2000,5\n';
    const measures = async () =>
      (await world.catalog.datasets()).flatMap((dataset) => dataset.measures?.map(({ measure }) => measure));
    expect(await world.drop('drops/values.csv', text)).toMatchObject({ outcome: 'refused' });
    await world.drop('drops/gdp.csv', text);
    expect(await measures()).toEqual(['gdpUsd']);
    await world.drop('drops/population.csv', text);
    expect(await measures()).toEqual(['population']);
  });

  it('with faulty rows is stored without them, and they are listed in the lake', async () => {
    const world = ingestWorld();
    await world.drop('drops/x.csv', `${one}2020,MEX,CAN,870323,=2+2\n`);
    const [dataset] = await world.catalog.datasets();
    expect((await world.catalog.drops())[0]?.outcome).toBe('storedWithRejects');
    expect(dataset?.rejected).toEqual({ 'value not a number': 1 });
    const list = new TextDecoder().decode((await world.lake.get(dataset?.rejectsKey ?? ''))!);
    expect(list).toMatch(/\r\n3,valueUsd,'=2\+2,/);
  });

  it('for the same year as another one is a dataset beside it', async () => {
    const world = ingestWorld();
    await world.drop('drops/one.csv', one);
    await world.drop('drops/two.csv', two);
    const years = (await world.catalog.datasets()).map((dataset) => dataset.years?.map(({ year }) => year));
    expect(years).toHaveLength(2);
    expect(years).toEqual(expect.arrayContaining([[2020], [2020, 2021]]));
  });

  it('under another name is the same dataset, which goes by the newer name', async () => {
    const world = ingestWorld();
    await world.drop('drops/one.csv', one);
    const before = await world.listed('');
    await world.drop('drops/again.csv', one);
    const datasets = await world.catalog.datasets();
    expect(datasets.map(({ key }) => key)).toEqual(['drops/again.csv']);
    expect((await world.catalog.drops()).map(({ dataset }) => dataset)).toEqual(Array(2).fill(datasets[0]?.dataset));
    expect(await world.listed('')).toEqual(before);
  });

  it('and is a dictionary gives names to whoever asks', async () => {
    const world = ingestWorld();
    await world.drop('drops/countries.csv', countriesCsv('484,Mexico,MX,MEX'));
    await world.drop('drops/hs17.csv', 'code,description\n10121,Horses\n');
    const dictionaries = (await world.catalog.datasets()).flatMap(({ dataset, kind, entriesKey, contentHash }) =>
      kind !== 'flows' && kind !== 'covariates' && entriesKey && contentHash
        ? [{ dataset, kind, entriesKey, contentHash }]
        : [],
    );
    const { countries, products } = await namesOf(world.lake, dictionaries);
    expect([countries.get('MEX'), products.get('010121')]).toEqual(['Mexico', 'Horses']);
    expect(world.events.published.map(({ detail }) => detail.kind)).toEqual(['countries', 'products']);
  });
});

describe('a drop that cannot be used', () => {
  it('is an outcome with its reason, not an error; nothing is announced', async () => {
    const world = ingestWorld();
    const outcome = await world.drop('drops/x.csv', 'a,b\n1,2\n');
    expect(outcome.outcome).toBe('refused');
    expect((await world.catalog.drops())[0]).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('of no known format'),
      nearestFormat: 'tidy',
      missing: ['year', 'exporter', 'importer', 'product', 'valueUsd'],
    });
    expect(await world.catalog.datasets()).toEqual([]);
    expect(world.events.published).toEqual([]);
  });

  it('leaves in place what its key stood for before', async () => {
    const world = ingestWorld();
    await world.drop('drops/x.csv', one);
    const [{ dataset } = { dataset: undefined }] = await world.catalog.drops();
    await world.drop('drops/x.csv', '');
    expect((await world.catalog.drops())[0]).toMatchObject({
      outcome: 'refused',
      reason: 'The file is empty.',
      dataset,
    });
  });
});

describe('events', () => {
  it('that come twice change nothing, and are announced again', async () => {
    const world = ingestWorld();
    const event = await world.put('drops/x.csv', one);
    await world.ingest(event);
    const state = await world.state();
    await world.ingest(event);
    expect(await world.state()).toEqual(state);
    expect(world.events.published).toHaveLength(2);
    expect(world.events.published[0]).toEqual(world.events.published[1]);
  });

  it('of a version that has been replaced or deleted say nothing', async () => {
    const world = ingestWorld();
    const late = await world.put('drops/x.csv', one);
    const current = await world.put('drops/x.csv', two);
    expect(await world.ingest(late)).toEqual({ outcome: 'absent' });
    await world.ingest(current);
    const state = await world.state();
    expect(await world.ingest(late)).toEqual({ outcome: 'absent' });
    world.drops.delete('drops/x.csv');
    expect(await world.ingest(current)).toEqual({ outcome: 'absent' });
    expect(await world.state()).toEqual(state);
  });

  it('that are older than the outcome recorded lose, even when the content is the same', async () => {
    const world = ingestWorld();
    const older = await world.put('drops/x.csv', one);
    const newer = await world.put('drops/x.csv', one);
    await world.ingest(newer);
    expect(await world.ingest(older)).toEqual({ outcome: 'superseded' });
    expect((await world.catalog.drops())[0]?.sequencer).toBe(newer.sequencer);
  });

  it('overtaken while the file is read announce nothing', async () => {
    const world = ingestWorld();
    const event = await world.put('drops/x.csv', one);
    const overtaken: DropReader = {
      async *files(path, folder) {
        await world.drop('drops/x.csv', two);
        yield* world.deps.reader.files(path, folder);
      },
    };
    const outcome = await ingestDrop({ ...world.deps, reader: overtaken })(event);
    expect(outcome).toEqual({ outcome: 'superseded' });
    expect(world.events.published).toHaveLength(1);
    expect((await world.catalog.drops())[0]?.dataset).toBe(world.events.published[0]?.detail.dataset);
  });

  it('of objects found by listing work without tag and sequencer, and folders are none', async () => {
    const world = ingestWorld();
    await world.put('drops/x.csv', one);
    expect(await world.ingest({ key: 'drops/x.csv' })).toMatchObject({ outcome: 'stored' });
    await world.put('drops/folder/', '');
    expect(await world.ingest({ key: 'drops/folder/' })).toEqual({ outcome: 'absent' });
  });
});

describe('an archive', () => {
  it('is as many datasets as it has files that can be used, each under a key of its own', async () => {
    const world = ingestWorld();
    const archive = await zipOf({
      'years/': '',
      'years/a_HS17.csv': one,
      'years/b_HS17.csv': two,
      'readme.txt': 'hello',
    });
    const outcome = await world.drop('drops/baci.zip', archive);
    expect(outcome).toMatchObject({ outcome: 'storedWithRejects', datasets: [expect.any(String), expect.any(String)] });
    const drops = await world.catalog.drops();
    expect(drops.map(({ key, outcome: own, dataset }) => [key, own, dataset !== undefined])).toEqual([
      ['drops/baci.zip', 'storedWithRejects', false],
      ['drops/baci.zip!/years/a_HS17.csv', 'stored', true],
      ['drops/baci.zip!/years/b_HS17.csv', 'stored', true],
    ]);
    expect(drops[0]?.reason).toMatch(/^Of 3 files in the archive 2 were stored\. readme\.txt: The header/);
    expect((await world.catalog.datasets()).map(({ hsRevision }) => hsRevision)).toEqual(['HS17', 'HS17']);
  });

  it('that is dropped again without a file stands for that file no longer', async () => {
    const world = ingestWorld();
    await world.drop('drops/x.zip', await zipOf({ 'a.csv': one, 'b.csv': two }));
    await world.drop('drops/x.zip', await zipOf({ 'b.csv': two }));
    const drops = await world.catalog.drops();
    expect(drops.map(({ key, outcome, reason }) => [key, outcome, reason])).toEqual([
      ['drops/x.zip', 'stored', undefined],
      ['drops/x.zip!/a.csv', 'refused', 'It is no longer in the archive.'],
      ['drops/x.zip!/b.csv', 'stored', undefined],
    ]);
    expect(drops[1]?.dataset).toBeUndefined();
  });

  it('that is damaged or holds nothing of use is refused, and takes nothing away', async () => {
    const world = ingestWorld();
    const archive = await zipOf({ 'a.csv': one });
    await world.drop('drops/x.zip', archive);
    const before = await world.catalog.datasets();
    await world.drop('drops/x.zip', archive.subarray(0, archive.length - 5));
    expect((await world.catalog.drops()).map(({ outcome }) => outcome)).toEqual(['refused', 'stored']);
    expect(await world.catalog.datasets()).toEqual(before);

    await world.drop('drops/none.zip', await zipOf({ 'readme.txt': 'x' }));
    await world.drop('drops/empty.zip', await zipOf({ 'folder/': '' }));
    const reasons = new Map((await world.catalog.drops()).map(({ key, reason }) => [key, reason]));
    expect(reasons.get('drops/none.zip')).toMatch(/^Of 1 file in the archive none can be used\. readme\.txt: /);
    expect(reasons.get('drops/empty.zip')).toBe('The archive holds no files.');
  });
});

describe('a country dictionary', () => {
  const flows = baciCsv('2020,484,842,870323,1', '2020,999,842,870323,2');
  const dictionary = countriesCsv('999,Atlantis,AT,XAT', '484,Mexico,MX,MEX');

  it('that gives a meaning to unknown codes has the flows read again', async () => {
    const world = ingestWorld();
    await world.drop('drops/flows.csv', flows);
    const [before] = await world.catalog.datasets();
    expect(before?.rejected).toEqual({ 'unknown exporter': 1 });

    expect(await world.drop('drops/countries.csv', dictionary)).toMatchObject({ readAgain: ['drops/flows.csv'] });
    expect(world.queue.sent.map((body) => JSON.parse(body))).toMatchObject([
      {
        'detail-type': 'Object Created',
        detail: { bucket: { name: 'drops-bucket' }, object: { key: 'drops/flows.csv' } },
      },
    ]);
    await world.readAgain();
    const after = await world.catalog.getDataset(before?.dataset ?? '');
    expect(after).toMatchObject({ rowsStored: 2, rejected: {} });
    expect(after?.rejectsKey).toBeUndefined();
    // the columns that a run may be reading stay as they were
    const keys = [before, after].map((dataset) => dataset?.years?.[0]?.columnsKey ?? '');
    expect(keys[0]).not.toBe(keys[1]);
    expect((await Promise.all(keys.map((key) => world.lake.get(key)))).map((body) => flowsIn(body!).length)).toEqual([
      1, 2,
    ]);
    expect(world.queue.sent).toEqual([]);
  });

  it('leads to the same datasets whether it comes before the flows or after them', async () => {
    const [first, last] = [ingestWorld(), ingestWorld()];
    await first.drop('drops/countries.csv', dictionary);
    await first.drop('drops/flows.csv', flows);
    expect(first.queue.sent).toEqual([]);
    await last.drop('drops/flows.csv', flows);
    await last.drop('drops/countries.csv', dictionary);
    await last.readAgain();
    const content = async (world: typeof first) =>
      (await world.catalog.datasets()).map(({ lastModified: _, ...dataset }) => dataset);
    expect(await content(first)).toEqual(await content(last));
  });

  it('that says what is known anyway has nothing read again', async () => {
    const world = ingestWorld();
    await world.drop('drops/flows.csv', flows);
    expect(await world.drop('drops/countries.csv', countriesCsv('484,Mexico,MX,MEX'))).toMatchObject({ readAgain: [] });
  });

  it('that comes while flows are read has these read again', async () => {
    const world = ingestWorld();
    const meanwhile: DropReader = {
      async *files(path, folder) {
        await world.drop('drops/countries.csv', dictionary);
        yield* world.deps.reader.files(path, folder);
      },
    };
    const outcome = await ingestDrop({ ...world.deps, reader: meanwhile })(await world.put('drops/flows.csv', flows));
    expect(outcome).toMatchObject({ readAgain: ['drops/flows.csv'] });
    await world.readAgain();
    const stored = await world.catalog.datasets();
    expect(stored.find(({ kind }) => kind === 'flows')?.rejected).toEqual({});
  });

  it('has flows in an archive read again with the whole archive', async () => {
    const world = ingestWorld();
    await world.drop(
      'drops/x.zip',
      await zipOf({ 'a.csv': flows, 'b.csv': baciCsv('2021,999,842,870323,2', '2021,8,842,870323,1') }),
    );
    expect(await world.drop('drops/countries.csv', dictionary)).toMatchObject({ readAgain: ['drops/x.zip'] });
    await world.readAgain();
    const flowsStored = (await world.catalog.datasets()).filter(({ kind }) => kind === 'flows');
    expect(flowsStored.map(({ rejected }) => rejected)).toEqual([{}, {}]);
  });
});

describe('trouble on our side', () => {
  it('is thrown at whatever call it happens, and the next attempt ends as if it had not happened', async () => {
    const archive = await zipOf({ 'a.csv': `${one}x\n`, 'countries.csv': countriesCsv('999,Atlantis,AT,XAT') });
    const smooth = ingestWorld();
    await smooth.drop('drops/x.zip', archive);
    await smooth.readAgain();
    const expected = await smooth.state();

    let calls = 0;
    for (let failing = 1; ; failing++) {
      const world = ingestWorld();
      calls = 0;
      const breaking = <T extends object>(port: T): T =>
        new Proxy(port, {
          get(target, name) {
            const method = Reflect.get(target, name);
            if (typeof method !== 'function') return method;
            return (...parameters: unknown[]) => {
              if (++calls === failing) throw new Error(`call ${failing} failed`);
              return method.apply(target, parameters);
            };
          },
        });
      const { drops, lake, catalog, events, ingest } = world.deps;
      const broken = ingestDrop({
        ...world.deps,
        drops: breaking(drops),
        lake: breaking(lake),
        catalog: breaking(catalog),
        events: breaking(events),
        ingest: breaking(ingest),
      });
      const event = await world.put('drops/x.zip', archive);
      const attempt = broken(event);
      const survived = await attempt.then(
        () => true,
        () => false,
      );
      if (survived) break;
      await expect(attempt).rejects.toThrow(`call ${failing} failed`);
      await world.ingest(event);
      await world.readAgain();
      expect(await world.state(), `after call ${failing} failed`).toEqual(expected);
    }
    // every store, record and event was among them
    expect(calls).toBeGreaterThan(15);
  });
});
