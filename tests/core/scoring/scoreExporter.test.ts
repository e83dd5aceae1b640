import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { potentialOf } from '../../../lib/core/gravity/potential.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { noiseSd } from '../../../lib/core/scoring/dispersion.ts';
import { explainCell } from '../../../lib/core/scoring/explainCell.ts';
import { BASES, type ScoredCells } from '../../../lib/core/scoring/scoredCells.ts';
import { scoreExporter } from '../../../lib/core/scoring/scoreExporter.ts';
import { type ScoringInputs, scoringInputs } from '../../../lib/core/scoring/scoringInputs.ts';
import { actualOf } from '../../../lib/core/trade/actualOf.ts';
import { anyTrade, inputsOf, tradeAmong } from './world.fixture.ts';

/** The cells as rows. */
const rowsOf = (cells: ScoredCells) =>
  Array.from(cells.scoreN, (score, n) => ({
    basis: BASES[cells.basisN[n]!]!,
    importer: cells.importerN[n]!,
    product: cells.productN[n]!,
    actual: cells.actualN[n]!,
    potential: cells.potentialN[n]!,
    shrunk: cells.shrunkN[n]!,
    size: cells.sizeN[n]!,
    index: cells.indexN[n]!,
    feasibility: cells.feasibilityN[n]!,
    score,
  }));

/** Opportunities as METHODS writes them: every cell of the exporter looked at by itself, then sorted. */
function literally(inputs: ScoringInputs, exporter: number, floorUsd: number, kept: number) {
  const { flows, totals, factors, density, dispersion } = inputs;
  const [nCountries, nProducts] = [flows.countries.codes.length, flows.products.codes.length];
  const potentialIn = potentialOf(factors);
  const actualIn = actualOf(flows);
  const supply = (e: number, p: number) => totals.exporterProduct.data[e * nProducts + p]!;
  const demand = (m: number, p: number) => totals.importerProduct.data[m * nProducts + p]!;
  const rows = {
    intensive: [] as ReturnType<typeof rowsOf>[number][],
    extensive: [] as ReturnType<typeof rowsOf>[number][],
  };
  for (let importer = 0; importer < nCountries; importer++) {
    const pair = totals.pair.data[exporter * nCountries + importer]!;
    if (importer === exporter || pair === 0) continue;
    let exposure = 0;
    for (let p = 0; p < nProducts; p++)
      if (totals.productP[p]! > 0) exposure += (supply(exporter, p) / totals.productP[p]!) * demand(importer, p);
    for (let product = 0; product < nProducts; product++) {
      const cell = { exporter, importer, product };
      const feasibility = density.data[exporter * nProducts + product]! || 0;
      const size = (supply(exporter, product) * demand(importer, product)) / totals.productP[product]!;
      const [potential, actual] = [potentialIn(cell), actualIn(cell)];
      const shrunk = Math.max(0, potential * Math.exp(-1.645 * noiseSd(dispersion, product, potential)) - actual);
      if (supply(exporter, product) > 0 && potential - actual >= floorUsd && shrunk > 0) {
        rows.intensive.push({
          basis: 'intensive',
          importer,
          product,
          actual,
          potential,
          shrunk,
          size,
          index: (size * pair) / exposure,
          feasibility,
          score: 0,
        });
      } else if (supply(exporter, product) === 0 && demand(importer, product) > 0 && feasibility > 0) {
        const index = (feasibility * demand(importer, product) * pair) / exposure;
        rows.extensive.push({
          basis: 'extensive',
          importer,
          product,
          actual: 0,
          potential: NaN,
          shrunk: NaN,
          size: NaN,
          index,
          feasibility,
          score: 0,
        });
      }
    }
  }
  const opportunity = (row: (typeof rows.intensive)[number]) =>
    row.basis === 'intensive' ? row.shrunk * row.feasibility : row.index;
  return BASES.flatMap((basis) =>
    rows[basis]
      .toSorted(
        (x, y) =>
          opportunity(y) - opportunity(x) ||
          (basis === 'intensive' ? y.potential - y.actual - (x.potential - x.actual) : 0) ||
          x.product - y.product ||
          x.importer - y.importer,
      )
      .map((row, rank) => ({ ...row, score: (100 * (rows[basis].length - rank)) / rows[basis].length }))
      .slice(0, basis === 'extensive' ? kept : Infinity),
  );
}

describe('scoreExporter', () => {
  it('is the definition, cell by cell', () => {
    const kept = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(
        anyTrade,
        kept,
        fc.constantFrom(1, 10_000),
        fc.constantFrom(0, 0.5),
        (flows, extensiveKept, floorUsd, cv2) => {
          // worlds as small as these show no dispersion of their own: some are given one
          const inputs = inputsOf(flows);
          const noisy = { ...inputs.dispersion, cv2Q: inputs.dispersion.cv2Q.map((own) => own + cv2) };
          for (let exporter = 0; exporter < flows.countries.codes.length; exporter++) {
            const found = rowsOf(
              scoreExporter({ ...inputs, dispersion: noisy }, exporter, { floorUsd, extensiveKept }),
            );
            const expected = literally({ ...inputs, dispersion: noisy }, exporter, floorUsd, extensiveKept);
            expect(found.map(({ basis, importer, product, score }) => ({ basis, importer, product, score }))).toEqual(
              expected.map(({ basis, importer, product, score }) => ({ basis, importer, product, score })),
            );
            for (const [n, row] of found.entries()) {
              const { score: _, basis: __, ...measures } = row;
              for (const [name, value] of Object.entries(measures)) {
                const other = expected[n]![name as keyof typeof measures];
                if (Number.isNaN(other)) expect(value).toBeNaN();
                else expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-9 * Math.abs(other));
              }
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  // six countries, four products; C5 sells nothing of P3, C4 sells nothing at all
  const flows = tradeAmong(6, 4, (e, m, p) =>
    e === 4 || (e === 5 && p === 3) ? 0 : 20_000 * (1 + ((e * 5 + m * 3 + p * 7) % 11)),
  );
  const inputs = inputsOf(flows);

  it('an exporter of nothing has no opportunities', () => {
    expect(scoreExporter(inputs, 4).scoreN).toHaveLength(0);
  });

  it('a product that is not sold yet is extensive, without USD of potential', () => {
    const rows = rowsOf(scoreExporter(inputs, 5)).filter(({ basis }) => basis === 'extensive');
    expect(rows.map(({ product }) => product)).toEqual([3, 3, 3, 3, 3]);
    expect(rows.every(({ potential, actual }) => Number.isNaN(potential) && actual === 0)).toBe(true);
  });

  it('a product outside the universe of density is feasible for nobody', () => {
    const rows = rowsOf(scoreExporter(inputs, 0, { floorUsd: 1 })).filter(({ product }) => product === 0);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ feasibility }) => feasibility === 0)).toBe(true);
  });

  it('the percentile counts cells that are not kept', () => {
    const all = rowsOf(scoreExporter(inputs, 5)).filter(({ basis }) => basis === 'extensive');
    const kept = rowsOf(scoreExporter(inputs, 5, { extensiveKept: 2 })).filter(({ basis }) => basis === 'extensive');
    expect(kept).toEqual(all.slice(0, 2));
  });

  it('nothing depends on how the factors are scaled', () => {
    const { factors, density, dispersion } = inputs;
    // A f_i g_k, B h_j / g_k, C / (f_i h_j)
    const f = (e: number) => 2 ** (e - 3);
    const g = (p: number) => 3 ** (p - 2);
    const h = (m: number) => 1 + m;
    const scaled = {
      ...factors,
      a: matrix(
        6,
        4,
        factors.a.data.map((value, at) => value * f(Math.floor(at / 4)) * g(at % 4)),
      ),
      b: matrix(
        6,
        4,
        factors.b.data.map((value, at) => (value * h(Math.floor(at / 4))) / g(at % 4)),
      ),
      c: matrix(
        6,
        6,
        factors.c.data.map((value, at) => value / (f(Math.floor(at / 6)) * h(at % 6))),
      ),
    };
    const other = scoringInputs(flows, scaled, density, dispersion);
    for (let exporter = 0; exporter < 6; exporter++) {
      const [one, two] = [rowsOf(scoreExporter(inputs, exporter)), rowsOf(scoreExporter(other, exporter))];
      expect(two.map(({ importer, product }) => [importer, product])).toEqual(
        one.map(({ importer, product }) => [importer, product]),
      );
      for (const [n, row] of two.entries())
        if (row.basis === 'intensive') expect(row.potential / one[n]!.potential).toBeCloseTo(1, 12);
      const cell = { exporter, importer: (exporter + 1) % 6, product: 1 };
      const [x, y] = [explainCell(inputs, cell), explainCell(other, cell)];
      if (x.drivers && y.drivers)
        for (const [name, value] of Object.entries(x.drivers))
          expect(y.drivers[name as keyof typeof y.drivers]).toBeCloseTo(value, 9);
      else expect(y).toEqual(x);
    }
  });

  it('refuses matrices that are not on the axes of the flows', () => {
    expect(() => scoringInputs(flows, inputs.factors, matrix(6, 3), inputs.dispersion)).toThrow(
      'density is 6×3, expected 6×4',
    );
    expect(() =>
      scoringInputs(flows, { ...inputs.factors, c: matrix(5, 5) }, inputs.density, inputs.dispersion),
    ).toThrow('c is 5×5, expected 6×6');
    expect(() => scoringInputs(flows, inputs.factors, inputs.density, { ...inputs.dispersion, ratioP: [1] })).toThrow(
      'dispersion of 1 products, expected 4',
    );
  });
});
