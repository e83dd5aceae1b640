import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertDemo } from '../../functions/cli/alertDemo.ts';
import { dropFiles } from '../../functions/cli/dropFiles.ts';
import { localFiles } from '../../functions/cli/files.ts';
import { geography } from '../../functions/cli/geography.ts';
import { deployedVersion, serviceOf } from '../../functions/cli/localService.ts';
import { type Received, type Receiver, receiver } from '../../functions/cli/receiver.ts';
import { catalogOf } from '../../functions/cli/service.ts';
import { synth } from '../../functions/cli/synth.ts';
import { terminal } from '../../functions/cli/terminal.ts';
import { type Home, type HomeEvent, startHome } from '../../infra/local/home.ts';
import { baciFiles } from '../../lib/core/demo/baciFiles.ts';
import { demoWorld } from '../../lib/core/demo/world.ts';
import { subscriptionLife } from './subscriptionLife.ts';

/** The deployed template from a drop to an inbox, while the function that matches is killed again and again. */
const folder = mkdtempSync(join(tmpdir(), 'portolan-alerts-'));
const silent = terminal({ write: () => undefined }, { write: () => undefined }, { live: false, now: () => 0 });
const webhooks: Received[] = [];
const events: HomeEvent[] = [];
let kills = 0;
let hooks: Receiver;
let home: Home;
let drop: (seed: number, years: number[]) => Promise<unknown>;

beforeAll(async () => {
  hooks = await receiver(0, (webhook) => webhooks.push(webhook));
  const templateDir = await synth({ stage: 'local' });
  let calls = 0;
  home = await startHome({
    templateDir,
    stateDir: join(folder, 'state'),
    variables: { LOCAL_RECEIVERS: hooks.host },
    longestRestSeconds: 0.05,
    fault: {
      // once the run of the second drop is there: each life of the matching function gets some calls further than the one before
      before: ({ caller, operation }) => {
        if (caller !== 'match' || !armed() || kills === 4) return undefined;
        if (/Get|Query/.test(operation) || ++calls % 3 !== 0) return undefined;
        kills++;
        return 'kill';
      },
    },
  });
  home.onEvent((event) => events.push(event));
  const service = serviceOf({ home, codeVersion: await deployedVersion(templateDir) });
  drop = async (seed, years) => {
    const world = demoWorld({ seed, places: geography(), years, countries: 20, products: 40 });
    const paths = baciFiles(world).map(({ name, bytes }) => {
      const path = join(folder, `${seed}-${name}`);
      writeFileSync(path, bytes);
      return path;
    });
    return dropFiles(await localFiles(paths), { service, catalog: await catalogOf(service) }, silent);
  };
});
afterAll(async () => {
  await home.close();
  await hooks.close();
  rmSync(folder, { recursive: true, force: true });
});

const published = () => events.filter((event) => event.type === 'event.put' && event.detailType === 'scores.published');
/** Runs that were published when the second drop began; the first makes two where a dictionary is read after the flows. */
let runsBefore = Number.POSITIVE_INFINITY;
const armed = () => published().length > runsBefore;
const mails = () => events.filter((event) => event.type === 'mail.arrived');

it('a second drop brings one e-mail and one webhook, the matching function killed four times on the way', async () => {
  await drop(5, [2021]);
  const service = serviceOf({ home, codeVersion: '' });
  const secondDrop = () => {
    runsBefore = published().length;
    return drop(6, [2022]);
  };
  const arrived = await alertDemo(home, service, hooks, 'MEX', secondDrop, silent);
  expect(arrived).toBe(true);
  await home.idle();
  await home.invoke('due', { source: 'test', 'detail-type': 'Scheduled Event' });
  await home.idle();
  expect(kills).toBe(4);
  expect(published()).toHaveLength(runsBefore + 1);
  expect(webhooks).toEqual([
    { path: '/alerts', type: 'opportunity.matched', total: expect.any(Number), verified: true },
  ]);
  expect(mails()).toMatchObject([
    { receiver: 'you@example.com', subject: expect.stringMatching(/confirm/i) },
    { receiver: 'you@example.com', subject: expect.stringMatching(/^Mexico: \d+ change/) },
  ]);
  expect(events.filter(({ type }) => type === 'access.denied' || type === 'message.dead')).toEqual([]);

  // the inbox shows what was told, as HTML and as text, and how to end it
  const shown = await (await fetch(`${home.inboxUrl}/2`)).text();
  expect(shown).toContain('List-Unsubscribe=One-Click');
  expect(await (await fetch(`${home.inboxUrl}/2/text`)).text()).toContain('synthetic demonstration data');
  expect(await (await fetch(`${home.inboxUrl}/2/html`)).text()).toContain('synthetic demonstration data');
});

it('a subscription lives from its beginning to its erasure over HTTP', async () => {
  const life = await subscriptionLife(home, hooks, {
    exporter: 'MEX',
    seen: mails().length,
    dropLater: () => drop(7, [2023]),
  });
  const statuses = Object.fromEntries(Object.entries(life).map(([name, { status }]) => [name, status]));
  expect(statuses).toEqual({
    begun: 202,
    again: 202,
    otherBody: 409,
    preview: 200,
    wrongToken: 401,
    page: 200,
    stillPending: 200,
    confirmed: 200,
    active: 200,
    hook: 202,
    challenged: 200,
    secret: 200,
    test: 202,
    alert: 200,
    log: 200,
    replayed: 202,
    changed: 200,
    paused: 200,
    resumed: 200,
    rotated: 200,
    oldToken: 401,
    list: 200,
    exported: 200,
    outPage: 200,
    out: 200,
    ended: 200,
    erasedHook: 204,
    erased: 204,
    gone: 401,
    unknown: 401,
  });
  const status = (name: string) => life[name]!.json.subscription.status;
  expect(life.again!.json).toEqual(life.begun!.json);
  expect(life.preview!.json.sentence).toMatch(/^This would have sent \d+ items? on the last run\.$/);
  expect(life.page!.text).toMatch(/<form method="post"/i);
  expect([status('stillPending'), status('active')]).toEqual(['pending', 'active']);
  expect(status('challenged')).toBe('active');
  expect(life.log!.json.items.length).toBeGreaterThan(0);
  expect(life.changed!.json.subscription).toMatchObject({ cadence: 'weekly', weekday: 2 });
  expect([status('paused'), status('resumed'), status('ended')]).toEqual(['paused', 'active', 'ended']);
  expect(life.list!.json.items).toHaveLength(1);
  expect(life.exported!.json.subscriptions[0].channel.address).toBe('life@example.com');
  expect(JSON.stringify(life.exported!.json)).not.toMatch(/tokenHash|linkKey|secret/);
  // unknown, gone and somebody else's are one answer
  const { requestId: _, ...gone } = life.gone!.json;
  const { requestId: __, ...unknown } = life.unknown!.json;
  expect(unknown).toEqual({ ...gone, instance: unknown.instance });
  expect(webhooks.filter(({ path }) => path === '/life').map(({ type }) => type)).toEqual(
    expect.arrayContaining(['subscription.test', 'opportunity.matched']),
  );
}, 120_000);

it('no log of a function holds an address', () => {
  const logs = join(folder, 'state', 'logs');
  const texts = readdirSync(logs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
  expect(texts.join('')).toContain('"outcome":"sent"');
  expect(texts.filter((text) => /you@|example\.com|\/alerts/.test(text))).toEqual([]);
});
