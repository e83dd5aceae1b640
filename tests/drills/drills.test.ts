import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServiceError, type Strike } from '../../infra/local/home.ts';
import { type Address, AFTER, BEFORE, type Drill, LATER, NAMES, openDrill, type Published } from './drill.ts';

/**
 * One run is published and a second file is dropped, again and again, each time with one thing that goes wrong. Whatever it is, readers find
 * the old run or the new one, whole, at every moment; in the end they find the new one, to the byte, unless the fault lasts. tests/README.md
 * has the matrix. DRILLS=all strikes at every call with every fault; otherwise each call site is struck in some ways, each way at some sites.
 */
const folder = mkdtempSync(join(tmpdir(), 'portolan-drills-'));
const ALL = process.env.DRILLS === 'all';
/** of one test: all strikes take half an hour */
const LONGEST_MS = ALL ? 3_600_000 : 240_000;
const READS = /:(?:Get|BatchGet|Head|List|Query|Describe)/;

let drill: Drill;
let snapshot: Awaited<ReturnType<Drill['items']>>;
let before: Published;
let after: Published;
/** the calls that an undisturbed second drop makes */
let usual: readonly Address[];

beforeAll(async () => {
  drill = await openDrill(join(folder, 'state'));
  await drill.drop(NAMES);
  await drill.home.idle();
  await drill.drop(BEFORE);
  await drill.home.idle();
  snapshot = await drill.items();
  before = await drill.published();
  // the first time a folder finds itself empty; from the second time on everything is as it will be
  for (let time = 0; time < 2; time++) {
    await drill.restore(snapshot);
    await drill.drop(AFTER);
    await drill.home.idle();
  }
  after = await drill.published();
  usual = drill.addresses;
});
afterAll(async () => {
  await drill?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Without what comes after a run is published: what changed since the run before, and what is missing beyond noise. */
const scores = ({ pages }: Published) => pages.filter((page) => !/ (?:changes |beyondNoise#)/.test(page));

/** Readers find one of the two runs, whole. */
function expectWhole(found: Published, what: string) {
  expect(scores(found), what).toEqual(scores(found.run === before.run ? before : after));
}
function expectNew(found: Published, struck: string, what: string) {
  expect(found.run, what).not.toBe(before.run);
  // a file that is read late is scored after what woke start at the same time: the run before it is then another one, and so is what changed since
  if (struck.startsWith('ingest ')) expect(scores(found), what).toEqual(scores(after));
  else expect(found.pages, what).toEqual(after.pages);
}

/** Drops the second file while calls are struck; what readers find at the strike is checked, and what they find in the end is returned. */
async function dropped(what: string, hits: Parameters<Drill['strike']>[0]): Promise<Published> {
  await drill.restore(snapshot);
  const seen: Promise<Published>[] = [];
  drill.strike((address, call, when) => {
    const strike = hits(address, call, when);
    if (strike !== undefined) seen.push(drill.published());
    return strike;
  });
  await drill.drop(AFTER);
  await drill.home.idle();
  drill.strike(() => undefined);
  for (const each of await Promise.all(seen)) expectWhole(each, `at ${what}`);
  return drill.published();
}

const site = (address: Address) => address.replace(/ #\d+$/, '');
const callers = (all: readonly string[]) => [...new Set(all.map((address) => address.split(' ')[0]))].sort();
const EVERY_FUNCTION = [
  'backtest',
  'changes',
  'complexity',
  'entry',
  'gravity',
  'ingest',
  'match',
  'noise',
  'plan',
  'publish',
  'score',
  'start',
  'tabulate',
];

describe('a process killed after any of its calls', () => {
  it(
    'leaves the new run in the end, and the old or the new one until then',
    async () => {
      expect(callers(usual)).toEqual(EVERY_FUNCTION);
      const reached: string[] = [];
      for (const fatal of ALL ? usual.map((address) => [address]) : together(decisive(usual))) {
        const left = new Set(fatal);
        const what = `killed after ${fatal.join(', after ')}`;
        const found = await dropped(what, (at, _, when) => {
          if (when !== 'after' || !left.delete(at)) return undefined;
          reached.push(at);
          return 'kill';
        });
        expectNew(found, fatal[0] ?? '', what);
      }
      // two messages may share one invocation, which then makes fewer calls; but the first of each function is always made
      expect(callers(reached)).toEqual(EVERY_FUNCTION);
    },
    LONGEST_MS,
  );
});

/**
 * The calls that stand for all: of each function the last of its writes, after which all is done and nothing said, since a read leaves the world as
 * the call before it did; of one that writes nothing, its first.
 */
function decisive(all: readonly Address[]): Address[] {
  return [...Map.groupBy(all, (address) => address.split(' ')[0]).values()].map(
    (own) => (own.findLast((address) => !READS.test(address)) ?? own[0]) as Address,
  );
}

/** Who dies in the same run: of the steps up to publish no more than two, since each death of theirs is an attempt, and the third is the last. */
const TOGETHER = [
  ['ingest', 'plan', 'complexity', 'changes', 'backtest'],
  ['start', 'gravity', 'score', 'tabulate', 'match'],
  ['entry', 'publish', 'noise'],
];
const together = (addresses: readonly Address[]): Address[][] =>
  TOGETHER.map((callers) =>
    callers.flatMap((caller) => addresses.filter((address) => address.startsWith(`${caller} `))),
  );

/** More often than the SDK repeats a call. */
const BEYOND_RETRIES = 4;

/** What can become of a call. `times` strikes in a row hit the calls of one kind from one function. */
const FAULTS: Readonly<
  Record<string, { when: 'before' | 'after'; times: number; strike: (service: string) => Strike }>
> = {
  'throttled until the SDK gives up': { when: 'before', times: BEYOND_RETRIES, strike: throttled },
  'failing with 500 until the SDK gives up': { when: 'before', times: BEYOND_RETRIES, strike: internal },
  'done, but answered with 500': { when: 'after', times: 1, strike: internal },
  'cut off before it is done': { when: 'before', times: 1, strike: () => 'lose' },
  'done, but cut off before the answer': { when: 'after', times: 1, strike: () => 'lose' },
  'denied once': { when: 'before', times: 1, strike: () => new ServiceError('AccessDeniedException', 'denied', 403) },
};

function throttled(service: string): ServiceError {
  if (service === 's3') return new ServiceError('SlowDown', 'Please reduce your request rate.', 503);
  if (service === 'dynamodb') return new ServiceError('ProvisionedThroughputExceededException', 'too fast');
  return new ServiceError('ThrottlingException', 'Rate exceeded');
}
function internal(service: string): ServiceError {
  return new ServiceError(service === 's3' ? 'InternalError' : 'InternalServerError', 'try again', 500);
}

describe('a call that fails', () => {
  it(
    'leaves the new run in the end, and the old or the new one until then',
    async () => {
      const kinds = Object.entries(FAULTS);
      const sites = [...new Set(usual.map(site))];
      // otherwise every seventh site, the faults in turn
      const drills = ALL
        ? usual.flatMap((address) => kinds.map((kind) => [address, ...kind] as const))
        : sites
            .filter((_, at) => at % 7 === 0)
            .map((each, at) => [`${each} #1`, ...(kinds[at % kinds.length] as (typeof kinds)[number])] as const);
      for (const [address, name, { when, times, strike }] of drills) {
        const [kind, nth = ''] = address.split(' #');
        let left = times;
        const found = await dropped(`${address} ${name}`, (at, { service }, then) => {
          const [of, n = ''] = at.split(' #');
          if (then !== when || of !== kind || Number(n) < Number(nth) || left === 0) return undefined;
          left--;
          return strike(service);
        });
        expectNew(found, address, `${address} ${name}`);
      }
    },
    LONGEST_MS,
  );
});

describe('a fault that lasts', () => {
  it('in reading a file sets its message aside; the clock finds the file when the fault is over', async () => {
    const denied = new ServiceError('AccessDenied', 'denied', 403);
    const found = await dropped('the file cannot be read', (at) =>
      /^ingest s3:GetObject/.test(at) ? denied : undefined,
    );
    expect(found).toEqual(before);
    expect(await drill.waiting('IngestDeadLettersUrl')).toBeGreaterThan(0);
    drill.home.fire('Reconciliation');
    await drill.home.idle();
    // what changed since the run before is another matter: start was woken before the file was read
    expect(scores(await drill.published())).toEqual(scores(after));
  });

  it('in a step leaves the old run; three attempts later the run is left alone, and the next drop brings everything', async () => {
    const found = await dropped('score is denied for good', (at) =>
      at.startsWith('score dynamodb:BatchWriteItem')
        ? new ServiceError('AccessDeniedException', 'denied', 400)
        : undefined,
    );
    expect(found).toEqual(before);
    const tried = drill.crossings.filter((crossing) => crossing.type === 'execution' && crossing.status === 'FAILED');
    expect(tried).toHaveLength(3);
    await drill.drop(LATER);
    await drill.home.idle();
    const answer = (await (await fetch(`${drill.home.apiUrl}/v1/status`)).json()) as { years: number[] };
    expect(answer.years).toEqual([2021, 2022, 2023]);
  });
});

describe('messages', () => {
  /** The bodies of messages that events brought to queues. */
  const delivered = () =>
    drill.crossings.flatMap((crossing) =>
      crossing.type === 'event'
        ? crossing.targets.map((target) => ({ target, body: JSON.stringify(crossing.event) }))
        : [],
    );
  const queueOf = (target: string) => /(Ingest|Start|Match|Deliver|Feedback)Queue/.exec(target)?.[0];

  it('that come twice, late and in the wrong order change nothing', async () => {
    expectNew(await dropped('nothing', () => undefined), 'nobody', 'undisturbed');
    const once = delivered();
    expect(new Set(once.map(({ target }) => queueOf(target)))).toEqual(
      new Set(['IngestQueue', 'StartQueue', 'MatchQueue']),
    );
    for (const { target, body } of [...once, ...once].reverse()) await drill.send(`${queueOf(target)}Url`, body);
    await drill.home.idle();
    expectNew(await drill.published(), 'nobody', 'everything once more, backwards, twice');
    const executions = drill.crossings.filter(
      (crossing) => crossing.type === 'execution' && crossing.status === 'RUNNING',
    );
    expect(executions).toHaveLength(1);
  });

  it('about a version of a file that has been replaced do not bring it back', async () => {
    await drill.restore(snapshot);
    // the names of next year's flows, then those of this year under the same key: the first version's message comes last again
    await drill.drop({ name: AFTER.name, bytes: LATER.bytes });
    await drill.home.idle();
    const first = delivered().filter(({ target }) => queueOf(target) === 'IngestQueue');
    await drill.drop(AFTER);
    await drill.home.idle();
    const standing = await drill.published();
    for (const { body } of first) await drill.send('IngestQueueUrl', body);
    await drill.home.idle();
    expect(await drill.published()).toEqual(standing);
    // the run before is another one here, so what changed since then differs; the scores do not
    expect(scores(standing)).toEqual(scores(after));
  });

  it('that nobody can read are set aside one by one, and hold up nothing', async () => {
    await drill.restore(snapshot);
    const names = ['Ingest', 'Start', 'Match', 'Deliver', 'Feedback'];
    const poison = ['not JSON {', '{"detail":{"bucket":"wrong","object":null}}', '[]'];
    const aside = async () => Promise.all(names.map((name) => drill.waiting(`${name}DeadLettersUrl`)));
    const already = await aside();
    for (const name of names) for (const body of poison) await drill.send(`${name}QueueUrl`, body);
    await drill.drop(AFTER);
    await drill.home.idle();
    // woken by poison, start made a run before the drop: what changed since then is another matter than the scores
    expect(scores(await drill.published())).toEqual(scores(after));
    const set = (await aside()).map((count, at) => count - (already[at] ?? 0));
    // to start and match any message says no more than "look": they find nothing to do, and none is poison
    expect(Object.fromEntries(names.map((name, at) => [name, set[at]]))).toEqual({
      Ingest: 3,
      Start: 0,
      Match: 0,
      Deliver: 3,
      Feedback: 3,
    });
  });
});

describe('a drop during a run', () => {
  it('does not disturb the run, and is scored by the next one', async () => {
    await drill.restore(snapshot);
    let interrupted: Promise<unknown> | null = null;
    const watched = drill.home.onEvent((event) => {
      if (event.type === 'state.entered' && event.state === 'gravity') interrupted ??= drill.drop(LATER);
    });
    await drill.drop(AFTER);
    await drill.home.idle();
    await interrupted;
    await drill.home.idle();
    watched();
    const ended = drill.crossings.flatMap((crossing) =>
      crossing.type === 'execution' && crossing.status !== 'RUNNING' ? [crossing.status] : [],
    );
    expect(ended).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    const { items } = (await (await fetch(`${drill.home.apiUrl}/v1/runs`)).json()) as {
      items: { standing: string; years: number[] }[];
    };
    expect(items.map(({ standing, years }) => [standing, years])).toEqual([
      ['current', [2021, 2022, 2023]],
      ['previous', [2021, 2022]],
      ['overwritten', [2021]],
    ]);
  });
});

/** Clocks and disks are given to a home once, so it has its own. */
describe('a home in which', () => {
  const DAY = 86_400_000;
  /** functions whose clock is ahead, and those whose clock is behind */
  const clocks: Record<string, number>[] = [
    { start: DAY, publish: -DAY, ingest: DAY, score: -DAY },
    { start: -DAY, publish: DAY, plan: -DAY },
  ];

  describe.each(ALL ? clocks : clocks.slice(0, 1))('clocks go wrong by a day (%o)', (ahead) => {
    let full = false;
    let unwell: Drill;
    let state: Awaited<ReturnType<Drill['items']>>;

    beforeAll(async () => {
      unwell = await openDrill(join(folder, `unwell${clocks.indexOf(ahead)}`), {
        clock: (label) => ahead[label] ?? 0,
        disk: (label) => (label === 'ingest' && full ? 512 : null),
      });
      for (const file of [NAMES, BEFORE]) {
        await unwell.drop(file);
        await unwell.home.idle();
      }
      state = await unwell.items();
    });
    afterAll(() => unwell?.close());

    it('and the disk is full: keeps the old run and the file, and makes the new one when there is room', async () => {
      expect(await unwell.published()).toEqual(before);
      const first = unwell.crossings.filter((crossing) => crossing.type === 'execution');
      expect(first.map((crossing) => crossing.type === 'execution' && crossing.status)).toEqual([
        'RUNNING',
        'SUCCEEDED',
      ]);
      // processes keep the disk that they were started with: this drop ends the one there is, and the next has no room
      full = true;
      let ended = false;
      unwell.strike((address) => {
        if (ended || !address.startsWith('ingest ')) return undefined;
        ended = true;
        return 'kill';
      });
      await unwell.drop(AFTER);
      await unwell.home.idle();
      expect(await unwell.published()).toEqual(before);
      expect(await unwell.waiting('IngestDeadLettersUrl')).toBe(1);
      full = false;
      ended = false;
      unwell.home.fire('Reconciliation');
      await unwell.home.idle();
      expect((await unwell.published()).pages).toEqual(after.pages);
    });

    it('and a second drop brings the same scores', async () => {
      await unwell.restore(state);
      expect(await unwell.published()).toEqual(before);
      // woken during the run, start finds it busy whatever its clock says of the lease
      const woken = unwell.home.onEvent((event) => {
        if (event.type === 'state.entered' && event.state === 'gravity') void unwell.send('StartQueueUrl', '{}');
      });
      await unwell.drop(AFTER);
      await unwell.home.idle();
      woken();
      expect((await unwell.published()).pages).toEqual(after.pages);
      const executions = unwell.crossings.filter((crossing) => crossing.type === 'execution');
      expect(executions.map((crossing) => crossing.type === 'execution' && crossing.status)).toEqual([
        'RUNNING',
        'SUCCEEDED',
      ]);
    });
  });
});
