import { complexity } from '../core/complexity/complexity.ts';
import { exportsMatrix } from '../core/trade/tradeMatrix.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import { artifactKeys, decodeFlows, encodeStep, required } from './runArtifacts.ts';
import type { Settings } from './settings.ts';

/** What a run says about its complexity step. */
export interface ComplexityFacts {
  /** those that ECI and PCI are about: exports and world trade at or above the floors in the run's settings */
  readonly universe: { readonly exporters: number; readonly products: number };
  /** second eigenvalue: 1 would mean a world in separate parts */
  readonly secondEigenvalue: number | null;
  readonly unstable: boolean;
  readonly instabilities: readonly string[];
}

/**
 * The complexity step: reads the run's flows, writes RCA, density, diversity and ubiquity of all exporters and products, and ECI and PCI of
 * the universe (NaN outside), on the run's axes. Density is for all: a small exporter wants its opportunities too.
 */
export function runComplexity({ artifacts, settings }: { artifacts: ObjectStore; settings: Settings }) {
  return async ({ run }: { run: string }): Promise<ComplexityFacts> => {
    const keys = artifactKeys(run);
    const exports = exportsMatrix(decodeFlows(await required(artifacts, keys.flows)));
    const threshold = settings.rcaThreshold;
    const { rca, density, diversity, ubiquity } = complexity(exports, { threshold });
    const ranked = complexity(exports, {
      threshold,
      minimumExports: settings.minimumExportsUsd,
      minimumTrade: settings.minimumTradeUsd,
    });
    const facts: ComplexityFacts = {
      universe: {
        exporters: exports.rows - ranked.dropped.exporters.length,
        products: exports.cols - ranked.dropped.products.length,
      },
      secondEigenvalue: ranked.eigenvalues[1] ?? null,
      unstable: ranked.unstable,
      instabilities: ranked.instabilities,
    };
    const { eci, pci } = ranked;
    await artifacts.put(keys.complexity, encodeStep(facts, { rca, density }, { diversity, ubiquity, eci, pci }));
    return facts;
  };
}
