import type { DatabaseSync } from 'node:sqlite';
import type { RulePlan } from '../template/blueprint.ts';
import { compileSchedule } from './schedule.ts';

export const SCHEDULE_SCHEMA = 'CREATE TABLE IF NOT EXISTS firings (rule TEXT PRIMARY KEY, at INTEGER NOT NULL)';

/** A timer can't be set further ahead. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Fires rules by the clock. What was due while no home ran is made up for once, when one starts.
 *
 * @returns a function that ends it
 */
export function runSchedules(
  database: DatabaseSync,
  rules: readonly RulePlan[],
  fire: (rule: RulePlan) => void,
): () => void {
  const last = database.prepare('SELECT at FROM firings WHERE rule = ?');
  const keep = database.prepare('INSERT OR REPLACE INTO firings VALUES (?, ?)');
  const timers = new Map<string, NodeJS.Timeout>();
  for (const rule of rules) {
    if (rule.schedule === null || !rule.enabled) continue;
    const next = compileSchedule(rule.schedule, rule.id);
    const wait = (after: number) => {
      const due = next(after);
      if (due === null) return;
      const pause = Math.min(Math.max(0, due - Date.now()), LONGEST_TIMER);
      const timer = setTimeout(() => {
        if (Date.now() < due) return wait(after);
        keep.run(rule.arn, Date.now());
        fire(rule);
        wait(Date.now());
      }, pause);
      timers.set(rule.arn, timer.unref());
    };
    const fired = last.get(rule.arn) as { at: number } | undefined;
    if (!fired) keep.run(rule.arn, Date.now());
    wait(fired?.at ?? Date.now());
  }
  return () => {
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
