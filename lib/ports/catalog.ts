import type { Dataset, Drop, Lease, Pointer, Run } from '../app/records.ts';

/**
 * The small, strongly consistent facts: which files were dropped and what became of them, which runs exist, which is current.
 * Every method is safe to repeat; conditional methods return false when the condition does not hold and change nothing.
 */
export interface Catalog {
  /** Stores the outcome of a drop. An older version of the same object never replaces a newer one (compares `sequencer`, then `lastModified`). */
  putDrop(drop: Drop): Promise<boolean>;
  drops(): Promise<Drop[]>;
  putDataset(dataset: Dataset): Promise<void>;
  getDataset(dataset: string): Promise<Dataset | null>;
  datasets(): Promise<Dataset[]>;
  putRun(run: Run): Promise<void>;
  getRun(run: string): Promise<Run | null>;
  /** Newest first. */
  runs(limit: number): Promise<Run[]>;
  pointer(): Promise<Pointer | null>;
  /** Flips the current run if the pointer still names `expected` (null: no pointer yet), or already names `next.run`. */
  flip(next: Pointer, expected: string | null): Promise<boolean>;
  /** Takes the lease when it is free, expired at `now`, or already ours (same `owner`). */
  acquire(lease: Lease, now: string): Promise<boolean>;
  lease(): Promise<Lease | null>;
  /** Gives the lease back if it is still ours. */
  release(owner: string): Promise<boolean>;
}
