import * as z from 'zod';
import type { Clock } from '../ports/clock.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { RecordStore } from '../ports/recordStore.ts';

/** The form in which table and lake hold what they hold. One more with every change that older code could not read, or newer code would misread. */
export const DATA_VERSION = 1;

/** What a deployment writes into the table (under these keys) and the lake, so that the next one knows what it finds. */
const Stamp = z.object({ version: z.number().int().positive(), codeVersion: z.string(), at: z.iso.datetime() });
const TABLE_KEY = ['meta', 'dataVersion'] as const;
const LAKE_KEY = 'portolan.json';

export interface Data {
  readonly records: RecordStore;
  readonly lake: ObjectStore;
}

/**
 * A step from one version to the next. It may be repeated, since it may have been cut short; and it leaves what the version before reads,
 * since the functions of that version run until it is over.
 */
export interface Migration {
  readonly to: number;
  /** what it does, for the person who deploys */
  readonly what: string;
  run(data: Data): Promise<void>;
}

/** Every step there has been, in order. None yet. */
export const MIGRATIONS: readonly Migration[] = [];

export type Standing =
  /** nothing is stamped: never deployed, or by a release before stamps, whose form is version 1 */
  | { readonly standing: 'unstamped' }
  | { readonly standing: 'current' }
  | { readonly standing: 'behind'; readonly from: number }
  | { readonly standing: 'refused'; readonly reason: string };

/**
 * What this code may do with data as they are stamped. Of two stamps that differ the lower counts: a migration was cut short.
 *
 * @param version that this code reads and writes
 */
export async function standing({ records, lake }: Data, version = DATA_VERSION): Promise<Standing> {
  const inTable = await records.get(...TABLE_KEY);
  const inLake = await lake.get(LAKE_KEY);
  const stamps = [
    ['the table', inTable?.value],
    ['the lake', inLake === null ? undefined : unwritten(inLake)],
  ] as const;
  const versions: number[] = [];
  for (const [place, stamp] of stamps) {
    if (stamp === undefined) continue;
    const parsed = Stamp.safeParse(stamp);
    if (!parsed.success)
      return refused(`the stamp of ${place} is ${JSON.stringify(stamp)}; expected { version, codeVersion, at }`);
    if (parsed.data.version > version)
      return refused(
        `${place} holds data of version ${parsed.data.version}, this release knows versions up to ${version}; ` +
          `deploy the release that wrote it (code ${parsed.data.codeVersion}, ${parsed.data.at}) or a newer one`,
      );
    versions.push(parsed.data.version);
  }
  if (versions.length === 0) return { standing: 'unstamped' };
  const from = versions.length < stamps.length ? 1 : Math.min(...versions);
  return from === version && versions.length === stamps.length ? { standing: 'current' } : { standing: 'behind', from };
}

/**
 * Brings data to the version of this code, and stamps them: the steps in order, then the lake, then the table.
 *
 * @returns what was done, a line each
 * @throws Error with the reason when the data are not for this code
 */
export async function bringUp(
  { records, lake, clock, codeVersion }: Data & { clock: Clock; codeVersion: string },
  migrations: readonly Migration[] = MIGRATIONS,
  version = DATA_VERSION,
): Promise<string[]> {
  const found = await standing({ records, lake }, version);
  if (found.standing === 'refused') throw new Error(found.reason);
  if (found.standing === 'current') return [];
  const from = found.standing === 'behind' ? found.from : 1;
  const steps = migrations.filter(({ to }) => to > from && to <= version).toSorted((a, b) => a.to - b.to);
  const missing = Array.from({ length: version - from }, (_, at) => from + at + 1).filter(
    (to) => !steps.some((step) => step.to === to),
  );
  if (missing.length > 0) throw new Error(`no migration leads to data version ${missing.join(', ')}`);
  const done: string[] = [];
  for (const step of steps) {
    await step.run({ records, lake });
    done.push(`data version ${step.to}: ${step.what}`);
  }
  const stamp = { version, codeVersion, at: clock().toISOString() };
  await lake.put(LAKE_KEY, new TextEncoder().encode(JSON.stringify(stamp)), 'application/json');
  await records.put(...TABLE_KEY, stamp, null);
  return [...done, `stamped as data version ${version}`];
}

const refused = (reason: string): Standing => ({ standing: 'refused', reason });

/** JSON, or the text itself where it is none: a stamp that nobody can read is refused, not skipped. */
function unwritten(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
