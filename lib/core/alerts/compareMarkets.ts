import { type AlertCells, type MarketMemory, NO_RIVAL } from './cells.ts';
import type { AxisShift, CellChanges } from './compareCells.ts';
import type { Markets } from './markets.ts';

/** A market changed when its imports of the product grew by a quarter, or fell as far. */
export const MARKET_CHANGE = Math.log(1.25);
/** Another supplier leads from this much of the market's imports above the one that led: two that are level do not take turns. */
export const RIVAL_LEAD = 0.05;

/** What changed behind the cells of a run; keys are rows of the cells. */
export interface MarketChanges {
  /** imports of the product by the market, now over what they were when a change last counted */
  readonly factorOf: ReadonlyMap<number, number>;
  readonly rivalOf: ReadonlyMap<number, RivalChange>;
}

export interface RivalChange {
  /** positions on the axis of the new run */
  readonly rival: number;
  readonly before: number;
  /** of the market's imports of the product */
  readonly share: number;
}

/**
 * Compares the market behind each cell with what is remembered of it.
 *
 *     |ln(v_jk / v_ref)| > ln 1.25                             the market changed
 *     (v_rjk − v_ojk) / v_jk ≥ 0.05                            r leads in place of o, both other than the exporter
 *
 * What counted becomes what is compared with the next time, so slow changes count once they have added up. A cell that is new, or whose
 * market was not known, is only remembered.
 *
 * @param beforeN per cell its row in `before`, −1 for a new one
 * @param lingering rows of `before` that are remembered on after those of the run (compareCells)
 * @param known null when the flows of the run are not at hand: the memory goes on as it was
 * @returns the changes, and the new memory. The thresholds are our choice, decisions/0089
 */
export function compareMarkets(
  exporter: number,
  before: MarketMemory,
  now: AlertCells,
  { beforeN, lingering }: Pick<CellChanges, 'beforeN' | 'lingering'>,
  shift: AxisShift | null,
  known: Markets | null,
): { changes: MarketChanges; memory: MarketMemory } {
  const factorOf = new Map<number, number>();
  const rivalOf = new Map<number, RivalChange>();
  const cells = now.importerN.length;
  const marketN = new Float32Array(cells + lingering.length);
  const rivalN = new Uint16Array(cells + lingering.length);
  for (let n = 0; n < cells; n++) {
    const was = beforeN[n]!;
    const [m, p] = [now.importerN[n]!, now.productN[n]!];
    const reference = was < 0 ? Number.NaN : before.marketN[was]!;
    const led = was < 0 ? NO_RIVAL : shifted(before.rivalN[was]!, shift);
    marketN[n] = reference;
    rivalN[n] = led;
    if (!known) continue;

    // how much the market buys
    const imports = known.importsMP.data[m * known.importsMP.cols + p]!;
    if (!(reference > 0)) marketN[n] = imports > 0 ? imports : Number.NaN;
    else if (imports > 0 && Math.abs(Math.log(imports / reference)) > MARKET_CHANGE) {
      factorOf.set(n, imports / reference);
      marketN[n] = imports;
    }

    // who sells most of it
    const leads = known.rivalOf(exporter, m, p);
    if (led === NO_RIVAL || leads === NO_RIVAL) rivalN[n] = leads === NO_RIVAL ? led : leads;
    else if (leads !== led) {
      const value = known.valueOf(leads, m, p);
      if ((value - known.valueOf(led, m, p)) / imports < RIVAL_LEAD) continue;
      rivalOf.set(n, { rival: leads, before: led, share: value / imports });
      rivalN[n] = leads;
    }
  }
  for (let r = 0; r < lingering.length; r++) {
    marketN[cells + r] = before.marketN[lingering[r]!]!;
    rivalN[cells + r] = shifted(before.rivalN[lingering[r]!]!, shift);
  }
  return { changes: { factorOf, rivalOf }, memory: { marketN, rivalN } };
}

/** A supplier that is no country of the new run any more leads nothing. */
const shifted = (rival: number, shift: AxisShift | null) => {
  if (rival === NO_RIVAL || !shift) return rival;
  const now = shift.importerM[rival]!;
  return now < 0 ? NO_RIVAL : now;
};

/** The memory of markets behind cells seen for the first time. */
export function firstMarkets(exporter: number, now: AlertCells, known: Markets | null): MarketMemory {
  const nobody = { marketN: new Float32Array(), rivalN: new Uint16Array() };
  const unseen = { beforeN: new Int32Array(now.importerN.length).fill(-1), lingering: new Int32Array() };
  return compareMarkets(exporter, nobody, now, unseen, null, known).memory;
}
