import { Failure } from '../../core/errors.ts';

/** The refusal of a dropped file: `reason` is a whole sentence for the person who dropped it. */
export function refused(
  reason: string,
  facts: { nearestFormat?: string; missing?: readonly string[]; cause?: unknown } = {},
): Failure<'drop.refused'> {
  const { cause, ...detail } = facts;
  return new Failure('drop.refused', { reason, ...detail }, reason, cause === undefined ? {} : { cause });
}
