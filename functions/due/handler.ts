import { dueDeliveries } from '../../lib/app/alerts/dueDeliveries.ts';
import { ScheduledEvent } from '../reconcile/handler.ts';
import { task } from '../task.ts';

export const dueHandler = (deps: Parameters<typeof dueDeliveries>[0]) => task(ScheduledEvent, dueDeliveries(deps));
