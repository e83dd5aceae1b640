import { runNoise } from '../../lib/app/runNoise.ts';
import { Attempt, task } from '../task.ts';

export const noiseHandler = (deps: Parameters<typeof runNoise>[0]) => task(Attempt, runNoise(deps));
