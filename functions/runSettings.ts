import * as z from 'zod';
import { SETTINGS, type Settings } from '../lib/app/settings.ts';

const amount = z.number().nonnegative();
const Universe = z.strictObject({ minimumExportsUsd: amount, minimumTradeUsd: amount, floorUsd: amount });

/** The settings of runs, with the universe that the stage chose (`UNIVERSE`, JSON). Throws at start when it is not one. */
export function runSettings(universe: string): Settings {
  return { ...SETTINGS, ...Universe.parse(JSON.parse(universe)) };
}
