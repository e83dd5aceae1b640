import { describe, expect, it } from 'vitest';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { means } from '../../../lib/core/gravity/ppml/balance.ts';
import { covariance } from '../../../lib/core/gravity/ppml/covariance.ts';
import { factor } from '../../../lib/core/gravity/ppml/factor.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { sharedCoefficients } from '../../../lib/core/gravity/ppml/sharedCoefficients.ts';

const COUNTRIES = 12;

/** Products sold between twelve countries along one truth, and the same as the rows that `ppml` reads. */
function world(seed: number, products = 5) {
  const random = pseudoRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const matrixOf = (value: () => number) => Float64Array.from({ length: COUNTRIES ** 2 }, value);
  const dist = matrixOf(() => 8 + normal());
  const contig = matrixOf(() => (random() < 0.3 ? 1 : 0));
  dist[2 * COUNTRIES + 5] = Number.NaN; // one pair of unknown distance
  const flows = Array.from({ length: products }, () => {
    const sells = Array.from({ length: COUNTRIES }, () => (random() < 0.25 ? 0 : Math.exp(2 * normal())));
    const buys = Array.from({ length: COUNTRIES }, () => (random() < 0.15 ? 0 : Math.exp(normal())));
    const product = { exporterN: [] as number[], importerN: [] as number[], valueN: [] as number[] };
    for (let i = 0; i < COUNTRIES; i++)
      for (let j = 0; j < COUNTRIES; j++) {
        const pair = i * COUNTRIES + j;
        const mean = 100 * sells[i]! * buys[j]! * Math.exp(-0.9 * ((dist[pair] ?? 8) - 8) + 0.6 * contig[pair]!);
        if (i === j || !(mean > 0) || random() < 0.3) continue;
        product.exporterN.push(i);
        product.importerN.push(j);
        product.valueN.push(mean * -Math.log(1 - random()));
      }
    return product;
  });
  return {
    flows,
    pairs: [
      { name: 'dist', valueIJ: dist },
      { name: 'contig', valueIJ: contig },
    ],
  };
}

/** Every cell of seller, buyer and product as a row, zeros included. */
function rowsOf({ flows, pairs }: ReturnType<typeof world>) {
  const rows: { k: number; i: number; j: number; y: number }[] = [];
  for (const [k, { exporterN, importerN, valueN }] of flows.entries()) {
    const usable = (i: number, j: number) =>
      i !== j && pairs.every(({ valueIJ }) => Number.isFinite(valueIJ[i * COUNTRIES + j]!));
    const inside = [...valueN.keys()].filter((n) => usable(exporterN[n]!, importerN[n]!));
    const sellers = new Set(inside.map((n) => exporterN[n]!));
    const buyers = new Set(inside.map((n) => importerN[n]!));
    for (const i of sellers)
      for (const j of buyers) {
        if (!usable(i, j)) continue;
        const n = inside.find((at) => exporterN[at] === i && importerN[at] === j);
        rows.push({ k, i, j, y: n === undefined ? 0 : valueN[n]! });
      }
  }
  return rows;
}

describe('product gravity with shared coefficients', () => {
  it('is PPML on all cells written down, with exporter-product and importer-product effects', () => {
    for (const seed of [1, 2, 3]) {
      const made = world(seed);
      const rows = rowsOf(made);
      const fit = sharedCoefficients(made.flows, made.pairs);
      const pair = factor(
        'pair',
        rows.map(({ i, j }) => i * COUNTRIES + j),
      );
      const written = ppml({
        yN: Float64Array.from(rows, ({ y }) => y),
        columns: made.pairs.map(({ name, valueIJ }) => ({
          name,
          valueN: Float64Array.from(rows, ({ i, j }) => valueIJ[i * COUNTRIES + j]!),
        })),
        effects: [
          factor(
            'exporter-product',
            rows.map(({ k, i }) => k * COUNTRIES + i),
          ),
          factor(
            'importer-product',
            rows.map(({ k, j }) => k * COUNTRIES + j),
          ),
        ],
      });
      const errors = covariance(written.fitted!, { kind: 'cluster', by: [pair] }, 'G/(G-1)').standardErrorK;
      expect([fit.converged, written.converged]).toEqual([true, true]);
      expect(fit.leftOut).toEqual([]);
      expect(fit.observations).toBe(written.observations);
      expect(Math.abs(fit.deviance / written.deviance - 1)).toBeLessThan(1e-10);
      fit.coefficients.forEach(({ name, estimate, standardError }, k) => {
        expect(name).toBe(written.coefficients[k]!.name);
        expect(Math.abs(estimate - written.coefficients[k]!.estimate)).toBeLessThan(1e-8);
        expect(Math.abs(standardError / errors[k]! - 1)).toBeLessThan(1e-6);
      });
    }
  });

  it('meets the totals of every exporter and importer of every product', () => {
    const { flows, pairs } = world(4);
    const fit = sharedCoefficients(flows, pairs);
    const beta = fit.coefficients.map(({ estimate }) => estimate);
    const easeIJ = pairs[0]!.valueIJ.map((_, at) =>
      Math.exp(pairs.reduce((eta, { valueIJ }, k) => eta + beta[k]! * valueIJ[at]!, 0)),
    );
    for (const product of fit.products) {
      const muN = means(product, easeIJ);
      for (const end of ['exporter', 'importer']) {
        const country = (pair: number) => (end === 'exporter' ? Math.floor(pair / COUNTRIES) : pair % COUNTRIES);
        const missing = new Float64Array(COUNTRIES);
        const total = new Float64Array(COUNTRIES);
        muN.forEach((mu, n) => {
          missing[country(product.pairN[n]!)]! += product.valueN[n]! - mu;
          total[country(product.pairN[n]!)]! += product.valueN[n]!;
        });
        total.forEach((sum, c) => {
          if (sum > 0) expect(Math.abs(missing[c]! / sum)).toBeLessThan(1e-9);
        });
      }
    }
  });

  it('does not depend on the unit of values, nor of columns', () => {
    const { flows, pairs } = world(5);
    const fit = sharedCoefficients(flows, pairs);
    const other = sharedCoefficients(
      flows.map((product) => ({ ...product, valueN: product.valueN.map((value) => value * 1e6) })),
      pairs.map(({ name, valueIJ }) => ({ name, valueIJ: valueIJ.map((x) => 1000 * x - 3) })),
    );
    fit.coefficients.forEach(({ estimate, standardError }, k) => {
      expect(Math.abs(other.coefficients[k]!.estimate * 1000 - estimate)).toBeLessThan(1e-8);
      expect(Math.abs(other.coefficients[k]!.standardError * 1000 - standardError)).toBeLessThan(1e-8);
    });
  });

  it('drops columns that exporters and importers explain, by name', () => {
    const { flows, pairs } = world(6);
    const remoteness = {
      name: 'sizes',
      valueIJ: pairs[0]!.valueIJ.map((_, at) => Math.sin(Math.floor(at / COUNTRIES)) + (at % COUNTRIES) ** 2),
    };
    const again = { name: 'miles', valueIJ: pairs[0]!.valueIJ.map((x) => 0.62 * x + 1) };
    const fit = sharedCoefficients(flows, [remoteness, ...pairs, again]);
    expect(fit.collinear).toEqual(['sizes', 'miles']);
    const plain = sharedCoefficients(flows, pairs);
    for (const [k, { estimate }] of fit.coefficients.entries())
      expect(estimate).toBeCloseTo(plain.coefficients[k]!.estimate, 8);
  });

  it('leaves out, by position, products without a usable flow and products whose effects have no maximum', () => {
    const { flows, pairs } = world(7, 2);
    const nothing = { exporterN: [3], importerN: [3], valueN: [5] };
    // a sells to c, b to a, and b would sell to c if that were not empty: emptying it for ever raises the likelihood
    const forced = { exporterN: [0, 1], importerN: [3, 0], valueN: [2, 7] };
    const fit = sharedCoefficients([flows[0]!, nothing, forced, flows[1]!], pairs);
    expect(fit.leftOut).toEqual([1, 2]);
    const without = sharedCoefficients(flows, pairs);
    expect(fit.coefficients).toEqual(without.coefficients);
    expect(fit.converged).toBe(true);
  });

  it('refuses columns that are no square of countries', () => {
    expect(() => sharedCoefficients([], [{ name: 'dist', valueIJ: new Float64Array(7) }])).toThrow(/dist has 7 pairs/);
  });
});
