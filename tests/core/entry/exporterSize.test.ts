import { describe, expect, it } from 'vitest';
import { probabilityOf } from '../../../lib/core/entry/calibration.ts';
import { exporterSizeOf, sizeLogit, type UnsizedCells } from '../../../lib/core/entry/exporterSize.ts';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { pick } from '../../../lib/core/pick.ts';

/** Twelve exporters, of whom small ones enter less and large ones more than told, in two groups of cells that are off too. */
function cells(): UnsizedCells & { exportsE: Float64Array } {
  const random = pseudoRandom(5);
  const exporters = 12;
  const exportsE = Float64Array.from({ length: exporters }, (_, e) => 10 ** (6 + ((e * 7) % exporters) / 2));
  const length = 60_000;
  const exporterN = Uint16Array.from({ length }, (_, n) => n % exporters);
  const groupN = Uint8Array.from({ length }, () => Number(random() < 0.3));
  const logitN = Float64Array.from({ length }, () => -4 + 3 * random());
  const outcomeN = Uint8Array.from({ length }, (_, n) => {
    const size = Math.log10(exportsE[exporterN[n]!]!) - 9;
    return Number(random() < probabilityOf(logitN[n]! + 0.3 * size + (groupN[n] === 1 ? 0.4 : -0.1)));
  });
  const weightN = Float64Array.from(outcomeN, (y) => (y === 1 ? 1 : 1 + Math.floor(3 * random())));
  return { exporterN, groupN, groups: 2, logitN, outcomeN, weightN, exportsE };
}

const probabilities = (of: UnsizedCells, exportsE: Float64Array) => {
  const { exporterSize, shiftG } = exporterSizeOf(of, exportsE);
  return of.logitN.map((logit, n) =>
    probabilityOf(logit + sizeLogit(exporterSize, exportsE[of.exporterN[n]!]!) + shiftG[of.groupN[n]!]!),
  );
};

describe('what the size of an exporter adds', () => {
  it('makes probabilities add up to entries in every third of the exporters and in every group of cells', () => {
    const { exportsE, ...of } = cells();
    const probabilityN = probabilities(of, exportsE);
    const sumsBy = (label: (n: number) => number, labels: number, valueN: ArrayLike<number>) => {
      const sums = new Array<number>(labels).fill(0);
      for (let n = 0; n < valueN.length; n++) sums[label(n)]! += of.weightN[n]! * valueN[n]!;
      return sums;
    };
    const bySize = [...exportsE.keys()].sort((a, b) => exportsE[a]! - exportsE[b]!);
    for (const [label, labels] of [
      [(n: number) => Math.floor(bySize.indexOf(of.exporterN[n]!) / 4), 3],
      [(n: number) => of.groupN[n]!, 2],
    ] as const) {
      const entries = sumsBy(label, labels, of.outcomeN);
      // the ridge takes less than a log-odd's worth of one entry
      for (const [at, sum] of sumsBy(label, labels, probabilityN).entries())
        expect(Math.abs(sum - entries[at]!)).toBeLessThan(1);
      const told = sumsBy(label, labels, of.logitN.map(probabilityOf));
      expect(told.some((sum, at) => Math.abs(sum / entries[at]! - 1) > 0.1)).toBe(true);
    }
  });

  it('keeps the thirds of all exporters where cells are of some', () => {
    const { exportsE, ...of } = cells();
    const some = Uint32Array.from(of.exporterN.keys()).filter((n) => of.exporterN[n] !== 3 && of.exporterN[n] !== 7);
    const seen: UnsizedCells = {
      exporterN: pick(of.exporterN, some, new Uint16Array(some.length)),
      groupN: pick(of.groupN, some, new Uint8Array(some.length)),
      groups: 2,
      logitN: pick(of.logitN, some, new Float64Array(some.length)),
      outcomeN: pick(of.outcomeN, some, new Uint8Array(some.length)),
      weightN: pick(of.weightN, some, new Float64Array(some.length)),
    };
    const all = Uint16Array.from({ length: 12 }, (_, e) => e);
    const { exporterSize, shiftG } = exporterSizeOf(seen, exportsE, all);
    expect(exporterSize.logUsd).toEqual(exporterSizeOf(of, exportsE).exporterSize.logUsd);
    const bySize = [...exportsE.keys()].sort((a, b) => exportsE[a]! - exportsE[b]!);
    for (let third = 0; third < 3; third++) {
      let missing = 0;
      for (let n = 0; n < some.length; n++) {
        const e = seen.exporterN[n]!;
        if (Math.floor(bySize.indexOf(e) / 4) !== third) continue;
        const p = probabilityOf(seen.logitN[n]! + sizeLogit(exporterSize, exportsE[e]!) + shiftG[seen.groupN[n]!]!);
        missing += seen.weightN[n]! * (seen.outcomeN[n]! - p);
      }
      expect(Math.abs(missing)).toBeLessThan(1);
    }
  });

  it('is the log of the odds by which one exporter in one group is off', () => {
    // 25 of 100 entered where 10 were told: half of the way is the size, half the group, since one does for the other
    const outcomeN = Uint8Array.from({ length: 100 }, (_, n) => Number(n < 25));
    const { exporterSize, shiftG } = exporterSizeOf(
      {
        exporterN: new Uint16Array(100).fill(1),
        groupN: new Uint8Array(100),
        groups: 1,
        logitN: new Float64Array(100).fill(Math.log(1 / 9)),
        outcomeN,
        weightN: new Float64Array(100).fill(1e6),
      },
      Float64Array.of(1, Math.E ** 20),
    );
    expect(exporterSize.logUsd).toHaveLength(1);
    expect(exporterSize.logUsd[0]).toBeCloseTo(20, 12);
    expect(exporterSize.logit[0]! + shiftG[0]!).toBeCloseTo(Math.log(1 / 3) - Math.log(1 / 9), 6);
    expect(exporterSize.logit[0]).toBeCloseTo(shiftG[0]!, 6);
  });

  it('goes in straight lines between the middles of thirds, and is level beyond', () => {
    const size = { logUsd: [10, 20, 22], logit: [-1, 0, 0.5] };
    const at = (log: number) => sizeLogit(size, Math.exp(log));
    expect([5, 10, 15, 20, 21, 22, 30].map(at).map((each) => Number(each.toFixed(12)))).toEqual([
      -1, -1, -0.5, 0, 0.25, 0.5, 0.5,
    ]);
  });

  it('does not depend on the order of cells, nor on the unit of what exporters sell', () => {
    const { exportsE, ...of } = cells();
    const told = probabilities(of, exportsE);
    const turned = probabilities(
      {
        ...of,
        exporterN: of.exporterN.slice().reverse(),
        groupN: of.groupN.slice().reverse(),
        logitN: of.logitN.slice().reverse(),
        outcomeN: of.outcomeN.slice().reverse(),
        weightN: of.weightN.slice().reverse(),
      },
      exportsE.map((exports) => 1000 * exports),
    ).reverse();
    for (let n = 0; n < told.length; n += 997) expect(turned[n]).toBeCloseTo(told[n]!, 9);
  });

  it('is one number where exporters are of one size, and finite where nothing was entered', () => {
    const { exportsE, ...of } = cells();
    const one = exporterSizeOf(
      of,
      exportsE.map(() => 1e9),
    );
    expect(one.exporterSize.logUsd).toHaveLength(1);
    const none = exporterSizeOf({ ...of, outcomeN: new Uint8Array(of.outcomeN.length) }, exportsE);
    expect(none.exporterSize.logUsd).toHaveLength(3);
    for (const { exporterSize, shiftG } of [one, none])
      expect([...exporterSize.logit, ...shiftG].every(Number.isFinite)).toBe(true);
  });
});
