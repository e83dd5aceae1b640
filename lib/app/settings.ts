/**
 * What a run is asked for, beside its data. Part of the run id: changing a setting makes another run.
 * The defaults are the documented ones (lib/decisions); a deployment changes them here, in one place.
 */
export const SETTINGS = {
  /** years averaged: the latest year and those before it, where present */
  windowYears: 3,
  /** presence: RCA at or above this */
  rcaThreshold: 1,
  /** exporters below this take no part in ECI and PCI, USD: the baskets of very small territories are a few accidents */
  minimumExportsUsd: 1e9,
  /** products below this world trade take no part in ECI and PCI, USD */
  minimumTradeUsd: 1e7,
  /** an intensive cell is an opportunity from this much unrealised value, USD */
  floorUsd: 10_000,
  /** at most this many extensive cells of an exporter are kept, best first */
  extensiveKept: 1_000,
  /** scores are back-tested from a year that is this many before the latest, or the nearest to it that is stored (lib/decisions/0120); 0 not at all */
  backtestYears: 5,
  /** where that year is stored the models that rank are trained on it, on so many empty cells at most (lib/decisions/0127); 0: the shipped models rank */
  trainingCells: 30_000_000,
} as const;
export type Settings = { readonly [Name in keyof typeof SETTINGS]: number };
