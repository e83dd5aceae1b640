/** What can make a score change from one run to the next. */
export const CAUSES = ['marketMove', 'dataRevision', 'modelVersion'] as const;
export type Cause = (typeof CAUSES)[number];

/** What a run was made from, as its manifest says. */
export interface RunMaking {
  readonly codeVersion: string;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly inputs: readonly { readonly year: number; readonly contentHash: string }[];
  /** what was known beside trade */
  readonly covariates: readonly { readonly measure: string; readonly contentHash: string }[];
  /** the models that ranked, by any text that tells them apart; not given where potentials alone are compared, in which they take no part */
  readonly rankedBy?: string;
}

/**
 * What differs between what two runs were made from. One difference alone is the cause of every change between them; of several, none
 * can be told apart without scoring the old data with the new model, so all are named.
 *
 * @returns marketMove when the years differ, dataRevision when a year of both has other contents, or other covariates were known, modelVersion when code, settings or
 *   the models that ranked differ; none when the two runs are one
 * @source METHODS 9.11
 */
export function causesBetween(before: RunMaking, after: RunMaking): Cause[] {
  const contents = (making: RunMaking) => {
    const byYear = new Map<number, string[]>();
    for (const { year, contentHash } of making.inputs) byYear.set(year, [...(byYear.get(year) ?? []), contentHash]);
    return byYear;
  };
  const [old, fresh] = [contents(before), contents(after)];
  const years = new Set([...old.keys(), ...fresh.keys()]);
  const moved = [...years].some((year) => old.has(year) !== fresh.has(year));
  const known = ({ covariates }: RunMaking) =>
    covariates.map(({ measure, contentHash }) => `${measure} ${contentHash}`).join();
  const revised =
    known(before) !== known(after) ||
    [...years].some((year) => old.has(year) && fresh.has(year) && old.get(year)!.join() !== fresh.get(year)!.join());
  const settings = ({ settings }: RunMaking) =>
    JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));
  const remodelled =
    before.codeVersion !== after.codeVersion ||
    settings(before) !== settings(after) ||
    before.rankedBy !== after.rankedBy;
  return [
    ...(moved ? (['marketMove'] as const) : []),
    ...(revised ? (['dataRevision'] as const) : []),
    ...(remodelled ? (['modelVersion'] as const) : []),
  ];
}
