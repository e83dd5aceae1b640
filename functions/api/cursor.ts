import { createHash } from 'node:crypto';
import * as z from 'zod';
import { Failure } from '../../lib/core/errors.ts';

/** The question that a cursor goes on with, in one spelling: page size and presentation may change on the way, nothing else. */
export function questionOf(path: string, query: Readonly<Record<string, unknown>>): string {
  const asked = Object.entries(query)
    .filter(([name, value]) => value !== undefined && !['cursor', 'limit', 'fields', 'format', 'bom'].includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([path, asked]))
    .digest('base64url')
    .slice(0, 12);
}

/** A place in the answer to a question, opaque to the caller. */
export const encodeCursor = (question: string, place: unknown) =>
  Buffer.from(JSON.stringify([question, place])).toString('base64url');

/** The place that a cursor names. Failure `request.invalid` when it is none of ours, or belongs to another question. */
export function decodeCursor<S extends z.ZodType>(cursor: string, question: string, place: S): z.output<S> {
  const wrong = (detail: string) => new Failure('request.invalid', { errors: [{ parameter: 'cursor', detail }] });
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (cause) {
    throw new Failure('request.invalid', { errors: [{ parameter: 'cursor', detail: UNREADABLE }] }, undefined, {
      cause,
    });
  }
  const parsed = z.tuple([z.string(), place]).safeParse(decoded);
  if (!parsed.success) throw wrong(UNREADABLE);
  if (parsed.data[0] !== question) {
    throw wrong('belongs to another request: repeat the filters and the sort that it was given for, or begin again');
  }
  return parsed.data[1] as z.output<S>;
}

const UNREADABLE = 'is not one that this service gave out';

/** A place in a list of a run. */
export const InRun = z.object({ run: z.string(), offset: z.number().int().min(0) });
/** A place in a list that grows: the last item seen. */
export const After = z.object({ after: z.string() });
