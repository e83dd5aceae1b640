import type { Matrix } from '../core/matrix.ts';
import { type ScoringInputs, scoringInputs } from '../core/scoring/scoringInputs.ts';
import type { Flows } from '../core/trade/flows.ts';
import { totals } from '../core/trade/totals.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { type ModelFacts, modelFacts } from './modelFacts.ts';
import { artifactKeys, decodeFlows, decodeLatest, decodeOneYear, decodeStep, required } from './runArtifacts.ts';
import { type BlendedPotential, loadBlend } from './runBlend.ts';
import type { ComplexityFacts } from './runComplexity.ts';
import type { GravityFacts } from './runGravity.ts';

/** Everything that the shards of one run share. */
export interface Scoring {
  readonly run: string;
  readonly inputs: ScoringInputs;
  /** null without covariates: the three-way fit is the potential then */
  readonly blended: BlendedPotential | null;
  readonly rca: Matrix;
  readonly diversityE: Float64Array;
  readonly ubiquityP: Float64Array;
  readonly eciE: Float64Array;
  readonly pciP: Float64Array;
  readonly byImporter: ByImporter;
  /** what each row of the flows was worth in the latest year; null for a window too short for forecasts */
  readonly latestN: Float64Array | null;
  readonly models: Omit<ModelFacts, 'foresight' | 'training'>;
}

/** Rows of the flows by importer, in their own order inside: importer m has `row[start[m]]` up to `row[start[m + 1]]` (exclusive). */
export interface ByImporter {
  readonly start: Uint32Array;
  readonly row: Uint32Array;
}

/** Loads what the earlier steps of a run have written. */
export async function loadScoring(artifacts: ObjectStore, run: string): Promise<Scoring> {
  const keys = artifactKeys(run);
  const [flowBytes, complexityBytes, gravityBytes] = await Promise.all([
    required(artifacts, keys.flows),
    required(artifacts, keys.complexity),
    required(artifacts, keys.gravity),
  ]);
  const flows = decodeFlows(flowBytes);
  const complexity = decodeStep<ComplexityFacts, 'rca' | 'density', 'diversity' | 'ubiquity' | 'eci' | 'pci'>(
    complexityBytes,
  );
  const gravity = decodeStep<GravityFacts, 'a' | 'b' | 'c'>(gravityBytes);
  const { fit, dispersion } = gravity.facts;
  const { rca, density } = complexity.matrices;
  const { diversity, ubiquity, eci, pci } = complexity.vectors;
  const factors = { ...gravity.matrices, forced: fit.forced, zeros: fit.zeros };
  const blended = await loadBlend(artifacts, run, flows, totals(flows), factors);
  const inputs = scoringInputs(
    flows,
    factors,
    density,
    blended?.dispersion ?? dispersion,
    blended,
    decodeOneYear(flowBytes),
  );
  return {
    run,
    inputs,
    blended,
    rca,
    diversityE: diversity as Float64Array,
    ubiquityP: ubiquity as Float64Array,
    eciE: eci as Float64Array,
    pciP: pci as Float64Array,
    byImporter: byImporter(flows),
    latestN: decodeLatest(flowBytes),
    models: modelFacts(complexity.facts, fit, flows, blended),
  };
}

/** Sorts rows by importer in one counting pass. */
function byImporter({ countries, importerN }: Flows): ByImporter {
  const start = new Uint32Array(countries.codes.length + 1);
  for (const importer of importerN) start[importer + 1] = (start[importer + 1] ?? 0) + 1;
  for (let m = 1; m < start.length; m++) start[m] = (start[m] ?? 0) + (start[m - 1] ?? 0);
  const row = new Uint32Array(importerN.length);
  const next = start.slice();
  for (const [n, importer] of importerN.entries()) {
    const at = next[importer] ?? 0;
    row[at] = n;
    next[importer] = at + 1;
  }
  return { start, row };
}
