import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logitsOn, probabilityOf } from '../../../lib/core/entry/calibration.ts';
import { entryFeatures } from '../../../lib/core/entry/entryFeatures.ts';
import { sizeLogit } from '../../../lib/core/entry/exporterSize.ts';
import { entryPredictor } from '../../../lib/core/entry/predictor.ts';
import { scorer } from '../../../lib/core/entry/scorer.ts';
import { growthTerms } from '../../../lib/core/growth/growthFeatures.ts';
import { expectedGain, growthScore } from '../../../lib/core/growth/trainGrowthModel.ts';
import { matrix } from '../../../lib/core/matrix.ts';
import { CONTRIBUTION_GROUPS } from '../../../lib/core/scoring/contributions.ts';
import { explainCell } from '../../../lib/core/scoring/explainCell.ts';
import { exporterScores, type Foresight } from '../../../lib/core/scoring/exporterScores.ts';
import { BASES, type ScoredCells } from '../../../lib/core/scoring/scoredCells.ts';
import { type ScoringInputs, scoringInputs } from '../../../lib/core/scoring/scoringInputs.ts';
import { actualOf } from '../../../lib/core/trade/actualOf.ts';
import { anyTrade, blendedInputs, foresightOf, inputsOf, noisyWorld, tradeAmong } from './world.fixture.ts';

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
    probability: cells.probabilityN[n]!,
    opportunity: cells.opportunityN[n]!,
    score,
  }));
type Row = ReturnType<typeof rowsOf>[number];

/** Opportunities as METHODS writes them: every cell of the exporter looked at by itself, then sorted. */
function literally(
  inputs: ScoringInputs,
  { context, models }: Foresight,
  exporter: number,
  floorUsd: number,
  kept: number,
) {
  const { flows, totals } = inputs;
  const [nCountries, nProducts] = [flows.countries.codes.length, flows.products.codes.length];
  const features = entryFeatures(context)(exporter);
  if (totals.exporterE[exporter] === 0) return [];
  const entries = entryPredictor(models.entry, totals)(exporter, features);
  const rows: Record<string, Row[]> = Object.fromEntries(BASES.map((basis) => [basis, []]));
  for (let importer = 0; importer < nCountries; importer++)
    for (let product = 0; product < nProducts; product++) {
      const demand = totals.importerProduct.data[importer * nProducts + product]!;
      if (importer === exporter || demand === 0) continue;
      const known = explainCell(inputs, { exporter, importer, product });
      const isNew = known.basis === 'newProduct';
      const estimated = known.reason === null;
      const { probabilityP, worthP } = entries(importer);
      const exists = known.actual > 0;
      const score = () => growthScore(models.growth, growthTerms(features, importer, product, known.actual));
      rows[known.basis]!.push({
        basis: known.basis,
        importer,
        product,
        actual: known.actual,
        potential: estimated ? known.potential : Number.NaN,
        shrunk: estimated ? known.unrealisedShrunk : Number.NaN,
        size: isNew ? Number.NaN : known.size,
        probability: exists ? Number.NaN : probabilityP[product]!,
        opportunity: exists
          ? expectedGain(models.growth, score(), known.actual)
          : probabilityP[product]! * worthP[product]!,
        score: 0,
      });
    }
  const unrealised = ({ potential, actual }: Row) => Math.max(potential - actual, 0) || 0;
  return BASES.flatMap((basis) => {
    const all = rows[basis]!.toSorted(
      (x, y) =>
        y.opportunity - x.opportunity ||
        unrealised(y) - unrealised(x) ||
        x.product - y.product ||
        x.importer - y.importer,
    );
    return all
      .map((row, rank) => ({ ...row, score: (100 * (all.length - rank)) / all.length, rank }))
      .filter(({ rank, ...row }) =>
        row.potential > 0
          ? unrealised(row) >= floorUsd && row.shrunk > 0
          : (basis === 'newPair' || basis === 'newProduct') && rank < kept,
      )
      .map(({ rank: _, ...row }) => row);
  });
}

/** Same cells in the same order with the same scores; measures to 1e-9. */
function expectSame(found: readonly Row[], expected: readonly Row[]) {
  const place = ({ basis, importer, product, score }: Row) => ({ basis, importer, product, score });
  expect(found.map(place)).toEqual(expected.map(place));
  for (const [n, { basis: _, ...measures }] of found.entries())
    for (const [name, value] of Object.entries(measures)) {
      const other = expected[n]![name as keyof typeof measures];
      if (Number.isNaN(other)) expect(value).toBeNaN();
      else expect(Math.abs(value - other)).toBeLessThanOrEqual(1e-9 * Math.abs(other));
    }
}

describe('exporterScores', () => {
  it('is the definition, cell by cell', () => {
    fc.assert(
      fc.property(
        anyTrade,
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom(1, 10_000),
        fc.constantFrom(0, 0.5),
        (flows, extensiveKept, floorUsd, cv2) => {
          // worlds as small as these show no dispersion of their own: some are given one
          const own = inputsOf(flows);
          const inputs = {
            ...own,
            dispersion: { ...own.dispersion, cv2Q: own.dispersion.cv2Q.map((each) => each + cv2) },
          };
          const foresight = foresightOf(inputs);
          const scoresOf = exporterScores(inputs, foresight);
          for (let exporter = 0; exporter < flows.countries.codes.length; exporter++)
            expectSame(
              rowsOf(scoresOf(exporter, { floorUsd, extensiveKept })),
              literally(inputs, foresight, exporter, floorUsd, extensiveKept),
            );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is the definition where gravity speaks of pairs that never traded', () => {
    const inputs = blendedInputs();
    const foresight = foresightOf(inputs);
    const scoresOf = exporterScores(inputs, foresight);
    const found = inputs.flows.countries.codes.map((_, exporter) => {
      const rows = rowsOf(scoresOf(exporter, { extensiveKept: 3 }));
      expectSame(rows, literally(inputs, foresight, exporter, 10_000, 3));
      return rows;
    });
    const pairs = found.flat().filter(({ basis }) => basis === 'newPair');
    expect(pairs.length).toBeGreaterThan(0);
    expect(pairs.every(({ potential }) => potential > 0)).toBe(true);
  });

  // six countries, four products; C5 sells nothing of P3, C4 sells nothing at all, C0 nothing to C1
  const flows = tradeAmong(6, 4, (e, m, p) =>
    e === 4 || (e === 5 && p === 3) || (e === 0 && m === 1) ? 0 : 20_000 * (1 + ((e * 5 + m * 3 + p * 7) % 11)),
  );
  const inputs = inputsOf(flows);
  const scoresOf = exporterScores(inputs, foresightOf(inputs));

  it('an exporter of nothing has no opportunities', () => {
    expect(scoresOf(4).scoreN).toHaveLength(0);
  });

  it('a product that is not sold yet has a chance and a worth, and no potential', () => {
    const rows = rowsOf(scoresOf(5)).filter(({ basis }) => basis === 'newProduct');
    expect(rows.map(({ product }) => product)).toEqual([3, 3, 3, 3, 3]);
    for (const { potential, actual, probability, opportunity } of rows) {
      expect(potential).toBeNaN();
      expect(actual).toBe(0);
      expect(probability).toBeGreaterThan(0);
      expect(probability).toBeLessThan(1);
      expect(opportunity).toBeGreaterThan(0);
    }
  });

  it('a pair that never traded is ranked by what the model expects, without a potential where nothing gives one', () => {
    const rows = rowsOf(scoresOf(0)).filter(({ importer }) => importer === 1);
    expect(rows.map(({ basis }) => basis)).toEqual(['newPair', 'newPair', 'newPair', 'newPair']);
    expect(rows.every(({ potential }) => Number.isNaN(potential))).toBe(true);
  });

  it('the percentile counts cells that are not kept', () => {
    const all = rowsOf(scoresOf(5)).filter(({ basis }) => basis === 'newProduct');
    const kept = rowsOf(scoresOf(5, { extensiveKept: 2 })).filter(({ basis }) => basis === 'newProduct');
    expect(kept).toEqual(all.slice(0, 2));
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

describe('contributions', () => {
  const world = noisyWorld({ countries: 7, products: 8, scale: 1e5, seed: 6, noise: () => 1.5 });
  const gaps = tradeAmong(7, 8, (e, m, p) =>
    (e + m * p) % 3 === 0 ? 0 : actualOf(world)({ exporter: e, importer: m, product: p }),
  );
  const inputs = inputsOf(gaps);
  const { context, models } = foresightOf(inputs);

  it('sum to the log-odds before calibration, and to the expected growth', () => {
    const scoresOf = exporterScores(inputs, { context, models });
    const featuresOf = entryFeatures(context);
    const width = CONTRIBUTION_GROUPS.length;
    const seen = new Set<string>();
    for (let exporter = 0; exporter < 7; exporter++) {
      const cells = scoresOf(exporter, { floorUsd: 1 });
      const features = featuresOf(exporter);
      const eta = new Float64Array(8);
      for (let n = 0; n < cells.scoreN.length; n++) {
        const [importer, product, basis] = [cells.importerN[n]!, cells.productN[n]!, BASES[cells.basisN[n]!]!];
        const sum = cells.contributionNG.subarray(n * width, (n + 1) * width).reduce((all, each) => all + each, 0);
        seen.add(basis);
        if (basis === 'existing') {
          const score = growthScore(models.growth, growthTerms(features, importer, product, cells.actualN[n]!));
          expect(models.growth.intercept + sum).toBeCloseTo(score, 5);
          continue;
        }
        scorer(models.entry, features.supply.length)(features)(importer, eta);
        expect(models.entry.intercept + sum).toBeCloseTo(eta[product]!, 5);
        const size = sizeLogit(models.entry.exporterSize, inputs.totals.exporterE[exporter]!);
        const logit = logitsOn(models.entry.curves[basis])(models.entry.intercept + sum) + size;
        expect(probabilityOf(logit) / cells.probabilityN[n]!).toBeCloseTo(1, 4);
      }
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe('a world of factors and noise', () => {
  it('has the same scores however often an exporter is asked for', () => {
    const world = inputsOf(noisyWorld({ countries: 6, products: 8, scale: 1e6, seed: 5, noise: () => 0.7 }));
    const scoresOf = exporterScores(world, foresightOf(world));
    const first = scoresOf(2);
    scoresOf(3);
    expect(scoresOf(2)).toEqual(first);
  });
});
