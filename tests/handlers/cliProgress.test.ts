import { describe, expect, it } from 'vitest';
import { control, invokeThere } from '../../functions/cli/control.ts';
import { functionOf } from '../../functions/cli/eventFile.ts';
import { opportunityTable } from '../../functions/cli/opportunities.ts';
import { follow } from '../../functions/cli/progress.ts';
import type { Service } from '../../functions/cli/service.ts';
import { table } from '../../functions/cli/table.ts';
import { terminal } from '../../functions/cli/terminal.ts';
import type { Home, HomeEvent } from '../../infra/local/home.ts';

/** Something that tells what happens, as a home does, and what the command line makes of it. */
function followed(live: boolean) {
  let out = '';
  let listener = (_: HomeEvent): void => undefined;
  const screen = terminal(
    { write: (text) => (out += text) },
    { write: () => undefined },
    { live, colour: false, now: () => 0 },
  );
  const home: Pick<Home, 'onEvent'> = {
    onEvent(heard) {
      listener = heard;
      return () => {
        listener = () => undefined;
      };
    },
  };
  const progress = follow(home, screen);
  return { progress, screen, happens: (event: HomeEvent) => listener(event), written: () => out };
}

const started = (name: string): HomeEvent => ({
  type: 'function.started',
  function: name,
  requestId: 'r',
  cold: false,
});
const exited = (state: string, milliseconds: number): HomeEvent => ({
  type: 'state.exited',
  machine: 'score',
  execution: 'arn:aws:states:eu-central-1:000000000000:execution:score:00ff00ff00ff00ff-1',
  state,
  milliseconds,
});

describe('what goes on in a home', () => {
  it('is told step by step, the shards as one', () => {
    const { happens, written } = followed(false);
    for (const event of [exited('plan', 120), exited('score', 400), exited('model', 500), exited('shards', 2000)])
      happens(event);
    expect(written().replace(/ +/g, ' ')).toBe(' plan run 00ff00ff00ff00ff 0.1 s\n score 2.0 s\n');
  });

  it('is shown at the bottom: the functions at work, but not the one that answers us', () => {
    const { progress, screen, happens, written } = followed(true);
    progress.onWaiting(screen.step('scores'));
    for (const name of ['score', 'score', 'api', 'complexity']) happens(started(name));
    expect(written()).toMatch(/score ×2, complexity 0\.0 s$/);
    happens({ type: 'function.finished', function: 'score', requestId: 'r', milliseconds: 5 });
    expect(written()).toMatch(/score, complexity 0\.0 s$/);
  });

  it('is told when it goes wrong, whoever is at fault', () => {
    const { progress, happens, written } = followed(false);
    const error = { errorType: 'Error', errorMessage: 'out of disk\nRequire stack:' };
    happens({ type: 'function.failed', function: 'ingest', requestId: 'r', milliseconds: 5, error });
    happens({ type: 'access.denied', function: 'api', action: 's3:GetObject', resource: 'arn:aws:s3:::lake/a' });
    happens({ type: 'access.denied', function: 'api', action: 's3:GetObject', resource: 'arn:aws:s3:::lake/a' });
    expect(progress.givenUp()).toBe(null);
    happens({
      type: 'message.dead',
      queue: 'ingest',
      body: '{"detail":{"object":{"key":"drops/a.csv"}}}',
      receives: 3,
    });
    const aborted = { machine: 'score', execution: '00ff-2', status: 'FAILED', error: 'Died', cause: null } as const;
    happens({ type: 'execution.changed', ...aborted });
    happens({ type: 'execution.changed', ...aborted, cause: '{"errorMessage":"no page"}' });
    expect(written().trim().split(/\n */)).toEqual([
      'ingest failed: out of disk',
      'api may not s3:GetObject arn:aws:s3:::lake/a',
      'drops/a.csv was given up after 3 attempts: out of disk',
      'run 00ff failed: Died',
      'run 00ff failed: no page',
    ]);
    expect(progress.givenUp()).toBe('drops/a.csv was given up after 3 attempts: out of disk');
  });

  it('counts as activity, until it is no longer listened to', () => {
    const { progress, happens } = followed(false);
    happens(started('ingest'));
    happens({ type: 'object.created', bucket: 'b', key: 'k', bytes: 1 });
    expect(progress.activity()).toBe(2);
    progress.end();
    happens(started('ingest'));
    expect(progress.activity()).toBe(2);
  });
});

describe('tables', () => {
  it('are as wide as what is in them, numbers to the right, long texts cut', () => {
    const { head, body } = table(
      [
        { heading: '#', number: true },
        { heading: 'name', widest: 8 },
        { heading: 'usd', number: true },
      ],
      [
        ['1', 'cut roses', '5'],
        ['10', 'tea', '12.0 M'],
      ],
    );
    expect([head, ...body]).toEqual([' #  name         usd', ' 1  cut ros…       5', '10  tea       12.0 M']);
  });

  it('show what is unknown as a dash', () => {
    const { body } = opportunityTable([
      {
        exporter: 'KEN',
        exporterName: 'Kenya',
        basis: 'newProduct',
        opportunityUsd: 43_000,
        feasibility: 0.2,
        density: 0.3,
        realisedUsd: null,
        unrealisedRawUsd: null,
        sizeUsd: null,
        ease: null,
        marginAdjustment: null,
        flags: [],
        confidenceGrade: 'D',
        confidenceMissing: ['mirror', 'agreement'],
        product: '060311',
        productName: 'cut roses, fresh',
        importer: 'JPN',
        importerName: 'Japan',
        actualUsd: 0,
        potentialUsd: null,
        unrealisedUsd: null,
        score: 99.96,
      },
    ]);
    expect(body).toEqual(['1  060311 cut roses, fresh  Japan        0          –         43.0 k    20 %  100.0']);
  });
});

describe('running a function of another process', () => {
  const service = (address: Service['control']) => ({ control: address }) as Service;

  it('takes the word of the service and gives back what the function returned, or how it failed', async () => {
    const { address, close } = await control(async (name, event) => {
      if (name !== 'start') throw new Error(`there is no function ${name}`);
      return { got: event };
    });
    expect(await invokeThere(service(address), 'start', { a: 1 })).toEqual({ got: { a: 1 } });
    await expect(invokeThere(service(address), 'stop', {})).rejects.toThrow('stop failed: there is no function stop');
    await expect(invokeThere(service({ ...address, token: 'other' }), 'start', {})).rejects.toThrow('refused: 401');
    await close();
    await expect(invokeThere(service(address), 'start', {})).rejects.toThrow();
  });

  it('finds the function in the name of the event file', () => {
    expect(functionOf('events/plan.firstRun.json')).toBe('plan');
    expect(() => functionOf('events/pan.json')).toThrow('there is no function pan; did you mean plan?');
    expect(() => functionOf('events/cli.json')).toThrow('there is no function cli');
  });
});
