import { noiseBaseline } from '../core/scoring/noiseBaseline.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { PageStore } from '../ports/pageStore.ts';
import { noisePages } from './layout/noisePages.ts';
import { loadScoring } from './loadScoring.ts';
import { pointerTo } from './publishRun.ts';

/** Four seconds a world at HS4, fourteen at HS6 with 1.5 GB (tests/bench/README.md). */
const NOISE = { draws: 10, seed: 1 };

/**
 * The noise step, after publish: what each exporter and each product misses beyond what chance explains, from worlds that are drawn and fitted again. Repeated it
 * writes the same bytes. The pages go beside those of the run, in its slot: nothing is written when another run has been published meanwhile.
 */
export function runNoise(deps: { artifacts: ObjectStore; catalog: Catalog; pages: PageStore }) {
  const { artifacts, catalog, pages } = deps;
  return async ({
    run,
    slot,
  }: {
    run: string;
    slot: number;
  }): Promise<{ run: string; outcome: 'found' | 'overtaken'; kappa?: number }> => {
    if (!(await pointerTo(catalog, { run, slot }))) return { run, outcome: 'overtaken' };
    const { inputs } = await loadScoring(artifacts, run);
    const baseline = noiseBaseline(inputs, NOISE);
    if (!(await pointerTo(catalog, { run, slot }))) return { run, outcome: 'overtaken' };
    await pages.put(noisePages({ slot, run }, baseline));
    return { run, outcome: 'found', kappa: baseline.kappa };
  };
}
