import { complexity } from '../core/complexity/complexity.ts';
import { exportsMatrix } from '../core/trade/tradeMatrix.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeFlows, encodeStep, required } from './runArtifacts.ts';
import type { Settings } from './settings.ts';

/** What a run says about its complexity step. */
export interface ComplexityFacts {
  readonly exporters: number;
  readonly products: number;
  readonly dropped: { readonly exporters: number; readonly products: number };
  /** second eigenvalue: 1 would mean a world in separate parts */
  readonly secondEigenvalue: number | null;
  readonly unstable: boolean;
  readonly instabilities: readonly string[];
}

/** The complexity step: reads the run's flows, writes RCA, density, diversity, ubiquity, ECI and PCI on the run's axes. */
export function runComplexity({ artifacts, settings }: { artifacts: ObjectStore; settings: Settings }) {
  return async ({ run }: { run: string }): Promise<ComplexityFacts> => {
    const keys = artifactKeys(run);
    const flows = decodeFlows(await required(artifacts, keys.flows));
    const found = complexity(exportsMatrix(flows), { threshold: settings.rcaThreshold });
    const facts: ComplexityFacts = {
      exporters: flows.countries.codes.length - found.dropped.exporters.length,
      products: flows.products.codes.length - found.dropped.products.length,
      dropped: { exporters: found.dropped.exporters.length, products: found.dropped.products.length },
      secondEigenvalue: found.eigenvalues[1] ?? null,
      unstable: found.unstable,
      instabilities: found.instabilities,
    };
    const { rca, density, diversity, ubiquity, eci, pci } = found;
    await artifacts.put(keys.complexity, encodeStep(facts, { rca, density }, { diversity, ubiquity, eci, pci }));
    return facts;
  };
}
