import { publishRun } from '../../lib/app/publishRun.ts';
import { Attempt, task } from '../task.ts';

export const publishHandler = (deps: Parameters<typeof publishRun>[0]) => task(Attempt, publishRun(deps));
