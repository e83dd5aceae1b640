import { runChanges } from '../../lib/app/runChanges.ts';
import { Attempt, task } from '../task.ts';

export const changesHandler = (deps: Parameters<typeof runChanges>[0]) => task(Attempt, runChanges(deps));
