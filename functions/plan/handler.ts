import { prepareRun } from '../../lib/app/prepareRun.ts';
import { Attempt, task } from '../task.ts';

export const planHandler = (deps: Parameters<typeof prepareRun>[0]) => task(Attempt, prepareRun(deps));
