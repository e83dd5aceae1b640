import { parentPort } from 'node:worker_threads';
import { scoreTasks } from './tasks.ts';
import type { Asked } from './threads.ts';

// one question after the other; an error ends the thread, which whoever asked gets to know
const tasks = scoreTasks();
parentPort?.on('message', ({ task, given }: Asked) => {
  const answer = (tasks[task] as (...args: readonly unknown[]) => unknown)(...given);
  parentPort?.postMessage(answer);
});
