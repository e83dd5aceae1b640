import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

export const MAIL_SCHEMA = `
  CREATE TABLE IF NOT EXISTS mails (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, at INTEGER NOT NULL, sender TEXT NOT NULL,
    receiver TEXT NOT NULL, subject TEXT NOT NULL, html TEXT NOT NULL, body TEXT NOT NULL, headers TEXT NOT NULL)`;

/** An e-mail that was accepted. */
export interface StoredMail {
  readonly position: number;
  readonly id: string;
  /** milliseconds since 1970 */
  readonly at: number;
  readonly sender: string;
  readonly receiver: string;
  readonly subject: string;
  readonly html: string;
  /** the same as plain text */
  readonly body: string;
  readonly headers: readonly { readonly Name: string; readonly Value: string }[];
}

/** Every e-mail that functions sent: nothing leaves this machine. */
export class Mailbox {
  private readonly sql;
  private readonly arrived: (mail: StoredMail) => void;

  /** @param arrived  hears of every new e-mail */
  constructor(database: DatabaseSync, arrived: (mail: StoredMail) => void) {
    this.arrived = arrived;
    this.sql = {
      put: database.prepare(
        'INSERT INTO mails (id, at, sender, receiver, subject, html, body, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *',
      ),
      all: database.prepare('SELECT * FROM mails ORDER BY position DESC LIMIT 500'),
      one: database.prepare('SELECT * FROM mails WHERE position = ?'),
    };
  }

  put(mail: Omit<StoredMail, 'position' | 'id' | 'at'>): StoredMail {
    const { sender, receiver, subject, html, body, headers } = mail;
    const stored = mailOf(
      this.sql.put.get(randomUUID(), Date.now(), sender, receiver, subject, html, body, JSON.stringify(headers)),
    );
    this.arrived(stored);
    return stored;
  }

  /** The newest first. */
  list(): StoredMail[] {
    return this.sql.all.all().map(mailOf);
  }

  find(position: number): StoredMail | null {
    const row = this.sql.one.get(position);
    return row ? mailOf(row) : null;
  }
}

const mailOf = (row: unknown): StoredMail => {
  const stored = row as Omit<StoredMail, 'headers'> & { headers: string };
  return { ...stored, headers: JSON.parse(stored.headers) as StoredMail['headers'] };
};
