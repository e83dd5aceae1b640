import * as z from 'zod';
import { runEntry } from '../../lib/app/runEntry.ts';
import { task } from '../task.ts';

export const EntryEvent = z.object({ run: z.string() });

export const entryHandler = (deps: Parameters<typeof runEntry>[0]) => task(EntryEvent, runEntry(deps));
