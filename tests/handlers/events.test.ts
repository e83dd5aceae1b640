import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ComplexityEvent } from '../../functions/complexity/handler.ts';
import { DeliverEvent } from '../../functions/deliver/handler.ts';
import { EntryEvent } from '../../functions/entry/handler.ts';
import { ProxyEvent } from '../../functions/exchange.ts';
import { FailEvent } from '../../functions/fail/handler.ts';
import { FeedbackEvent } from '../../functions/feedback/handler.ts';
import { GravityEvent } from '../../functions/gravity/handler.ts';
import { IngestEvent } from '../../functions/ingest/handler.ts';
import { MatchEvent } from '../../functions/match/handler.ts';
import { ScheduledEvent } from '../../functions/reconcile/handler.ts';
import { Shard } from '../../functions/score/handler.ts';
import { StartEvent } from '../../functions/start/handler.ts';
import { Attempt } from '../../functions/task.ts';

/** What each function is sent; the name of an example begins with its function. */
const SCHEMAS = {
  api: ProxyEvent,
  backtest: Attempt,
  changes: Attempt,
  complexity: ComplexityEvent,
  deliver: DeliverEvent,
  due: ScheduledEvent,
  entry: EntryEvent,
  fail: FailEvent,
  feedback: FeedbackEvent,
  gravity: GravityEvent,
  ingest: IngestEvent,
  match: MatchEvent,
  noise: Attempt,
  plan: Attempt,
  publish: Attempt,
  reconcile: ScheduledEvent,
  score: Shard,
  start: StartEvent,
  subscriptions: ProxyEvent,
  tabulate: Attempt,
} as const;

const folder = join(import.meta.dirname, '../../events');
const examples = readdirSync(folder).sort();
const functionOf = (name: string) => (name.split('.')[0] ?? '') as keyof typeof SCHEMAS;

describe('events/', () => {
  it('has an example for every function, and none for another', () => {
    expect([...new Set(examples.map(functionOf))]).toEqual(Object.keys(SCHEMAS));
  });

  it.each(examples)('%s is what its function accepts', (name) => {
    const event = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    expect(SCHEMAS[functionOf(name)].safeParse(event)).toMatchObject({ success: true });
  });

  it('an event of another function is not accepted', () => {
    const event = JSON.parse(readFileSync(join(folder, 'reconcile.scheduled.json'), 'utf8'));
    for (const name of [
      'complexity',
      'deliver',
      'fail',
      'feedback',
      'ingest',
      'match',
      'plan',
      'score',
      'start',
    ] as const)
      expect(SCHEMAS[name].safeParse(event).success, name).toBe(false);
  });
});
