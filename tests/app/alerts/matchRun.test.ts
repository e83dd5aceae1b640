import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ITEMS_KEPT } from '../../../lib/app/alerts/findings.ts';
import { type Item, KINDS, type Subscription } from '../../../lib/app/alerts/records.ts';
import { noiseSd } from '../../../lib/core/scoring/dispersion.ts';
import { NEW_PRODUCT } from '../../../lib/core/scoring/scoredCells.ts';
import { type ScoredWorld, SMALL, scoredWorld } from '../scoredWorld.fixture.ts';
import { type AlertWorld, alertWorld, Death, minute, subscriptionOf } from './alerts.fixture.ts';

// three worlds that have nothing in common but their codes: most cells change
const WORLDS = [7, 8, 9].map((seed) => scoredWorld({ ...SMALL, seed }));
const [FIRST, SECOND, THIRD] = WORLDS as [ScoredWorld, ScoredWorld, ScoredWorld];

let at: AlertWorld;
beforeEach(() => {
  at = alertWorld();
});

/** What a subscription was told of a run: cells by kind, and how many there were. */
async function told(id: string, run: string) {
  const found = (await at.records.found(id)).find(({ value }) => value.run === run)?.value;
  const cells = (found?.items ?? []).map(
    ({ kind, direction, product, importer }) => `${kind} ${direction} ${product} ${importer}`,
  );
  return { total: found?.total ?? 0, cells: cells.sort(), found };
}

/** Everything that was found and will be delivered. */
async function left(ids: readonly string[]) {
  const all = [];
  for (const id of ids) {
    const found = (await at.records.found(id)).map(({ value }) => value);
    all.push({ id, found, deliveries: (await at.records.deliveries(id)).map((each) => each.id).sort() });
  }
  return all;
}

interface Known {
  mark: number;
  reference: number;
  basis: number;
  potential: number;
  actual: number;
  product: number;
  gone: boolean;
}

/** Whether a cell is within two standard deviations of being no opportunity. */
function nearNothing({ noise }: ScoredWorld, product: number, potential: number, actual: number): boolean {
  const s = noiseSd(noise, product, potential);
  return Math.log(potential / actual) - 1.645 * s < 2 * s;
}

/** Marks after each run and the crossings of one subscription, cell by cell, as they are defined. */
function crossings(worlds: readonly ScoredWorld[], { filter }: Subscription): string[] {
  const exporter = worlds[0]!.countries.codes.indexOf(filter.exporter);
  const threshold = filter.minScore ?? 95;
  let known = new Map<string, Known>();
  let said: string[] = [];
  for (const [n, world] of worlds.entries()) {
    said = [];
    const next = new Map<string, Known>();
    const codes = (cell: { importer: number; product: number }) =>
      [world.products.codes[cell.product]!, world.countries.codes[cell.importer]!] as const;
    const covers = (product: string, importer: string) =>
      product.startsWith(filter.product ?? '') && (filter.importer ?? importer) === importer;
    const cells = world.cellsE[exporter]!;
    const full = cells.filter(({ basis }) => basis === NEW_PRODUCT).length >= world.shape.extensiveKept;
    const extensive = cells
      .filter(({ basis }) => basis === NEW_PRODUCT)
      .map(({ score }) => Math.fround(score))
      .sort((a, b) => a - b);
    for (const cell of cells) {
      const [product, importer] = codes(cell);
      const was = known.get(`${product} ${importer}`);
      const f = Math.fround;
      const worth = f(cell.opportunity);
      const score = f(cell.score);
      const facts = {
        basis: cell.basis,
        potential: f(cell.potential),
        actual: cell.actual,
        product: cell.product,
        gone: false,
      };
      const remember = (mark: number, reference: number) =>
        next.set(`${product} ${importer}`, { ...facts, mark, reference });
      if (n === 0) {
        remember(score, worth);
        continue;
      }
      const least =
        cell.basis === NEW_PRODUCT
          ? Math.LN2
          : Math.min(Math.log(1.5), 2 * noiseSd(world.noise, cell.product, f(cell.potential)));
      const moved =
        !was ||
        was.basis !== cell.basis ||
        Math.abs(Math.log(worth / was.reference)) > least ||
        (!(worth > 0 && was.reference > 0) && worth !== was.reference);
      const from = was?.mark ?? 0;
      const to = Math.max(score, Math.min(from, f(score + 5)));
      const near =
        cell.basis === NEW_PRODUCT
          ? full && score < extensive[extensive.length >> 1]!
          : from === 0 && nearNothing(world, cell.product, facts.potential, facts.actual);
      if (!moved || (near && to > from)) {
        remember(from, was?.reference ?? 0);
        continue;
      }
      remember(to, worth);
      if (!covers(product, importer)) continue;
      if (from < threshold && threshold <= to)
        said.push(`${from > 0 ? 'scoreCrossed' : 'newOpportunity'} up ${product} ${importer}`);
      if (to < threshold && threshold <= from) said.push(`scoreCrossed down ${product} ${importer}`);
    }
    for (const [cell, was] of known) {
      if (next.has(cell) || (full && was.basis === NEW_PRODUCT)) continue;
      if (was.basis !== NEW_PRODUCT && !was.gone && nearNothing(world, was.product, was.potential, was.actual)) {
        next.set(cell, { ...was, gone: true });
        continue;
      }
      const [product, importer] = cell.split(' ') as [string, string];
      const to = Math.min(was.mark, 5);
      if (covers(product, importer) && to < threshold && threshold <= was.mark)
        said.push(`scoreCrossed down ${product} ${importer}`);
    }
    known = next;
  }
  return said.sort();
}

describe('matching', () => {
  const filter = fc.record(
    {
      exporter: fc.constantFrom('ARG', 'MEX', 'VAT'),
      importer: fc.constantFrom('USA', 'DEU'),
      product: fc.constantFrom('08', '8', '8703'),
      minScore: fc.constantFrom(20, 50, 90, 100),
    },
    { requiredKeys: ['exporter'] },
  );

  it('tells of the cells that crossed as they are defined, cell by cell, over three runs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(filter, { minLength: 1, maxLength: 6 }), async (filters) => {
        at = alertWorld();
        const subscriptions = filters.map((each, n) => subscriptionOf({ id: `s${n}`, filter: each }));
        await at.subscribe(...subscriptions);
        for (const [n, world] of WORLDS.entries()) {
          const run = await at.publish(world);
          await at.match();
          for (const subscription of subscriptions) {
            const wanted = n === 0 ? [] : crossings(WORLDS.slice(0, n + 1), subscription);
            const got = await told(subscription.id, run);
            expect(got.total).toBe(wanted.length);
            expect(got.cells.length).toBe(Math.min(ITEMS_KEPT, wanted.length));
            expect(wanted).toEqual(expect.arrayContaining(got.cells));
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('says what changed: names, both scores, USD before and after, factors whose product is the whole change', async () => {
    await at.subscribe(subscriptionOf({ id: 's', filter: { exporter: 'MEX', basis: 'newMarket', minScore: 60 } }));
    await at.publish(FIRST);
    await at.match();
    const run = await at.publish(SECOND);
    await at.match();
    const { found } = await told('s', run);
    const risen = found?.items.find(({ kind, direction }) => kind === 'scoreCrossed' && direction === 'up');
    const [m, p] = [SECOND.countries.codes.indexOf(risen!.importer), SECOND.products.codes.indexOf(risen!.product)];
    const [was, is] = [FIRST, SECOND].map(
      ({ cellsE, countries }) =>
        cellsE[countries.codes.indexOf('MEX')]!.find((cell) => cell.importer === m && cell.product === p)!,
    );
    expect(risen).toMatchObject({
      exporterName: 'Mexico',
      importerName: SECOND.countryFacts[m]!.name,
      productName: SECOND.productFacts[p]!.name,
      basis: 'newMarket',
      causes: ['marketMove'],
      years: [2016],
    });
    expect(risen!.score).toBeCloseTo(is!.score, 3);
    expect(risen!.previousScore).toBeCloseTo(was!.score, 3);
    expect(risen!.actualUsd).toBeCloseTo(is!.actual, 2);
    expect(risen!.potentialUsd! / is!.potential).toBeCloseTo(1, 6);
    expect(risen!.previousUnrealisedUsd!).toBeCloseTo(was!.shrunk, 1);
    const { size, ease, marginAdjustment } = risen!.factors!;
    expect(size * ease * marginAdjustment).toBeCloseTo(is!.potential / was!.potential, 3);
    expect(found).toMatchObject({ from: 'run1', run: 'run2', synthetic: false });
  });

  it('of markets tells those whose cell is in and whose imports or leading supplier changed', async () => {
    const filter = { exporter: 'MEX', product: '8', minScore: 40 };
    await at.subscribe(
      subscriptionOf({ id: 'market', filter, kinds: ['marketChange'] }),
      subscriptionOf({ id: 'rival', filter, kinds: ['competitorChange'] }),
      subscriptionOf({ id: 'both', filter, kinds: ['marketChange', 'competitorChange'] }),
    );
    await at.publish(FIRST);
    await at.match();
    const run = await at.publish(SECOND);
    await at.match();
    const [market, rival, both] = await Promise.all(['market', 'rival', 'both'].map((id) => told(id, run)));
    const sum = (world: ScoredWorld, { importer, product }: Item) =>
      world.valueMP[world.countries.codes.indexOf(importer)]![world.products.codes.indexOf(product)]!;
    expect(market!.found!.items.length).toBeGreaterThan(1);
    for (const item of market!.found!.items) {
      const factor = sum(SECOND, item) / sum(FIRST, item);
      expect(item.marketFactor! / factor).toBeCloseTo(1, 4);
      expect(Math.abs(Math.log(factor))).toBeGreaterThan(Math.log(1.25));
      expect(item.direction).toBe(factor > 1 ? 'up' : 'down');
    }
    expect(rival!.found!.items.length).toBeGreaterThan(1);
    for (const item of rival!.found!.items) {
      const m = SECOND.countries.codes.indexOf(item.importer);
      const p = SECOND.products.codes.indexOf(item.product);
      const suppliers = SECOND.countryFacts
        .map(({ code, name }, e) => ({ name, code, value: SECOND.valueAt(e, p, m) }))
        .filter(({ code }) => code !== 'MEX')
        .sort((a, b) => b.value - a.value);
      expect(item.competitor).toMatchObject({ name: suppliers[0]!.name });
      expect(item.competitor!.share).toBeCloseTo(suppliers[0]!.value / sum(SECOND, item), 5);
    }
    // a cell is told of once, whatever changed about it
    const cells = both!.found!.items.map(({ importer, product }) => `${importer} ${product}`);
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('of published data tells those whose products are sold for another sum, once', async () => {
    const kinds = ['dataPublished' as const];
    await at.subscribe(
      subscriptionOf({ id: 'all', filter: { exporter: 'MEX' }, kinds }),
      subscriptionOf({ id: 'coffee', filter: { exporter: 'MEX', product: '0901' }, kinds }),
    );
    await at.publish(FIRST);
    await at.match();
    const same = await at.publish(FIRST, { codeVersion: 'code2', inputs: [], years: [2015] });
    await at.match();
    expect((await told('all', same)).total).toBe(0);
    const run = await at.publish(SECOND);
    await at.match();
    const { found } = await told('coffee', run);
    const e = SECOND.countries.codes.indexOf('MEX');
    const p = SECOND.products.codes.indexOf('0901');
    expect(found!.items).toHaveLength(1);
    expect(found!.items[0]).toMatchObject({ kind: 'dataPublished', product: '0901', years: [2017] });
    expect(found!.items[0]!.actualUsd).toBeCloseTo(SECOND.valueEP[e]![p]!, 2);
    expect((await told('all', run)).total).toBe(1);
  });

  it('a least confidence is held against the cell: what a subscription with one hears is what one without hears of such cells', async () => {
    await at.subscribe(
      ...(['all', 'A', 'B', 'C', 'D'] as const).map((id) =>
        subscriptionOf({
          id,
          filter: { exporter: 'MEX', minScore: 10, ...(id === 'all' ? {} : { minConfidence: id }) },
        }),
      ),
    );
    await at.publish(FIRST);
    await at.match();
    const run = await at.publish(SECOND);
    await at.match();
    const [all, ...totals] = await Promise.all(
      ['all', 'A', 'B', 'C', 'D'].map(async (id) => (await told(id, run)).total),
    );
    expect(totals).toEqual([...totals].sort((a, b) => a! - b!));
    expect(totals.at(-1)).toBe(all);
    expect(new Set(totals).size).toBeGreaterThan(1);
  });

  it('other minimums of the filter are held against the cell', async () => {
    await at.subscribe(
      subscriptionOf({
        id: 's',
        filter: { exporter: 'MEX', minScore: 10, minUnrealisedUsd: 50_000, minFeasibility: 0.25 },
      }),
    );
    await at.publish(FIRST);
    await at.match();
    const run = await at.publish(SECOND);
    await at.match();
    const { found } = await told('s', run);
    expect(found!.items.length).toBeGreaterThan(3);
    for (const item of found!.items)
      expect((item.direction === 'up' ? item.unrealisedUsd : item.previousUnrealisedUsd)!).toBeGreaterThanOrEqual(
        50_000,
      );
  });
});

describe('who is told', () => {
  const filter = { exporter: 'MEX', minScore: 50 };

  it('who subscribed before the run was published, though nobody watched the exporter when the run before it came', async () => {
    await at.publish(FIRST);
    await at.subscribe(subscriptionOf({ id: 'before', filter, activatedAt: minute(15) }));
    const run = await at.publish(SECOND);
    await at.subscribe(subscriptionOf({ id: 'after', filter, activatedAt: minute(25) }));
    await at.match();
    expect((await told('before', run)).total).toBeGreaterThan(0);
    expect((await told('after', run)).total).toBe(0);
    const next = await at.publish(THIRD);
    await at.match();
    expect((await told('after', next)).total).toBeGreaterThan(0);
  });

  it('not who has paused, left or was never confirmed', async () => {
    const statuses = ['paused', 'pending', 'disabled'] as const;
    await at.subscribe(...statuses.map((status) => subscriptionOf({ id: status, filter, status })));
    // a copy for matching that was left behind
    for (const id of [...statuses, 'erased'])
      await at.store.put('watching#MEX', id, subscriptionOf({ id, filter }), null);
    await at.store.put('watching', 'MEX', {}, null);
    await at.publish(FIRST);
    await at.match();
    await at.publish(SECOND);
    expect(await at.match()).toMatchObject({ subscriptions: 0, items: 0 });
  });

  it('by what the subscription says, not by an older copy of it', async () => {
    const fresh = subscriptionOf({ id: 's', filter: { ...filter, product: '8703' } });
    await at.subscribe(fresh);
    await at.store.put('watching#MEX', 's', { ...fresh, filter }, null);
    await at.publish(FIRST);
    await at.match();
    const run = await at.publish(SECOND);
    await at.match();
    expect((await told('s', run)).cells).toEqual(crossings([FIRST, SECOND], fresh));
  });

  it('an exporter that nobody watches any more is forgotten: who comes later hears of what comes later', async () => {
    const leaving = subscriptionOf({ id: 'leaving', filter });
    await at.subscribe(leaving);
    await at.publish(FIRST);
    await at.match();
    await at.records.erase(leaving);
    await at.publish(SECOND);
    await at.match();
    expect(await at.records.matched('MEX')).toBeNull();
  });
});

describe('deliveries', () => {
  it('an instant one is due now, a digest at its hour, and two runs share a digest', async () => {
    const filter = { exporter: 'MEX', minScore: 50 };
    await at.subscribe(
      subscriptionOf({ id: 'instant', filter }),
      subscriptionOf({ id: 'daily', filter, cadence: 'daily' }),
    );
    await at.publish(FIRST);
    await at.match();
    for (const world of [SECOND, THIRD]) {
      await at.publish(world);
      await at.match();
    }
    expect((await at.records.deliveries('instant')).map(({ dueAt }) => dueAt)).toEqual([minute(31), minute(21)]);
    // eight in Berlin
    expect((await at.records.deliveries('daily')).map(({ dueAt }) => dueAt)).toEqual(['2026-01-01T07:00:00.000Z']);
    expect(await at.records.dueIn('2026-01-01T07:00')).toHaveLength(1);
    expect(await at.records.found('daily')).toHaveLength(2);
  });

  it('what is found while a digest is being sent gets a delivery of its own', async () => {
    await at.subscribe(subscriptionOf({ id: 's', filter: { exporter: 'MEX', minScore: 50 }, cadence: 'daily' }));
    await at.publish(FIRST);
    await at.match();
    await at.publish(SECOND);
    await at.match();
    const [first] = await at.records.deliveries('s');
    const stored = await at.records.delivery('s', first!.id);
    await at.records.putDelivery({ ...first!, status: 'sent', runs: ['run2'] }, stored!.version);
    await at.publish(THIRD);
    await at.match();
    const due = (await at.records.deliveries('s')).filter(({ status }) => status === 'due');
    expect(due.map(({ dueAt }) => dueAt)).toEqual(['2026-01-02T07:00:00.000Z']);
  });
});

describe('events that come twice, late and in another order', () => {
  const subscriptions = KINDS.flatMap((kind) =>
    ['MEX', 'ARG'].map((exporter) =>
      subscriptionOf({ id: `${kind}${exporter}`, filter: { exporter, minScore: 60, product: '8' }, kinds: [kind] }),
    ),
  );
  const ids = subscriptions.map(({ id }) => id);

  it('the same event again changes nothing', async () => {
    await at.subscribe(...subscriptions);
    await at.publish(FIRST);
    await at.match();
    await at.publish(SECOND);
    await at.match();
    const once = await left(ids);
    for (let n = 0; n < 3; n++) expect(await at.match()).toMatchObject({ subscriptions: 0, items: 0 });
    expect(await left(ids)).toEqual(once);
  });

  it('two at once find what one finds', async () => {
    await at.subscribe(...subscriptions);
    await at.publish(FIRST);
    await at.match();
    await at.publish(SECOND);
    await Promise.all([at.match(), at.match(), at.match()]);
    const both = await left(ids);
    at = alertWorld();
    await at.subscribe(...subscriptions);
    await at.publish(FIRST);
    await at.match();
    await at.publish(SECOND);
    await at.match();
    expect(both).toEqual(await left(ids));
  });

  it('an event that is lost: the next one brings what both would have, from the run that is remembered', async () => {
    const [one] = subscriptions.filter(({ id }) => id === 'scoreCrossedMEX');
    await at.subscribe(...subscriptions);
    await at.publish(FIRST);
    await at.match();
    await at.publish(SECOND);
    const run = await at.publish(THIRD);
    await at.match();
    const wanted = crossings([FIRST, THIRD], one!).map((line) => line.replace('newOpportunity', 'scoreCrossed'));
    expect((await told(one!.id, run)).cells).toEqual(wanted.sort());
    expect((await told(one!.id, run)).found?.from).toBe('run1');
  });
});

describe('a kill at every write', () => {
  const subscriptions = ['MEX', 'ARG'].flatMap((exporter) =>
    (['instant', 'daily'] as const).map((cadence) =>
      subscriptionOf({
        id: `${cadence}${exporter}`,
        filter: { exporter, minScore: 60, product: '8' },
        kinds: [...KINDS],
        cadence,
      }),
    ),
  );
  const ids = subscriptions.map(({ id }) => id);
  async function ready() {
    at = alertWorld();
    await at.subscribe(...subscriptions);
    await at.publish(FIRST);
    await at.match();
    return at.publish(SECOND);
  }

  it('loses nothing and repeats nothing: the next call ends as if there had been none', async () => {
    await ready();
    const whole = new Death();
    await at.match(whole);
    const wanted = await left(ids);
    expect(wanted.every(({ found }) => found.length === 1)).toBe(true);
    expect(whole.writes).toBeGreaterThan(15);
    for (const when of ['before', 'after'] as const)
      for (let n = 1; n <= whole.writes; n++) {
        await ready();
        await expect(at.match(new Death(n, when))).rejects.toThrow('killed');
        await at.match();
        expect(await left(ids)).toEqual(wanted);
      }
  });

  it('and a run that comes before the next call: what was begun is finished, then the new run is compared with it', async () => {
    await ready();
    await at.match();
    await at.publish(THIRD);
    const whole = new Death();
    await at.match(whole);
    const wanted = await left(ids);
    await ready();
    const begun = new Death();
    await at.match(begun);
    for (let n = 2; n <= begun.writes; n++) {
      await ready();
      await expect(at.match(new Death(n))).rejects.toThrow('killed');
      await at.publish(THIRD);
      await at.match();
      const got = await left(ids);
      // an exporter that had not been begun is compared over both runs at once
      for (const [s, { found }] of got.entries())
        if (found.length === 2) expect(found).toEqual(wanted[s]!.found);
        else expect(found.map(({ from, run }) => [from, run])).toEqual([['run1', 'run3']]);
    }
  });

  it('and two runs that come before the next call: what was told is not told again', async () => {
    await ready();
    const begun = new Death();
    await at.match(begun);
    for (let n = 2; n < begun.writes; n += 3) {
      await ready();
      await expect(at.match(new Death(n))).rejects.toThrow('killed');
      await at.publish(THIRD);
      await at.publish(SECOND);
      await at.match();
      for (const { found } of await left(ids)) {
        const said = found.flatMap(({ items, from }) =>
          items.map((item) => `${from} ${item.kind} ${item.direction} ${item.product} ${item.importer}`),
        );
        expect(new Set(said).size).toBe(said.length);
      }
    }
  });
});
