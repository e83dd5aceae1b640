import { createHash, randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { QueuePlan } from '../template/blueprint.ts';

export const QUEUE_SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, queue TEXT NOT NULL, body TEXT NOT NULL,
    attributes TEXT NOT NULL, sent INTEGER NOT NULL, visible INTEGER NOT NULL, receives INTEGER NOT NULL,
    firstReceived INTEGER, receipt TEXT);
  CREATE INDEX IF NOT EXISTS messagesByVisibility ON messages (queue, visible, position);
  CREATE INDEX IF NOT EXISTS messagesByReceipt ON messages (receipt)`;

export interface Message {
  readonly position: number;
  readonly id: string;
  readonly queue: string;
  readonly body: string;
  /** message attributes as the sender gave them, JSON */
  readonly attributes: string;
  /** milliseconds since 1970, like all times here */
  readonly sent: number;
  /** when a receiver may see it (again) */
  readonly visible: number;
  readonly receives: number;
  readonly firstReceived: number | null;
  /** names the latest delivery; null while no receiver has the message */
  readonly receipt: string | null;
}

export interface QueueCounts {
  readonly visible: number;
  readonly delayed: number;
  readonly inFlight: number;
}

/** Hears that a message may now be received. */
type Wake = () => void;

/**
 * Standard queues: at least once, in no promised order. A received message is hidden until its receiver deletes it or
 * its time is up; one that has been received too often goes to the dead-letter queue.
 */
export class Queues {
  private readonly plans = new Map<string, QueuePlan>();
  private readonly byArn = new Map<string, QueuePlan>();
  private readonly waiting = new Map<string, Set<Wake>>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private readonly died: (queue: QueuePlan, message: Message) => void;
  private readonly sql;

  /** @param died  hears of a message that is set aside */
  constructor(database: DatabaseSync, plans: readonly QueuePlan[], died: (queue: QueuePlan, message: Message) => void) {
    this.died = died;
    for (const plan of plans) {
      this.plans.set(plan.name, plan);
      this.byArn.set(plan.arn, plan);
      this.waiting.set(plan.name, new Set());
    }
    this.sql = {
      send: database.prepare(
        'INSERT INTO messages (id, queue, body, attributes, sent, visible, receives) VALUES (?, ?, ?, ?, ?, ?, 0)',
      ),
      ready: database.prepare(
        'SELECT * FROM messages WHERE queue = ? AND visible <= ? ORDER BY visible, position LIMIT ?',
      ),
      hand: database.prepare(
        'UPDATE messages SET visible = ?, receives = receives + 1, firstReceived = coalesce(firstReceived, ?), receipt = ? WHERE position = ? RETURNING *',
      ),
      setAside: database.prepare('UPDATE messages SET queue = ?, visible = ?, receipt = NULL WHERE position = ?'),
      delete: database.prepare('DELETE FROM messages WHERE queue = ? AND receipt = ?'),
      hide: database.prepare('UPDATE messages SET visible = ? WHERE queue = ? AND receipt = ?'),
      expire: database.prepare('DELETE FROM messages WHERE queue = ? AND sent < ?'),
      purge: database.prepare('DELETE FROM messages WHERE queue = ?'),
      next: database.prepare('SELECT min(visible) AS at FROM messages WHERE queue = ?'),
      counts: database.prepare(
        'SELECT count(*) FILTER (WHERE visible <= ?1) AS visible, count(*) FILTER (WHERE visible > ?1 AND receipt IS NULL) AS delayed, count(*) FILTER (WHERE visible > ?1 AND receipt IS NOT NULL) AS inFlight FROM messages WHERE queue = ?2',
      ),
    };
    // whoever had received a message is gone with the process that handed it out
    database.prepare('UPDATE messages SET visible = ?1 WHERE receipt IS NOT NULL AND visible > ?1').run(Date.now());
    for (const name of this.plans.keys()) this.wakeLater(name);
  }

  /** The queue that a name, URL or ARN means. */
  find(reference: string): QueuePlan | null {
    return this.byArn.get(reference) ?? this.plans.get(reference.split('/').at(-1) ?? '') ?? null;
  }

  all(): readonly QueuePlan[] {
    return [...this.plans.values()];
  }

  send(queue: QueuePlan, body: string, attributes = '{}', delaySeconds = queue.delaySeconds): string {
    const id = randomUUID();
    const now = Date.now();
    this.sql.send.run(id, queue.name, body, attributes, now, now + delaySeconds * 1000);
    this.wakeLater(queue.name);
    return id;
  }

  receive(queue: QueuePlan, most: number, visibilitySeconds = queue.visibilitySeconds): Message[] {
    const now = Date.now();
    this.sql.expire.run(queue.name, now - queue.retentionSeconds * 1000);
    const received: Message[] = [];
    while (received.length < most) {
      const [candidate] = this.sql.ready.all(queue.name, now, 1) as unknown as Message[];
      if (!candidate) break;
      if (queue.redrive && candidate.receives >= queue.redrive.maxReceives) {
        this.setAside(queue, candidate, queue.redrive.deadLetterArn);
        continue;
      }
      const receipt = randomUUID();
      const handed = this.sql.hand.get(now + visibilitySeconds * 1000, now, receipt, candidate.position);
      received.push(handed as unknown as Message);
      if (visibilitySeconds === 0) break;
    }
    this.wakeLater(queue.name);
    return received;
  }

  private setAside(queue: QueuePlan, message: Message, deadLetterArn: string): void {
    const deadLetters = this.byArn.get(deadLetterArn);
    if (!deadLetters) throw new Error(`${queue.name} sends dead letters to ${deadLetterArn}, which does not exist`);
    this.sql.setAside.run(deadLetters.name, Date.now(), message.position);
    this.wakeLater(deadLetters.name);
    this.died(queue, message);
  }

  delete(queue: QueuePlan, receipt: string): void {
    this.sql.delete.run(queue.name, receipt);
  }

  changeVisibility(queue: QueuePlan, receipt: string, seconds: number): void {
    this.sql.hide.run(Date.now() + seconds * 1000, queue.name, receipt);
    this.wakeLater(queue.name);
  }

  purge(queue: QueuePlan): void {
    this.sql.purge.run(queue.name);
  }

  counts(queue: QueuePlan): QueueCounts {
    return this.sql.counts.get(Date.now(), queue.name) as unknown as QueueCounts;
  }

  /** Calls back whenever a message may be received, now or later, until the returned function is called. */
  onReady(queue: QueuePlan, wake: Wake): () => void {
    const waiting = this.waiting.get(queue.name) as Set<Wake>;
    waiting.add(wake);
    this.wakeLater(queue.name);
    return () => waiting.delete(wake);
  }

  /** Arranges for whoever waits to be woken when the next message becomes visible: at once, if it is. */
  private wakeLater(name: string): void {
    clearTimeout(this.timers.get(name));
    const waiting = this.waiting.get(name);
    if (!waiting || waiting.size === 0) return;
    const { at } = this.sql.next.get(name) as { at: number | null };
    if (at === null) return;
    const wake = () => {
      for (const listener of [...waiting]) listener();
    };
    const pause = at - Date.now();
    if (pause <= 0) setImmediate(wake);
    else this.timers.set(name, setTimeout(wake, Math.min(pause, 2 ** 31 - 1)));
  }

  close(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const waiting of this.waiting.values()) waiting.clear();
  }
}

export const md5 = (text: string) => createHash('md5').update(text).digest('hex');
