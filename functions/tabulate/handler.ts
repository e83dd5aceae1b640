import { tabulateRun } from '../../lib/app/tabulateRun.ts';
import { Attempt, task } from '../task.ts';

export const tabulateHandler = (deps: Parameters<typeof tabulateRun>[0]) => task(Attempt, tabulateRun(deps));
