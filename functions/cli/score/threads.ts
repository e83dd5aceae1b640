import { once } from 'node:events';
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
  let last: Promise<unknown> = Promise.resolve();
  return {
    ask(task, ...given) {
      const answer = last.then(async () => {
        worker.postMessage({ task, given } satisfies Asked);
        const [message] = await once(worker, 'message');
        return message;
      });
      last = answer;
      // whoever asked hears of a failure when waiting for the answer, perhaps later than it happens
      answer.catch(() => {});
      return answer;
    },
    end: () => worker.terminate(),
  };
}

/**
 * The answers of threads that take turns, in the order of the questions: each is asked again as soon as its answer is taken.
 */
export async function* inTurns<Answer>(
  threads: readonly ScoreThread[],
  questions: number,
  ask: (thread: ScoreThread, question: number) => Promise<Answer>,
): AsyncGenerator<Answer> {
  const waiting = threads.flatMap((thread, question) => (question < questions ? [ask(thread, question)] : []));
  for (let question = 0; question < questions; question++) {
    const answer = await waiting[question % threads.length];
    const [next, thread] = [question + threads.length, threads[question % threads.length]];
    if (next < questions && thread) waiting[question % threads.length] = ask(thread, next);
    if (answer !== undefined) yield answer;
  }
}
