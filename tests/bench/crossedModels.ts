import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type CrossedFolds, trains } from '../../lib/core/backtest/folds.ts';
import { type EntryModel, type TrainingRows, trainEntryModel } from '../../lib/core/entry/trainEntryModel.ts';
import { pick, rowsWhere } from '../../lib/core/pick.ts';

interface Job {
  readonly rows: TrainingRows;
  readonly folds: CrossedFolds;
  readonly settings: Parameters<typeof trainEntryModel>[1];
}

/** The rows that a model may see. */
export const rowsSeenBy = (model: number, folds: CrossedFolds, { exporterN, importerN }: TrainingRows): Uint32Array =>
  rowsWhere(exporterN.length, (n) => trains(folds, model, exporterN[n]!, importerN[n]!));

/** What a model may see, with some of the terms. */
export function seenBy(model: number, folds: CrossedFolds, rows: TrainingRows, terms: readonly number[]): TrainingRows {
  const at = rowsSeenBy(model, folds, rows);
  return {
    terms: terms.map((t) => rows.terms[t]!),
    valueTN: terms.map((t) => pick(rows.valueTN[t]!, at, new Float32Array(at.length))),
    exporterN: pick(rows.exporterN, at, new Uint16Array(at.length)),
    importerN: pick(rows.importerN, at, new Uint16Array(at.length)),
    productN: pick(rows.productN, at, new Uint16Array(at.length)),
    basisN: pick(rows.basisN, at, new Uint8Array(at.length)),
    outcomeN: pick(rows.outcomeN, at, new Uint8Array(at.length)),
    afterN: pick(rows.afterN, at, new Float64Array(at.length)),
    weightN: pick(rows.weightN, at, new Float64Array(at.length)),
  };
}

/**
 * A whole model for each pair of folds, probabilities included, trained by as many threads as there are processors.
 *
 * @param terms positions in the terms of the rows
 * @throws Error where a model has not converged
 */
export async function crossedModels(
  job: Job,
  terms: readonly number[],
  onModel: (done: number, of: number) => void,
): Promise<EntryModel[]> {
  const of = job.folds.folds ** 2;
  const models = new Array<EntryModel>(of);
  let [next, done] = [0, 0];
  const threads = Array.from({ length: Math.min(of, availableParallelism()) }, () => {
    const thread = new Worker(new URL(import.meta.url), { workerData: job });
    return new Promise<void>((resolve, reject) => {
      const ask = () => {
        if (next < of) return thread.postMessage({ model: next++, terms });
        thread.terminate().then(() => resolve(), reject);
      };
      thread.on('message', ({ model, trained }: { model: number; trained: EntryModel }) => {
        models[model] = trained;
        onModel(++done, of);
        ask();
      });
      thread.once('error', reject);
      ask();
    });
  });
  await Promise.all(threads);
  return models;
}

if (!isMainThread) {
  const { rows, folds, settings } = workerData as Job;
  parentPort!.on('message', ({ model, terms }: { model: number; terms: readonly number[] }) => {
    const { model: trained, converged } = trainEntryModel(seenBy(model, folds, rows, terms), settings);
    if (!converged) throw new Error(`model ${model} has not converged`);
    parentPort!.postMessage({ model, trained });
  });
}
