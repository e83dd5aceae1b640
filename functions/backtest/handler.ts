import { runBacktest } from '../../lib/app/runBacktest.ts';
import { Attempt, task } from '../task.ts';

export const backtestHandler = (deps: Parameters<typeof runBacktest>[0]) => task(Attempt, runBacktest(deps));
