import { dealFolds } from '../backtest/folds.ts';
import { pick } from '../pick.ts';
import { stream, uniform } from '../random.ts';
import { exporterStarts, type Flows } from '../trade/flows.ts';
import type { Additive } from './additive.ts';
import { ENTRY_BASES, type EntryBasis, entryBasisOf } from './bases.ts';
import { binEdges, binner, type Edges, withTail } from './bins.ts';
import { type Curve, calibrationCurve, logitsOn, probabilityOf } from './calibration.ts';
import type { EntryContext } from './entryContext.ts';
import { type AnyEntryTerm, entryFeatures, featureAt, termsOf } from './entryFeatures.ts';
import { type ExporterSize, exporterSizeOf, sizeLogit } from './exporterSize.ts';
import { type AdditiveFit, fitAdditive } from './fitAdditive.ts';
import { type GainBand, gainBand } from './gainBand.ts';

/** A model of which empty cells fill. Survives JSON. */
export interface EntryModel extends Additive {
  /** ln of what an entered cell is worth as a sum of shapes, USD, and by what its exponential is multiplied to be a mean, by the kind of entry */
  readonly worth: Additive & { readonly smear: Readonly<Record<EntryBasis, number>> };
  /** a cell counts as entered from this much, USD */
  readonly eventUsd: number;
  /** scores turn into log-odds by the kind of entry */
  readonly curves: Readonly<Record<EntryBasis, Curve>>;
  /** what the size of the exporter adds: log-odds at a few sizes, straight lines between them */
  readonly exporterSize: ExporterSize;
  /** how far expected gains are to be trusted, by the kind of entry */
  readonly bands: Readonly<Record<EntryBasis, GainBand>>;
}

/** What a model was trained on: it says nothing about other levels of products or other horizons. */
export interface TrainedOn {
  /** years */
  readonly before: number;
  readonly after: number;
  /** digits of the products */
  readonly level: number;
  readonly exporters: number;
  readonly cells: number;
  /** cells that were entered; null for a model of growth */
  readonly positives: number | null;
}

/** Cells with a known outcome: all that were entered, and a share of the others that counts for all. */
export interface TrainingRows {
  readonly terms: readonly AnyEntryTerm['term'][];
  /** by term */
  readonly valueTN: readonly Float32Array[];
  readonly exporterN: Uint16Array;
  readonly importerN: Uint16Array;
  readonly productN: Uint16Array;
  /** position in ENTRY_BASES */
  readonly basisN: Uint8Array;
  readonly outcomeN: Uint8Array;
  /** what the cell was worth afterwards, USD; 0 where it was not entered */
  readonly afterN: Float64Array;
  readonly weightN: Float64Array;
}

/** Of the empty cells that stayed empty at least one in so many is looked at; each counts for all that it stands for. */
const KEPT = 16;
/** All are, from a quarter of a large flow expected: there are few of them, and they decide the first places of lists (decisions/0126). */
const SURE = 4;
const BINS = 32;
/** The last bin is divided so many times more, to tell the first places of a list apart: there it holds a thirtieth of all entries. */
const TAIL = 4;
/** Countries are dealt into so many folds, once as exporters and once as importers, to find scores without the cell's own outcome. */
const FOLDS = 3;

/**
 * Draws the cells to train on, with all terms that the context has.
 *
 * @param outcomeOf USD that the cell was worth afterwards
 * @param exporterE exporters with known outcomes
 */
export function trainingRows(
  context: EntryContext,
  { after, exporterE, unknownPairs }: { after: Flows; exporterE: Uint16Array; unknownPairs: ReadonlySet<number> },
  eventUsd: number,
  onExporter: (done: number, of: number) => void = () => {},
): TrainingRows {
  const { flows, startE, totals } = context;
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const featuresOf = entryFeatures(context);
  const basisOf = entryBasisOf(totals);
  const outcomes = exporterStarts(after);
  const terms = termsOf(context);
  const valueTR: number[][] = terms.map(() => []);
  const rows = {
    exporter: [] as number[],
    importer: [] as number[],
    product: [] as number[],
    basis: [] as number[],
    outcome: [] as number[],
    after: [] as number[],
    weight: [] as number[],
  };
  for (const [e, exporter] of exporterE.entries()) {
    const features = featuresOf(exporter);
    const draws = stream(1, `rows of ${flows.countries.codes[exporter]}`);
    const tradedMP = new Uint8Array(nCountries * nProducts);
    for (let n = startE[exporter]!; n < startE[exporter + 1]!; n++)
      tradedMP[flows.importerN[n]! * nProducts + flows.productN[n]!] = 1;
    const laterMP = new Float64Array(nCountries * nProducts);
    for (let n = outcomes[exporter]!; n < outcomes[exporter + 1]!; n++)
      if (after.valueN[n]! >= eventUsd)
        laterMP[after.importerN[n]! * nProducts + after.productN[n]!] = after.valueN[n]!;
    for (let importer = 0; importer < nCountries; importer++) {
      if (importer === exporter || unknownPairs.has(exporter * nCountries + importer)) continue;
      for (let product = 0, at = importer * nProducts; product < nProducts; product++, at++) {
        if (tradedMP[at] === 1 || !(features.demand[at]! > 0)) continue;
        const outcome = laterMP[at]! > 0 ? 1 : 0;
        const share = outcome === 1 ? 1 : Math.min(1, Math.max(1 / KEPT, SURE * features.countOfLargeFlows[at]!));
        if (uniform(draws, at) >= share) continue;
        for (const [t, term] of terms.entries()) valueTR[t]!.push(featureAt(features, term, importer, product));
        rows.exporter.push(exporter);
        rows.importer.push(importer);
        rows.product.push(product);
        rows.basis.push(basisOf({ exporter, importer, product }));
        rows.outcome.push(outcome);
        rows.after.push(laterMP[at]!);
        rows.weight.push(1 / share);
      }
    }
    onExporter(e + 1, exporterE.length);
  }
  return {
    terms: terms.map(({ term }) => term),
    valueTN: valueTR.map((values) => Float32Array.from(values)),
    exporterN: Uint16Array.from(rows.exporter),
    importerN: Uint16Array.from(rows.importer),
    productN: Uint16Array.from(rows.product),
    basisN: Uint8Array.from(rows.basis),
    outcomeN: Uint8Array.from(rows.outcome),
    afterN: Float64Array.from(rows.after),
    weightN: Float64Array.from(rows.weight),
  };
}

/**
 * Trains the model: shapes on all rows, and the way from scores to probabilities on scores of models that have seen neither the exporter nor
 * the importer of a cell.
 *
 * @param exportsE what each country sells in all, USD
 * @param countries codes, by which folds are dealt
 * @param thirdsOf exporters that are divided into small, middling and large ones: those of the rows unless told otherwise
 * @returns the model, whether its fits settled, and for every row the probability by models that have not seen its exporter or importer
 */
export function trainEntryModel(
  rows: TrainingRows,
  {
    countries,
    exportsE,
    eventUsd,
    thirdsOf,
  }: { countries: readonly string[]; exportsE: Float64Array; eventUsd: number; thirdsOf?: Uint16Array },
): { model: EntryModel; converged: boolean; probabilityN: Float64Array } {
  const { edgesT, binTN } = binned(rows);
  const all = Uint32Array.from(rows.outcomeN.keys());
  const final = fitOn(all, rows, edgesT, binTN);

  // scores without own outcomes
  const exporterFoldC = dealFolds(countries, FOLDS, 'calibration of exporters');
  const importerFoldC = dealFolds(countries, FOLDS, 'calibration of importers');
  const etaN = new Float64Array(all.length);
  let converged = final.converged;
  for (let a = 0; a < FOLDS; a++)
    for (let b = 0; b < FOLDS; b++) {
      const outside = all.filter(
        (n) => exporterFoldC[rows.exporterN[n]!] !== a && importerFoldC[rows.importerN[n]!] !== b,
      );
      const fit = fitOn(outside, rows, edgesT, binTN, final);
      converged &&= fit.converged;
      for (let n = 0; n < all.length; n++) {
        if (exporterFoldC[rows.exporterN[n]!] !== a || importerFoldC[rows.importerN[n]!] !== b) continue;
        let eta = fit.intercept;
        for (let t = 0; t < binTN.length; t++) eta += fit.effectTB[t]![binTN[t]![n]!]!;
        etaN[n] = eta;
      }
    }
  const byBasis = ENTRY_BASES.map((_, at) => {
    const own = all.filter((n) => rows.basisN[n] === at);
    return calibrationCurve(
      pick(etaN, own, new Float64Array(own.length)),
      pick(rows.outcomeN, own, new Uint8Array(own.length)),
      pick(rows.weightN, own, new Float64Array(own.length)),
    );
  });
  const logits = byBasis.map(logitsOn);
  const logitN = etaN.map((eta, n) => logits[rows.basisN[n]!]!(eta));
  // what size adds would leave the sums of kinds of entry: they are shifted back
  const { exporterN, basisN: groupN, outcomeN, weightN } = rows;
  const groups = ENTRY_BASES.length;
  const unsized = { exporterN, groupN, groups, logitN, outcomeN, weightN };
  const { exporterSize, shiftG } = exporterSizeOf(unsized, exportsE, thirdsOf);
  const curves = Object.fromEntries(
    ENTRY_BASES.map((basis, at): [EntryBasis, Curve] => {
      const { eta, logit } = byBasis[at]!;
      return [basis, { eta, logit: logit.map((each) => each + shiftG[at]!) }];
    }),
  ) as Record<EntryBasis, Curve>;
  const sizeE = exportsE.map((exports) => sizeLogit(exporterSize, exports));
  const probabilityN = logitN.map((logit, n) => probabilityOf(logit + shiftG[groupN[n]!]! + sizeE[exporterN[n]!]!));
  const worth = worthOf(rows, edgesT, binTN);
  const worthN = scoresOfRows(worth, rows).map((eta, n) => worth.smear[ENTRY_BASES[rows.basisN[n]!]!] * Math.exp(eta));
  const bands = Object.fromEntries(
    ENTRY_BASES.map((basis, at): [EntryBasis, GainBand] => {
      const own = all.filter((n) => rows.basisN[n] === at);
      return [
        basis,
        gainBand({
          expectedN: Float64Array.from(own, (n) => probabilityN[n]! * worthN[n]!),
          gainedN: Float64Array.from(own, (n) => rows.afterN[n]!),
          weightN: Float64Array.from(own, (n) => rows.weightN[n]!),
          exporterN: Uint16Array.from(own, (n) => rows.exporterN[n]!),
        }),
      ];
    }),
  ) as Record<EntryBasis, GainBand>;
  const model: EntryModel = { eventUsd, ...additiveOf(rows, edgesT, final), worth, curves, exporterSize, bands };
  return { model, converged, probabilityN };
}

/**
 * What a model says of rows.
 *
 * @throws RangeError for rows without a term of the model
 */
export function probabilityOfRows(model: EntryModel, rows: TrainingRows, exportsE: Float64Array): Float64Array {
  const logits = ENTRY_BASES.map((basis) => logitsOn(model.curves[basis]));
  return scoresOfRows(model, rows).map((eta, n) => {
    const logit = logits[rows.basisN[n]!]!(eta);
    return probabilityOf(logit + sizeLogit(model.exporterSize, exportsE[rows.exporterN[n]!]!));
  });
}

/** The sums of shapes of rows. */
function scoresOfRows({ intercept, shapes }: Additive, rows: TrainingRows): Float64Array {
  const etaN = new Float64Array(rows.outcomeN.length).fill(intercept);
  const binN = new Uint8Array(etaN.length);
  for (const { term, edges, effects } of shapes) {
    const t = rows.terms.indexOf(term as AnyEntryTerm['term']);
    if (t < 0) throw new RangeError(`probabilityOfRows: the rows have no term ${term}`);
    binner(edges)(rows.valueTN[t]!, binN);
    for (let n = 0; n < binN.length; n++) etaN[n]! += effects[binN[n]!]!;
  }
  return etaN;
}

/** −Σ w [y ln p + (1 − y) ln(1 − p)] / Σ w: less is better, and least in expectation for the true probabilities. */
export function logLoss(outcomeN: Uint8Array, weightN: Float64Array, probabilityN: Float64Array): number {
  let loss = 0;
  let weight = 0;
  for (let n = 0; n < outcomeN.length; n++) {
    loss -= weightN[n]! * (outcomeN[n] === 1 ? Math.log(probabilityN[n]!) : Math.log1p(-probabilityN[n]!));
    weight += weightN[n]!;
  }
  return loss / weight;
}

/**
 * What an entered cell is worth: least squares on the logarithm, and Duan's smearing factor for the mean of the values themselves.
 *
 *     E[v | entered] = smear · e^(c + Σ_t f_t),    smear = Σ v / Σ e^(c + Σ_t f_t) over the entered cells of the kind
 */
function worthOf(rows: TrainingRows, edgesT: readonly Edges[], binTN: readonly Uint8Array[]): EntryModel['worth'] {
  const entered = Uint32Array.from(rows.outcomeN.keys()).filter((n) => rows.outcomeN[n] === 1);
  const logN = Float64Array.from(entered, (n) => Math.log(rows.afterN[n]!));
  const ownTN = binTN.map((binN) => Uint8Array.from(entered, (n) => binN[n]!));
  const fit = fitAdditive(
    {
      binTN: ownTN,
      binsT: edgesT.map((edges) => edges.length + 1),
      outcomeN: logN,
      weightN: new Float64Array(entered.length).fill(1),
    },
    { family: 'linear' },
  );
  const sums = ENTRY_BASES.map(() => ({ value: 0, fitted: 0 }));
  for (const [at, n] of entered.entries()) {
    const sum = sums[rows.basisN[n]!]!;
    sum.value += rows.afterN[n]!;
    sum.fitted += Math.exp(fit.effectTB.reduce((total, effectB, t) => total + effectB[ownTN[t]![at]!]!, fit.intercept));
  }
  const smear = Object.fromEntries(
    ENTRY_BASES.map((basis, b) => [basis, sums[b]!.fitted > 0 ? sums[b]!.value / sums[b]!.fitted : 1]),
  ) as Record<EntryBasis, number>;
  return { ...additiveOf(rows, edgesT, fit), smear };
}

/** The shapes alone, on all rows: a score without probabilities. */
export function fitShapes(rows: TrainingRows): Additive & { readonly converged: boolean } {
  const { edgesT, binTN } = binned(rows);
  const fit = fitOn(Uint32Array.from(rows.outcomeN.keys()), rows, edgesT, binTN);
  return { ...additiveOf(rows, edgesT, fit), converged: fit.converged };
}

/** Bins in which entered cells and the others weigh the same, so that shapes are fine where entries are, and finest at the top. */
function binned(rows: TrainingRows): { edgesT: Edges[]; binTN: Uint8Array[] } {
  const edgesT = rows.valueTN.map((valueN) => balancedEdges(valueN, rows));
  const binTN = rows.valueTN.map((valueN, t) => {
    const binN = new Uint8Array(valueN.length);
    binner(edgesT[t]!)(valueN, binN);
    return binN;
  });
  return { edgesT, binTN };
}

const additiveOf = ({ terms }: TrainingRows, edgesT: readonly Edges[], fit: AdditiveFit): Additive => ({
  intercept: fit.intercept,
  shapes: terms.map((term, t) => ({ term, edges: edgesT[t]!, effects: Array.from(fit.effectTB[t]!) })),
});

function balancedEdges(valueN: Float32Array, { outcomeN, weightN }: TrainingRows): Edges {
  let [entered, others] = [0, 0];
  for (let n = 0; n < outcomeN.length; n++) {
    if (outcomeN[n] === 1) entered += weightN[n]!;
    else others += weightN[n]!;
  }
  const edges = binEdges(
    valueN,
    weightN.map((weight, n) => weight / (outcomeN[n] === 1 ? entered : others)),
    BINS,
  );
  return withTail(
    edges,
    valueN.filter((_, n) => outcomeN[n] === 1),
    TAIL,
  );
}

function fitOn(
  at: Uint32Array,
  { outcomeN, weightN }: TrainingRows,
  edgesT: readonly Edges[],
  binTN: readonly Uint8Array[],
  from?: AdditiveFit,
) {
  return fitAdditive(
    {
      binTN: binTN.map((binN) => pick(binN, at, new Uint8Array(at.length))),
      binsT: edgesT.map((edges) => edges.length + 1),
      outcomeN: pick(outcomeN, at, new Uint8Array(at.length)),
      weightN: pick(weightN, at, new Float64Array(at.length)),
    },
    { from },
  );
}
