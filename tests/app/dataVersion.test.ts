import { describe, expect, it } from 'vitest';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { memoryRecordStore } from '../../lib/adapters/memory/memoryRecordStore.ts';
import { bringUp, DATA_VERSION, type Data, MIGRATIONS, type Migration, standing } from '../../lib/app/dataVersion.ts';

const clock = () => new Date('2026-01-02T00:00:00Z');
const fresh = () => ({ records: memoryRecordStore(), lake: memoryObjectStore(clock), clock, codeVersion: 'c1' });
const text = (value: string) => new TextEncoder().encode(value);

/** A step that leaves a trace in the lake. */
const step = (to: number): Migration => ({
  to,
  what: `step ${to}`,
  run: ({ lake }: Data) => lake.put(`migrated-${to}`, text('')),
});

it('every version has its step', () => {
  expect(MIGRATIONS.map(({ to }) => to)).toEqual(Array.from({ length: DATA_VERSION - 1 }, (_, at) => at + 2));
});

describe('data that were never stamped', () => {
  it('are stamped, once', async () => {
    const data = fresh();
    expect(await standing(data)).toEqual({ standing: 'unstamped' });
    expect(await bringUp(data)).toEqual([`stamped as data version ${DATA_VERSION}`]);
    expect(await standing(data)).toEqual({ standing: 'current' });
    expect(await bringUp(data)).toEqual([]);
  });

  it('are of the first version: later code migrates them', async () => {
    const data = fresh();
    expect(await bringUp(data, [step(3), step(2)], 3)).toEqual([
      'data version 2: step 2',
      'data version 3: step 3',
      'stamped as data version 3',
    ]);
  });
});

describe('data of a later release', () => {
  it('are refused, with who wrote them and when, and nothing is changed', async () => {
    const data = fresh();
    await bringUp(data, [step(2)], 2);
    const reason =
      'the table holds data of version 2, this release knows versions up to 1; deploy the release that wrote it (code c1, 2026-01-02T00:00:00.000Z) or a newer one';
    expect(await standing(data, 1)).toEqual({ standing: 'refused', reason });
    await expect(bringUp(data, [], 1)).rejects.toThrow(reason);
    expect(await standing(data, 2)).toEqual({ standing: 'current' });
  });

  it.each(['lake', 'table'])('are refused where only the %s says so', async (where) => {
    const data = fresh();
    const stamp = { version: 9, codeVersion: 'c9', at: clock().toISOString() };
    if (where === 'lake') await data.lake.put('portolan.json', text(JSON.stringify(stamp)));
    else await data.records.put('meta', 'dataVersion', stamp, null);
    expect(await standing(data)).toMatchObject({
      reason: expect.stringContaining(`the ${where} holds data of version 9`),
    });
  });
});

it.each(['not JSON', '{"version":"1"}', '{"version":0,"codeVersion":"c","at":"2026-01-02T00:00:00Z"}'])(
  'a stamp that cannot be read is refused: %s',
  async (stamp) => {
    const data = fresh();
    await data.lake.put('portolan.json', text(stamp));
    await expect(bringUp(data)).rejects.toThrow(
      /^the stamp of the lake is .*; expected \{ version, codeVersion, at \}$/,
    );
  },
);

describe('a migration', () => {
  it('that was cut short is done again from where the lower stamp is', async () => {
    const data = fresh();
    await bringUp(data);
    const broken: Migration = { ...step(3), run: async () => Promise.reject(new Error('the network is gone')) };
    await expect(bringUp(data, [step(2), broken], 3)).rejects.toThrow('the network is gone');
    expect(await standing(data, 3)).toEqual({ standing: 'behind', from: 1 });
    // killed between the two stamps
    await data.lake.put(
      'portolan.json',
      text(JSON.stringify({ version: 3, codeVersion: 'c', at: clock().toISOString() })),
    );
    expect(await standing(data, 3)).toEqual({ standing: 'behind', from: 1 });
    expect(await bringUp(data, [step(2), step(3)], 3)).toHaveLength(3);
    expect(await standing(data, 3)).toEqual({ standing: 'current' });
  });

  it('that nobody wrote is missed before anything is done', async () => {
    const data = fresh();
    await bringUp(data);
    await expect(bringUp(data, [step(2)], 4)).rejects.toThrow('no migration leads to data version 3, 4');
    expect(await data.lake.get('migrated-2')).toBeNull();
  });
});
