import { enableCompileCache } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type { Asked } from './threads.ts';

// a thread has to ask for itself: two thirds of its start
enableCompileCache();
const { scoreTasks } = await import('./tasks.ts');

// one question after the other; an error ends the thread, which whoever asked gets to know
const tasks = scoreTasks();
parentPort?.on('message', ({ task, given }: Asked) => {
  const answer = (tasks[task] as (...args: readonly unknown[]) => unknown)(...given);
  parentPort?.postMessage(answer);
});
