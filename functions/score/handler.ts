import * as z from 'zod';
import { scoreShard } from '../../lib/app/scoreShard.ts';
import { Attempt, task } from '../task.ts';

/** A shard: positions from…to (exclusive) on the country axis, as exporters or as importers; the world shard has no range. */
export const Shard = Attempt.extend({
  axis: z.enum(['exporter', 'importer', 'world']),
  from: z.number().int(),
  to: z.number().int(),
});

export const scoreHandler = (deps: Parameters<typeof scoreShard>[0]) => task(Shard, scoreShard(deps));
