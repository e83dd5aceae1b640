import { DatabaseSync } from 'node:sqlite';

/**
 * Opens a database that this process alone holds. Writes are complete when a call returns and survive the death of the
 * process at any moment (not that of the machine: nothing is flushed to the disk by force).
 *
 * @param journal  WAL for many small changes; PERSIST for large ones, which are then written once instead of twice
 * @throws Error when another process holds it
 */
export function openDatabase(path: string, schema: string, journal: 'WAL' | 'PERSIST' = 'WAL'): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA page_size = 16384; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = ${journal}`);
    database.exec(`PRAGMA synchronous = OFF; BEGIN IMMEDIATE; ${schema}; COMMIT`);
  } catch (error) {
    database.close();
    if (/locked|busy/.test(String(error)))
      throw new Error(`${path} is in use: a local home is already running on this state directory`, { cause: error });
    throw error;
  }
  return database;
}

/** Runs the work as one change: all of it happens, or none. Inside another change it is part of that one. */
export function atomically<T>(database: DatabaseSync, work: () => T): T {
  if (database.isTransaction) return work();
  database.exec('BEGIN');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}
