import { dealFolds } from '../backtest/folds.ts';
import { type Additive, contributions } from '../entry/additive.ts';
import { binEdges, binner, type Edges } from '../entry/bins.ts';
import type { EntryContext } from '../entry/entryContext.ts';
import { entryFeatures } from '../entry/entryFeatures.ts';
import { type AdditiveFit, fitAdditive } from '../entry/fitAdditive.ts';
import { type GainBand, gainBand } from '../entry/gainBand.ts';
import { type IsotonicFit, isotonicAt, isotonicFit } from '../entry/isotonic.ts';
import { actualOf } from '../trade/actualOf.ts';
import type { Flows } from '../trade/flows.ts';
import { GROWTH_TERMS, growthTerms } from './growthFeatures.ts';

/**
 * A model of how much flows grow, given that they still exist. Survives JSON. The score is ln(v after / v before) as expected.
 */
export interface GrowthModel extends Additive {
  /** by score, the expected gain E[max(v after − v before, 0)] over v before */
  readonly gain: IsotonicFit;
  /** how far expected gains are to be trusted */
  readonly band: GainBand;
}

/** Flows that exist before and after. */
export interface GrowthRows {
  /** by term of `GROWTH_TERMS` */
  readonly valueTN: readonly Float32Array[];
  readonly exporterN: Uint16Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** USD */
  readonly beforeN: Float64Array;
  readonly afterN: Float64Array;
}

const BINS = 32;
const FOLDS = 3;
/** Growth beyond this factor e^5 = 148, or below its inverse, counts as that: a mistake of a unit should not bend a shape. */
const MOST = 5;
const GAIN_GROUPS = 50;

/** The flows to train on. Exits are not among them: what is found holds for flows that survive. */
export function growthRows(
  context: EntryContext,
  { after, exporterE, unknownPairs }: { after: Flows; exporterE: Uint16Array; unknownPairs: ReadonlySet<number> },
): GrowthRows {
  const { flows, startE } = context;
  const nCountries = flows.countries.codes.length;
  const featuresOf = entryFeatures(context);
  const later = actualOf(after);
  const found: { n: number; value: number }[] = [];
  const valueTR: number[][] = GROWTH_TERMS.map(() => []);
  const terms = new Float32Array(GROWTH_TERMS.length);
  for (const exporter of exporterE) {
    const features = featuresOf(exporter);
    for (let n = startE[exporter]!; n < startE[exporter + 1]!; n++) {
      const [importer, product] = [flows.importerN[n]!, flows.productN[n]!];
      if (unknownPairs.has(exporter * nCountries + importer)) continue;
      const value = later({ exporter, importer, product });
      if (!(value > 0)) continue;
      found.push({ n, value });
      growthTerms(features, importer, product, flows.valueN[n]!, terms);
      for (let t = 0; t < terms.length; t++) valueTR[t]!.push(terms[t]!);
    }
  }
  return {
    valueTN: valueTR.map((values) => Float32Array.from(values)),
    exporterN: Uint16Array.from(found, ({ n }) => flows.exporterN[n]!),
    importerN: Uint16Array.from(found, ({ n }) => flows.importerN[n]!),
    productN: Uint16Array.from(found, ({ n }) => flows.productN[n]!),
    beforeN: Float64Array.from(found, ({ n }) => flows.valueN[n]!),
    afterN: Float64Array.from(found, ({ value }) => value),
  };
}

/**
 * Trains the model by least squares on ln(v after / v before), and the expected gain in USD on scores of models that have seen neither the
 * exporter nor the importer of a flow: flows in fifty groups by score, the gain of all over the value of all in each, pooled to rise.
 *
 * @param countries codes, by which folds are dealt
 * @returns the model, whether its fits settled, and the scores of those models
 */
export function trainGrowthModel(
  rows: GrowthRows,
  countries: readonly string[],
): { model: GrowthModel; converged: boolean; scoreN: Float64Array } {
  const { beforeN, afterN } = rows;
  const cells = beforeN.length;
  const ones = new Float64Array(cells).fill(1);
  const edgesT = rows.valueTN.map((valueN) => binEdges(valueN, ones, BINS));
  const binTN = rows.valueTN.map((valueN, t) => {
    const binN = new Uint8Array(cells);
    binner(edgesT[t]!)(valueN, binN);
    return binN;
  });
  const growthN = growthOf(rows);
  const fitOn = (at: Uint32Array): AdditiveFit =>
    fitAdditive(
      {
        binTN: binTN.map((binN) => Uint8Array.from(at, (n) => binN[n]!)),
        binsT: edgesT.map((edges: Edges) => edges.length + 1),
        outcomeN: Float64Array.from(at, (n) => growthN[n]!),
        weightN: new Float64Array(at.length).fill(1),
      },
      { family: 'linear' },
    );
  const all = Uint32Array.from(beforeN.keys());
  const final = fitOn(all);

  // scores without the flow's own countries
  const exporterFoldC = dealFolds(countries, FOLDS, 'gain of exporters');
  const importerFoldC = dealFolds(countries, FOLDS, 'gain of importers');
  const foldN = Uint8Array.from(
    all,
    (n) => exporterFoldC[rows.exporterN[n]!]! * FOLDS + importerFoldC[rows.importerN[n]!]!,
  );
  const scoreN = new Float64Array(cells);
  let converged = final.converged;
  for (let fold = 0; fold < FOLDS ** 2; fold++) {
    if (!foldN.includes(fold)) continue;
    const [a, b] = [Math.floor(fold / FOLDS), fold % FOLDS];
    const fit = fitOn(
      all.filter((n) => exporterFoldC[rows.exporterN[n]!] !== a && importerFoldC[rows.importerN[n]!] !== b),
    );
    converged &&= fit.converged;
    for (let n = 0; n < cells; n++) {
      if (foldN[n] !== fold) continue;
      scoreN[n] = fit.effectTB.reduce((sum, effectB, t) => sum + effectB[binTN[t]![n]!]!, fit.intercept);
    }
  }
  const gain = gainCurve(scoreN, beforeN, afterN);
  const model: GrowthModel = {
    intercept: final.intercept,
    shapes: GROWTH_TERMS.map(({ term }, t) => ({ term, edges: edgesT[t]!, effects: Array.from(final.effectTB[t]!) })),
    gain,
    band: gainBand({
      expectedN: beforeN.map((before, n) => isotonicAt(gain, scoreN[n]!) * before),
      gainedN: beforeN.map((before, n) => Math.max(afterN[n]! - before, 0)),
      weightN: ones,
      exporterN: rows.exporterN,
    }),
  };
  return { model, converged, scoreN };
}

/** ln(v after / v before), within ±5. */
const growthOf = ({ beforeN, afterN }: GrowthRows): Float64Array =>
  beforeN.map((before, n) => Math.max(-MOST, Math.min(MOST, Math.log(afterN[n]! / before))));

/** The mean squared error of scores as ln(v after / v before). */
export function squaredError(rows: GrowthRows, scoreN: Float64Array): number {
  const growthN = growthOf(rows);
  return growthN.reduce((sum, growth, n) => sum + (growth - scoreN[n]!) ** 2, 0) / growthN.length;
}

/** What a model says of rows. */
export function growthScoreOfRows(model: Additive, { valueTN, beforeN }: GrowthRows): Float64Array {
  const terms = new Float32Array(valueTN.length);
  return beforeN.map((_, n) => {
    for (let t = 0; t < terms.length; t++) terms[t] = valueTN[t]![n]!;
    return growthScore(model, terms);
  });
}

function gainCurve(scoreN: Float64Array, beforeN: Float64Array, afterN: Float64Array): IsotonicFit {
  const order = Uint32Array.from(scoreN.keys()).sort((a, b) => scoreN[a]! - scoreN[b]!);
  const groups = Math.min(GAIN_GROUPS, order.length);
  const from: number[] = [];
  const ratio: number[] = [];
  const weight: number[] = [];
  for (let g = 0; g < groups; g++) {
    const members = order.subarray(
      Math.floor((g * order.length) / groups),
      Math.floor(((g + 1) * order.length) / groups),
    );
    let [gained, before] = [0, 0];
    for (const n of members) {
      gained += Math.max(afterN[n]! - beforeN[n]!, 0);
      before += beforeN[n]!;
    }
    from.push(scoreN[members[0]!]!);
    ratio.push(gained / before);
    weight.push(before);
  }
  return isotonicFit(Float64Array.from(from), ratio, weight);
}

/** ln(v after / v before) as expected of a flow, from its terms. */
export const growthScore = (model: Additive, terms: ArrayLike<number>): number =>
  contributions(model, terms).reduce((sum, each) => sum + each, model.intercept);

/** E[max(v after − v before, 0)], USD, of a flow that still exists then. */
export const expectedGain = ({ gain }: GrowthModel, score: number, value: number): number =>
  isotonicAt(gain, score) * value;
