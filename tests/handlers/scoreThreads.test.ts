import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { shared } from '../../functions/cli/score/shared.ts';
import { anyOf, inTurns, type ScoreThread, scoreThreads } from '../../functions/cli/score/threads.ts';

/** A thread that takes as long as it is told, and says who has done what. */
function thread(name: string, log: string[]): ScoreThread {
  let busy = false;
  return {
    async ask(_task, ...given) {
      expect(busy).toBe(false);
      busy = true;
      const ms = given[0] as number;
      await wait(ms);
      busy = false;
      log.push(`${name} ${ms}`);
      if (ms === 13) throw new Error('bad luck');
      return ms as never;
    },
    end: async () => {},
  };
}

describe('threads', () => {
  it('take what is next when they are free, one question at a time', async () => {
    const log: string[] = [];
    const crew = anyOf([thread('a', log), thread('b', log)]);
    const answers = await Promise.all([100, 5, 6, 7].map((ms) => crew.ask('rows', ms)));
    expect(answers).toEqual([100, 5, 6, 7]);
    expect(log).toEqual(['b 5', 'b 6', 'b 7', 'a 100']);
  });

  it('go on after a question that failed', async () => {
    const log: string[] = [];
    const crew = anyOf([thread('a', log)]);
    const asked = [13, 2].map((ms) => crew.ask('rows', ms));
    await expect(asked[0]).rejects.toThrow('bad luck');
    expect(await asked[1]).toBe(2);
  });

  it('answer in turns in the order of the questions, and work on the next while an answer waits', async () => {
    // as a thread does: an answer lies in one of two places, which take turns
    const begun: number[] = [];
    const queued = (): ScoreThread => {
      const places = [[0], [0]] as [number[], number[]];
      let asked = 0;
      let last: Promise<unknown> = Promise.resolve();
      return {
        ask(_task, ...given) {
          const place = places[asked++ % 2]!;
          const [ms = 0] = given as number[];
          last = last.then(async () => {
            begun.push(ms);
            place[0] = -1;
            await wait(ms);
            place[0] = ms;
            return place;
          });
          return last as Promise<never>;
        },
        end: async () => {},
      };
    };
    const times = [30, 1, 2, 20, 3, 4, 5];
    const answers: number[] = [];
    for await (const answer of inTurns([queued(), queued()], times.length, (each, at) =>
      each.ask('rows', times[at]!),
    )) {
      // whoever takes an answer takes time for it
      await wait(10);
      answers.push((answer as unknown as number[])[0]!);
      if (answers.length === 1) expect(begun).toContain(20);
    }
    expect(answers).toEqual(times);
  });

  it('of their own that fail tell whoever has asked, and whoever asks later', async () => {
    const threads = scoreThreads(2);
    const before = threads.map((each) => each.ask('rows', 0));
    for (const asked of before) await expect(asked).rejects.toThrow('rows before begin');
    await expect(threads[0]!.ask('rows', 1)).rejects.toThrow('rows before begin');
    await Promise.all(threads.map((each) => each.end()));
    await expect(threads[1]!.ask('rows', 1)).rejects.toThrow('rows before begin');
    // those that are ended while they are asked
    const ended = scoreThreads(2);
    const asked = ended.map((each) => each.ask('rows', 0));
    await Promise.all(ended.map((each) => each.end()));
    for (const question of asked) await expect(question).rejects.toThrow('a scoring thread has ended');
  });
});

describe('shared memory', () => {
  it('holds the numbers of a value once, and nothing else changes', () => {
    const codes = { at: new Map([['MEX', 0]]), codes: ['MEX'] };
    const given = { a: { data: Float64Array.of(1, 2), rows: 1 }, list: [Uint16Array.of(3)], codes, none: null };
    const value = shared(given);
    expect(value).toEqual(given);
    expect(value.a.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(value.list[0]!.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(value.a.data).toBeInstanceOf(Float64Array);
    given.a.data[0] = 9;
    expect(value.a.data[0]).toBe(1);
    // what is shared already is not copied again
    expect(shared(value).a.data).toBe(value.a.data);
    // a view of a part is that part
    expect(Array.from(shared(Float64Array.of(1, 2, 3).subarray(1)))).toEqual([2, 3]);
  });
});
