import * as z from 'zod';
import { reconcile } from '../../lib/app/reconcile.ts';
import { task } from '../task.ts';

/** The scheduled event of EventBridge. */
export const ScheduledEvent = z.object({ source: z.string(), 'detail-type': z.string() });

export const reconcileHandler = (deps: Parameters<typeof reconcile>[0]) => task(ScheduledEvent, reconcile(deps));
