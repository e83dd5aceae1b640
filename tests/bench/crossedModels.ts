import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type CrossedFolds, trains } from '../../lib/core/backtest/folds.ts';
import { type EntryModel, type TrainingRows, trainEntryModel } from '../../lib/core/entry/trainEntryModel.ts';

interface Job {
  readonly rows: TrainingRows;
  readonly folds: CrossedFolds;
  readonly settings: Parameters<typeof trainEntryModel>[1];
}

/** The rows that a model may see, with some of the terms. */
export function seenBy(model: number, folds: CrossedFolds, rows: TrainingRows, terms: readonly number[]): TrainingRows {
  const at = Uint32Array.from(rows.outcomeN.keys()).filter((n) =>
    trains(folds, model, rows.exporterN[n]!, rows.importerN[n]!),
  );
  return {
    terms: terms.map((t) => rows.terms[t]!),
    valueTN: terms.map((t) => Float32Array.from(at, (n) => rows.valueTN[t]![n]!)),
    exporterN: Uint16Array.from(at, (n) => rows.exporterN[n]!),
    importerN: Uint16Array.from(at, (n) => rows.importerN[n]!),
    productN: Uint16Array.from(at, (n) => rows.productN[n]!),
    basisN: Uint8Array.from(at, (n) => rows.basisN[n]!),
    outcomeN: Uint8Array.from(at, (n) => rows.outcomeN[n]!),
    afterN: Float64Array.from(at, (n) => rows.afterN[n]!),
    weightN: Float64Array.from(at, (n) => rows.weightN[n]!),
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
