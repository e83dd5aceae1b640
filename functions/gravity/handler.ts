import * as z from 'zod';
import { runGravity } from '../../lib/app/runGravity.ts';
import { task } from '../task.ts';

export const GravityEvent = z.object({ run: z.string() });

export const gravityHandler = (deps: Parameters<typeof runGravity>[0]) => task(GravityEvent, runGravity(deps));
