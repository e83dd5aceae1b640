import { type ThreeWayFacts, threeWayFit } from '../core/gravity/threeWay.ts';
import { type Dispersion, dispersion } from '../core/scoring/dispersion.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeFlows, encodeStep, required } from './runArtifacts.ts';
import { storeBlend } from './runBlend.ts';
import { loadCovariates } from './runCovariates.ts';

/** What the gravity step stores beside the factors. */
export interface GravityFacts {
  readonly fit: ThreeWayFacts;
  readonly dispersion: Dispersion;
}

/**
 * The gravity step: reads the run's flows, fits the three-way potential, measures how far trade scatters around it, and writes the
 * factors with both; where distances are known, gravity by HS section and the blend of all models too. What it returns is for the log.
 */
export function runGravity({ artifacts }: { artifacts: ObjectStore }) {
  return async ({ run }: { run: string }) => {
    const keys = artifactKeys(run);
    const flows = decodeFlows(await required(artifacts, keys.flows));
    const fitted = threeWayFit(flows);
    const { a, b, c, ...fit } = fitted;
    const facts: GravityFacts = { fit, dispersion: dispersion(flows, fitted) };
    await artifacts.put(keys.gravity, encodeStep(facts, { a, b, c }));
    const blended = await storeBlend(artifacts, run, flows, fitted, await loadCovariates(artifacts, run));
    return {
      converged: fit.converged,
      sweeps: fit.sweeps,
      forced: fit.forced.length,
      zeros: fit.zeros.length,
      blend: blended?.blend.patterns.map(({ models, weights, scale }) => ({ models, weights, scale })) ?? null,
    };
  };
}
