import { Worker } from 'node:worker_threads';
import { type ScoreTasks, scoreTasks } from './tasks.ts';

/** A question to a thread. */
export interface Asked {
  readonly task: keyof ScoreTasks;
  readonly given: readonly unknown[];
}

/** Somebody who does the tasks, one at a time. */
export interface ScoreThread {
  ask<Task extends keyof ScoreTasks>(
    task: Task,
    ...given: Parameters<ScoreTasks[Task]>
  ): Promise<ReturnType<ScoreTasks[Task]>>;
  end(): Promise<unknown>;
}

/** Whoever is free first. */
export function anyOf(threads: readonly ScoreThread[]): Pick<ScoreThread, 'ask'> {
  const free = [...threads];
  const waiting: ((thread: ScoreThread) => void)[] = [];
  return {
    async ask(task, ...given) {
      const thread = free.shift() ?? (await new Promise<ScoreThread>((take) => waiting.push(take)));
      try {
        return await thread.ask(task, ...given);
      } finally {
        const next = waiting.shift();
        if (next) next(thread);
        else free.push(thread);
      }
    },
  };
}

/** Threads of their own, or as many as are worth their start: this one for a small world. */
export function scoreThreads(threads: number): ScoreThread[] {
  if (threads < 2) return [here()];
  return Array.from({ length: threads }, apart);
}

function here(): ScoreThread {
  const tasks = scoreTasks();
  return {
    ask: async (task, ...given) => (tasks[task] as (...args: unknown[]) => never)(...given),
    end: async () => {},
  };
}

function apart(): ScoreThread {
  const worker = new Worker(new URL('./thread.ts', import.meta.url));
  // answers come in the order of the questions; an error is the end of the thread
  const waiting: { answer(value: unknown): void; fail(error: unknown): void }[] = [];
  let broken: unknown;
  const end = (error: unknown) => {
    broken ??= error;
    for (const { fail } of waiting.splice(0)) fail(broken);
  };
  worker.on('message', (value) => waiting.shift()?.answer(value));
  worker.on('error', end);
  worker.on('exit', () => end(new Error('a scoring thread has ended')));
  return {
    ask(task, ...given) {
      const asked = new Promise<never>((answer, fail) => {
        if (broken !== undefined) return fail(broken);
        waiting.push({ answer: answer as (value: unknown) => void, fail });
        worker.postMessage({ task, given } satisfies Asked);
      });
      // whoever asked hears of a failure when waiting for the answer, perhaps later than it happens
      asked.catch(() => {});
      return asked;
    },
    end: () => worker.terminate(),
  };
}

/** So many questions each thread has at once, as there are places for its answers (scoreRows.ts): while one waits for its turn, the next is worked on. */
const AHEAD = 2;

/**
 * The answers of threads that take turns, in the order of the questions. A thread is asked again when whoever takes the answers is done with one of its: what that
 * answer lies in may be overwritten then.
 */
export async function* inTurns<Answer>(
  threads: readonly ScoreThread[],
  questions: number,
  ask: (thread: ScoreThread, question: number) => Promise<Answer>,
): AsyncGenerator<Answer> {
  const waiting: Promise<Answer>[] = [];
  let next = 0;
  const askNext = () => {
    const thread = threads[next % threads.length];
    if (thread && next < questions) waiting.push(ask(thread, next++));
  };
  for (let ahead = 0; ahead < AHEAD * threads.length; ahead++) askNext();
  for (let answer = waiting.shift(); answer; answer = waiting.shift()) {
    yield await answer;
    askNext();
  }
}
