import { describe, expect, it } from 'vitest';
import { covariance } from '../../../lib/core/gravity/ppml/covariance.ts';
import { factor } from '../../../lib/core/gravity/ppml/factor.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { chainPanel } from './chainPanel.fixture.ts';

describe('a chain of countries that trade with neighbours only', () => {
  const { columns, factors } = chainPanel(1500);
  const effect = (name: string) => factor(name, factors[name]!);

  it.each([
    ['two', ['dist', 'rta'], ['exporter_year', 'importer_year']],
    ['three', ['rta'], ['exporter_year', 'importer_year', 'pair']],
  ] as const)('%s effects: converges, near the truth', (_, x, effects) => {
    const fit = ppml({
      yN: columns.y!,
      columns: x.map((name) => ({ name, valueN: columns[name]! })),
      effects: effects.map(effect),
    });
    expect(fit.converged).toBe(true);
    expect(fit.warnings).toEqual([]);
    expect(Math.max(fit.firstOrder.margins, fit.firstOrder.regressors)).toBeLessThan(1e-8);
    const truth: Readonly<Record<string, number>> = { dist: -0.8, rta: 0.25 };
    const { standardErrorK } = covariance(fit.fitted!, { kind: 'cluster', by: [effect('pair')] }, 'fixest');
    fit.coefficients.forEach(({ name, estimate }, k) => {
      expect(Math.abs(estimate - truth[name]!)).toBeLessThan(4 * standardErrorK[k]!);
    });
  });
});
