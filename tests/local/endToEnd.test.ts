import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyTable } from '../../functions/cli/account/copyTable.ts';
import { ask, questionUrl } from '../../functions/cli/apiClient.ts';
import { dropFiles } from '../../functions/cli/dropFiles.ts';
import { localFiles } from '../../functions/cli/files.ts';
import { geography } from '../../functions/cli/geography.ts';
import { deployedVersion, serviceOf } from '../../functions/cli/localService.ts';
import { catalogOf } from '../../functions/cli/service.ts';
import { synth } from '../../functions/cli/synth.ts';
import { terminal } from '../../functions/cli/terminal.ts';
import { type Home, startHome } from '../../infra/local/home.ts';
import { baciFiles } from '../../lib/core/demo/baciFiles.ts';
import { demoWorld } from '../../lib/core/demo/world.ts';
import { dynaliteTables } from '../ports/dynaliteTable.ts';

/** A small synthetic world, whose truth is known: enough for every step to have something to do. */
const worldOf = (seed: number, years: number[]) =>
  demoWorld({ seed, places: geography(), years, countries: 20, products: 40 });
const world = worldOf(5, [2021, 2022]);

const folder = mkdtempSync(join(tmpdir(), 'portolan-end-to-end-'));
const state = join(folder, 'state');
const silent = terminal({ write: () => undefined }, { write: () => undefined }, { live: false, now: () => 0 });

function written(of: typeof world, into: string): string[] {
  return baciFiles(of).map(({ name, bytes }) => {
    const path = join(folder, `${into}-${name}`);
    writeFileSync(path, bytes);
    return path;
  });
}
const paths = written(world, 'first');

interface Card {
  score: { actualUsd: number; potentialUsd: number | null };
  run: string;
  synthetic?: boolean;
}
interface List<Item> {
  items: Item[];
  run: string;
  synthetic?: boolean;
}
interface Opportunity {
  product: string;
  productName: string;
  importer: string;
  importerName: string;
  basis: string;
  score: number;
  actualUsd: number;
  potentialUsd: number | null;
  unrealisedUsd: number | null;
}

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a home with a small synthetic world', () => {
  let templateDir = '';
  let home: Home;
  let firstRun = '';
  const question = (path: string, query: Record<string, string | number> = {}) => questionUrl(home.apiUrl, path, query);
  const drop = async (files: string[]) => {
    const service = serviceOf({ home, codeVersion: await deployedVersion(templateDir) });
    return dropFiles(await localFiles(files), { service, catalog: await catalogOf(service) }, silent);
  };

  beforeAll(async () => {
    templateDir = await synth({ stage: 'local' });
    home = await startHome({ templateDir, stateDir: state });
  });
  afterAll(() => home.close());

  it('says that nothing is published before the first drop', async () => {
    expect(await ask(question('/v1/status'))).toMatchObject({ run: null, drops: { stored: 0 } });
    const response = await fetch(question('/v1/opportunities', { exporter: 'MEX' }));
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(response.status).toBe(503);
  });

  it('turns dropped files into ranked opportunities with names', async () => {
    const { run, refused, fine } = await drop(paths);
    expect({ refused, fine }).toEqual({ refused: [], fine: true });
    firstRun = run ?? '';
    const list = await ask<List<Opportunity>>(question('/v1/opportunities', { exporter: 'MEX', limit: 10 }));
    expect(list.run).toBe(firstRun);
    expect(list.synthetic).toBe(true);
    expect(list.items).toHaveLength(10);
    for (const { product, productName, importer, importerName, basis, unrealisedUsd, score } of list.items) {
      expect(productName).toBe(world.products.find(({ code }) => code === product)?.name);
      expect(importerName).toBe(world.places.find(({ code }) => code === importer)?.name);
      expect(importer).not.toBe('MEX');
      expect(basis).toBe('newMarket');
      expect(unrealisedUsd).toBeGreaterThan(0);
      expect(score).toBeGreaterThan(50);
    }
  });

  it('says of the run how well its models fitted', async () => {
    const answer = await ask<{ facts?: Record<string, unknown>; run: unknown }>(question(`/v1/runs/${firstRun}`));
    expect(JSON.stringify(answer)).toContain('"converged":true');
    expect(JSON.stringify(answer)).toContain('"secondEigenvalue":0.');
  });

  it('gives for a card what was shipped on average, to the dollar', async () => {
    const { items } = await ask<List<Opportunity>>(question('/v1/opportunities', { exporter: 'MEX', limit: 1 }));
    const { product, importer } = items[0] as Opportunity;
    const card = await ask<Card>(question(`/v1/scores/MEX/${product}/${importer}`));
    const shipped = world.years.map(({ flows }) => {
      for (let n = 0; n < flows.valueN.length; n++) {
        const codes = [flows.countries.codes[flows.exporterN[n]!], flows.countries.codes[flows.importerN[n]!]];
        if (codes.join() === `MEX,${importer}` && flows.products.codes[flows.productN[n]!] === product)
          return flows.valueN[n]!;
      }
      return 0;
    });
    expect(card.score.actualUsd).toBeCloseTo((shipped[0]! + shipped[1]!) / 2, 2);
  });

  it('finds the planted expectation again: potentials go with it over orders of magnitude', async () => {
    const nP = world.products.length;
    const nE = world.places.length;
    const [first] = world.years;
    const logs: { planted: number; fitted: number }[] = [];
    // every eleventh shipment of five exporters
    const exporters = ['USA', 'DEU', 'CHN', 'MEX', 'JPN'].map((code) => first!.flows.countries.at.get(code)!);
    const shipments = [...first!.flows.valueN.keys()].filter((n) => exporters.includes(first!.flows.exporterN[n]!));
    for (const n of shipments.filter((_, at) => at % 11 === 0)) {
      const [e, m, p] = [first!.flows.exporterN[n]!, first!.flows.importerN[n]!, first!.flows.productN[n]!];
      const cell = `${world.places[e]!.code}/${world.products[p]!.code}/${world.places[m]!.code}`;
      const { score } = await ask<Card>(question(`/v1/scores/${cell}`));
      const mus = world.years.map(
        ({ supplyEP, demandMP }) =>
          supplyEP.data[e * nP + p]! * demandMP.data[m * nP + p]! * world.easeEM.data[e * nE + m]!,
      );
      const mu = (mus[0]! + mus[1]!) / 2;
      logs.push({ planted: Math.log(mu), fitted: Math.log(score.potentialUsd!) });
    }
    expect(logs.length).toBeGreaterThan(100);
    const mean = (numbers: number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
    const centre = { planted: mean(logs.map((log) => log.planted)), fitted: mean(logs.map((log) => log.fitted)) };
    const together = (a: keyof typeof centre, b: keyof typeof centre) =>
      mean(logs.map((log) => (log[a] - centre[a]) * (log[b] - centre[b])));
    const correlation =
      together('planted', 'fitted') / Math.sqrt(together('planted', 'planted') * together('fitted', 'fitted'));
    expect(correlation).toBeGreaterThan(0.85);
  });

  it('makes no new run of the same file dropped again', async () => {
    const { run, answeredAt } = await drop(paths.slice(-1));
    expect({ run, answeredAt }).toEqual({ run: firstRun, answeredAt: null });
    await home.idle();
    expect(await ask(question('/v1/status'))).toMatchObject({ run: firstRun, running: null });
  });

  it('answers at once after a restart, the very same', async () => {
    const url = () => question('/v1/opportunities', { exporter: 'DEU' });
    const before = await ask<List<Opportunity>>(url());
    await home.close();
    home = await startHome({ templateDir, stateDir: state });
    const started: string[] = [];
    home.onEvent((event) => event.type === 'function.started' && started.push(event.function));
    expect((await ask<List<Opportunity>>(url())).items).toEqual(before.items);
    expect(started).toContain('api');
    for (const name of ['ingest', 'plan', 'score', 'publish']) expect(started).not.toContain(name);
  });

  it('makes a new run of another file for the same year, and keeps the one before', async () => {
    const { run } = await drop(written(worldOf(6, [2022]), 'second').slice(-1));
    expect(run).not.toBe(firstRun);
    const { items } = await ask<List<{ run: string; standing: string }>>(question('/v1/runs'));
    expect(items.find((item) => item.run === run)?.standing).toBe('current');
    expect(items.find((item) => item.run === firstRun)?.standing).toBe('previous');
  });

  it('has everything again once its damaged table is restored from a backup', async () => {
    const url = () => question('/v1/opportunities', { exporter: 'DEU' });
    // what has changed since the run before is written after the run answers
    await home.idle();
    const { self: _, ...before } = (await ask(url())) as Record<string, unknown>;
    // functions remember pages: what the table holds only new processes say
    const restarted = async () => {
      await home.close();
      home = await startHome({ templateDir, stateDir: state });
      return fetch(url());
    };
    const backups = await dynaliteTables();
    const backup = await backups.table();
    const { TableName = '' } = home.outputs;
    const tableOf = ({ endpoint, adminCredentials: credentials }: Home) =>
      new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    let table = tableOf(home);
    // in an account both are in one place
    const both = {
      send: (command: ScanCommand | BatchWriteItemCommand) => {
        const of =
          command instanceof ScanCommand ? command.input.TableName : Object.keys(command.input.RequestItems ?? {})[0];
        return (of === backup ? backups.client : table).send(command as ScanCommand);
      },
    } as unknown as DynamoDBClient;
    const made = await copyTable(both, { from: TableName, to: backup });

    const { Items = [] } = await table.send(new ScanCommand({ TableName, ProjectionExpression: 'pk, sk' }));
    // pages only: of lost facts the schedule would find out, and begin to mend by itself
    const pages = Items.filter(({ pk }) => /^s\d#/.test(pk?.S ?? ''));
    const profiles = [0, 1, 2].map((slot) => ({ pk: { S: `s${slot}#exporter#DEU` }, sk: { S: 'profile' } }));
    for (const Key of [...pages.filter((_, at) => at % 2 === 0), ...profiles])
      await table.send(new DeleteItemCommand({ TableName, Key }));
    const stray = { pk: { S: 'pointer' }, sk: { S: 'stray' } };
    await table.send(new PutItemCommand({ TableName, Item: stray }));
    table.destroy();
    expect((await restarted()).status).not.toBe(200);

    table = tableOf(home);
    expect(await copyTable(both, { from: backup, to: TableName })).toEqual({ written: made.written, removed: 1 });
    table.destroy();
    const { self: __, ...now } = (await (await restarted()).json()) as Record<string, unknown>;
    expect(now).toEqual(before);
    await backups.close();
  });

  it('refuses what it can not read, says why, and keeps what it had', async () => {
    const unreadable = join(folder, 'prices.csv');
    writeFileSync(unreadable, 'year,colour\n2021,blue\n');
    const before = await ask<{ run: string }>(question('/v1/status'));
    const { refused, fine } = await drop([unreadable]);
    expect(fine).toBe(false);
    expect(refused.map(({ key }) => key)).toEqual(['drops/prices.csv']);
    expect(refused[0]?.reason).toMatch(/\w/);
    expect((await ask<{ run: string }>(question('/v1/status'))).run).toBe(before.run);
  });
});

describe('the command line, in a process of its own', () => {
  const cliState = join(folder, 'cli');
  const launcher = join(import.meta.dirname, '../../functions/cli/portolan.js');

  /** Runs a command and collects what it prints. */
  function portolan(command: string, ...args: string[]) {
    const child = spawn(process.execPath, [launcher, command, '--state', cliState, ...args], {
      env: { ...process.env, CI: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        printed += bytes.toString();
      });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    return { child, ended, printed: () => printed };
  }

  const start = (...args: string[]) => portolan('start', '--port', '0', ...args);

  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it('starts, drops, shows ten opportunities and the question that gave them, and ends with 0', async () => {
    const { ended, printed } = start('--once', '--exporter', 'MEX', ...paths);
    expect(await ended, printed()).toBe(0);
    expect(printed()).toMatch(/queryable in \d+\.\d s/);
    expect(printed()).toMatch(/^10 {2}\d{6} /m);
    expect(printed()).toContain('/v1/opportunities?exporter=MEX&limit=10');
    expect(printed()).toContain('invented trade');
    expect(existsSync(join(cliState, 'service.json'))).toBe(false);
  });

  it('goes on with what is published, and Ctrl-C leaves nothing behind', async () => {
    const { child, ended, printed } = start(...paths);
    await until(() => printed().includes('The service stays up') || child.exitCode !== null);
    expect(printed()).toContain('is published already');
    const { apiUrl, pid } = JSON.parse(readFileSync(join(cliState, 'service.json'), 'utf8'));
    const children = childrenOf(child);
    expect(pid).toBe(child.pid);
    expect((await fetch(`${apiUrl}/v1/health`)).status).toBe(200);

    // other processes find it, and it does what they ask
    const event = join(import.meta.dirname, '../../events/api.health.json');
    const empty = join(folder, 'empty.csv');
    writeFileSync(empty, '');
    const asked = [['status'], ['invoke', event], ['drop', ...paths.slice(-1)], ['drop', empty]];
    const others = asked.map(([command = '', ...args]) => portolan(command, ...args));
    expect(await Promise.all(others.map((other) => other.ended))).toEqual([0, 0, 0, 1]);
    const [status, invoked, dropped, refused] = others.map((other) => other.printed());
    expect(status).toContain('covers       2021, 2022: 20 exporters');
    expect(JSON.parse(invoked ?? '')).toMatchObject({ statusCode: 200 });
    expect(dropped).toContain('is published already');
    expect(refused).toContain('empty.csv was refused:');

    child.kill('SIGINT');
    expect(await ended, printed()).toBe(0);
    await expect(reached(Number(new URL(apiUrl).port))).resolves.toBe(false);
    await until(() => children.every((pid) => !existsSync(`/proc/${pid}`)));
  });
});

/** Process ids of the children of a process; none where there is no /proc. */
function childrenOf({ pid }: ChildProcess): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** Whether anybody listens on a port. */
const reached = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
