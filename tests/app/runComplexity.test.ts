import { describe, expect, it } from 'vitest';
import { memoryObjectStore } from '../../lib/adapters/memory/memoryObjectStore.ts';
import { artifactKeys, decodeStep, encodeFlows } from '../../lib/app/runArtifacts.ts';
import { type ComplexityFacts, runComplexity } from '../../lib/app/runComplexity.ts';
import { SETTINGS } from '../../lib/app/settings.ts';
import { axis } from '../../lib/core/labels.ts';

/** Exporters × products, in billions of USD; each row's sales go to the next country. The last exporter is tiny. */
const EXPORTS_BN = [
  [4, 3, 0, 1, 0],
  [0, 5, 2, 0, 1],
  [1, 0, 6, 2, 0],
  [3, 0, 0, 4, 2],
  [0, 0, 0.001, 0, 0.002],
];

async function complexityOf(exportsBn: number[][]) {
  const countries = axis(exportsBn.map((_, e) => `C0${e}`));
  const products = axis(exportsBn[0]?.map((_, p) => `0${p}`) ?? []);
  const cells = exportsBn.flatMap((row, e) =>
    row.flatMap((value, p) => (value > 0 ? [{ e, p, value: value * 1e9 }] : [])),
  );
  const artifacts = memoryObjectStore();
  const flows = {
    countries,
    products,
    exporterN: Uint16Array.from(cells, ({ e }) => e),
    importerN: Uint16Array.from(cells, ({ e }) => (e + 1) % exportsBn.length),
    productN: Uint16Array.from(cells, ({ p }) => p),
    valueN: Float64Array.from(cells, ({ value }) => value),
  };
  await artifacts.put(artifactKeys('r').flows, encodeFlows(flows));
  const facts = await runComplexity({ artifacts, settings: SETTINGS })({ run: 'r' });
  const stored = decodeStep<ComplexityFacts, 'rca' | 'density', 'eci' | 'pci'>(
    (await artifacts.get(artifactKeys('r').complexity))!,
  );
  return { ...stored, facts };
}

describe('runComplexity', () => {
  it('ranks the universe and gives everybody a density', async () => {
    const { facts, matrices, vectors } = await complexityOf(EXPORTS_BN);
    expect(facts.universe).toEqual({ exporters: 4, products: 5 });
    expect([...vectors.eci].map(Number.isNaN)).toEqual([false, false, false, false, true]);
    const { data, cols } = matrices.density;
    for (let p = 0; p < cols; p++) expect(data[4 * cols + p]).toBeGreaterThanOrEqual(0);
    expect(Math.max(...data.subarray(4 * cols, 5 * cols))).toBeGreaterThan(0);
  });

  it('ranks nobody where all are small', async () => {
    const { facts, vectors } = await complexityOf(EXPORTS_BN.map((row) => row.map((value) => value / 1e4)));
    expect(facts.universe).toEqual({ exporters: 0, products: 0 });
    expect(facts.secondEigenvalue).toBeNull();
    expect([...vectors.eci].every(Number.isNaN)).toBe(true);
  });
});
