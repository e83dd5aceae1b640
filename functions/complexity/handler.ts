import * as z from 'zod';
import { runComplexity } from '../../lib/app/runComplexity.ts';
import { task } from '../task.ts';

export const ComplexityEvent = z.object({ run: z.string() });

export const complexityHandler = (deps: Parameters<typeof runComplexity>[0]) =>
  task(ComplexityEvent, runComplexity(deps));
