import fc from 'fast-check';
import { axis } from '../../../lib/core/labels.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';

/** Value of exporter e, importer m, product p: `cells[e][m][p]`, USD. */
export type Cube = readonly (readonly (readonly number[])[])[];

/** Flows of a cube; exporters are E0, E1…, importers M0, M1…: two sets of countries, so that no cell lies within one. */
export function flowsOf(cells: Cube): Flows {
  const nExporters = cells.length;
  const nImporters = cells[0]!.length;
  const nProducts = cells[0]![0]!.length;
  const codes = [
    ...Array.from({ length: nExporters }, (_, e) => `E${e}`),
    ...Array.from({ length: nImporters }, (_, m) => `M${m}`),
  ];
  const rows = cells.flatMap((slice, e) =>
    slice.flatMap((row, m) => row.map((value, p) => [e, nExporters + m, p, value] as const)),
  );
  const positive = rows.filter(([, , , value]) => value > 0);
  return sortFlows(axis(codes), axis(Array.from({ length: nProducts }, (_, p) => `P${p}`)), {
    exporterN: positive.map(([e]) => e),
    importerN: positive.map(([, m]) => m),
    productN: positive.map(([, , p]) => p),
    valueN: positive.map(([, , , value]) => value),
  });
}

/** A cube of the same shape, each cell computed. */
export const cubeOf = (
  shape: readonly [number, number, number],
  cell: (e: number, m: number, p: number) => number,
): Cube =>
  Array.from({ length: shape[0] }, (_, e) =>
    Array.from({ length: shape[1] }, (_, m) => Array.from({ length: shape[2] }, (_, p) => cell(e, m, p))),
  );

export const shapeOf = (cells: Cube) => [cells.length, cells[0]!.length, cells[0]![0]!.length] as const;

/** Iterative proportional fitting as the textbook has it: start with ones on the support, scale to one family of totals after the other. */
export function literalIpf(cells: Cube, sweeps: number): { mu: Cube; worst: number } {
  const shape = shapeOf(cells);
  const mu: number[][][] = cells.map((slice) => slice.map((row) => row.map(() => 1)));
  const families: ((e: number, m: number, p: number) => string)[] = [
    (e, _m, p) => `${e},${p}`,
    (_e, m, p) => `${m},${p}`,
    (e, m) => `${e},${m}`,
  ];
  const each = (visit: (e: number, m: number, p: number) => void) => {
    for (let e = 0; e < shape[0]; e++)
      for (let m = 0; m < shape[1]; m++) for (let p = 0; p < shape[2]; p++) visit(e, m, p);
  };
  const totalsOf = (from: Cube, margin: (e: number, m: number, p: number) => string) => {
    const totals = new Map<string, number>();
    each((e, m, p) => {
      const key = margin(e, m, p);
      totals.set(key, (totals.get(key) ?? 0) + from[e]![m]![p]!);
    });
    return totals;
  };
  const observed = families.map((margin) => totalsOf(cells, margin));
  let worst = 0;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    worst = 0;
    for (const [n, margin] of families.entries()) {
      const fitted = totalsOf(mu, margin);
      for (const [key, total] of observed[n]!)
        if (total > 0) worst = Math.max(worst, Math.abs(fitted.get(key)! / total - 1));
      each((e, m, p) => {
        const key = margin(e, m, p);
        const total = observed[n]!.get(key)!;
        mu[e]![m]![p] = total > 0 ? (mu[e]![m]![p]! * total) / fitted.get(key)! : 0;
      });
    }
  }
  return { mu, worst };
}

/** Small worlds with gaps: about two thirds of the cells trade, values over four orders of magnitude. */
export const anyCube = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([exporters, importers, products]) => {
    const value = fc.oneof(
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 10_000 }) },
      { weight: 1, arbitrary: fc.constant(0) },
    );
    return fc
      .array(value, { minLength: exporters * importers * products, maxLength: exporters * importers * products })
      .map((values) =>
        cubeOf([exporters, importers, products], (e, m, p) => values[(e * importers + m) * products + p]!),
      );
  })
  .filter((cells) => cells.flat(2).some((value) => value > 0));
