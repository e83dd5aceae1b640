import { describe, expect, it } from 'vitest';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { covariance } from '../../../lib/core/gravity/ppml/covariance.ts';
import { factor } from '../../../lib/core/gravity/ppml/factor.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { expectedOf, productGravity } from '../../../lib/core/gravity/product/productGravity.ts';
import { sharedCoefficients } from '../../../lib/core/gravity/product/sharedCoefficients.ts';
import { axis } from '../../../lib/core/labels.ts';
import { type Flows, sortFlows } from '../../../lib/core/trade/flows.ts';

const COUNTRIES = 12;

/** Positive flows of one product: exporterN[n] sold valueN[n] to importerN[n]. */
interface ProductRows {
  exporterN: number[];
  importerN: number[];
  valueN: number[];
}

/** The products one after another, as one world. */
function flowsOf(products: readonly ProductRows[]): Flows {
  const code = (letter: string, at: number) => letter + String(at).padStart(3, '0');
  return sortFlows(
    axis(Array.from({ length: COUNTRIES }, (_, at) => code('C', at))),
    axis(products.map((_, at) => code('P', at))),
    {
      exporterN: products.flatMap(({ exporterN }) => exporterN),
      importerN: products.flatMap(({ importerN }) => importerN),
      productN: products.flatMap(({ valueN }, k) => valueN.map(() => k)),
      valueN: products.flatMap(({ valueN }) => valueN),
    },
  );
}

/** Products sold between twelve countries along one truth, and the same as the rows that `ppml` reads. */
function world(seed: number, products = 5, trading = COUNTRIES) {
  const random = pseudoRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const matrixOf = (value: () => number) => Float64Array.from({ length: COUNTRIES ** 2 }, value);
  const dist = matrixOf(() => 8 + normal());
  const contig = matrixOf(() => (random() < 0.3 ? 1 : 0));
  dist[2 * COUNTRIES + 5] = Number.NaN; // one pair of unknown distance
  const flows = Array.from({ length: products }, () => {
    const sells = Array.from({ length: COUNTRIES }, (_, i) =>
      i >= trading || random() < 0.25 ? 0 : Math.exp(2 * normal()),
    );
    const buys = Array.from({ length: COUNTRIES }, (_, j) =>
      j >= trading || random() < 0.15 ? 0 : Math.exp(normal()),
    );
    const product: ProductRows = { exporterN: [], importerN: [], valueN: [] };
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
function rowsOf({ flows, pairs }: Pick<ReturnType<typeof world>, 'flows' | 'pairs'>) {
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

/** The same fit by `ppml` on those rows, with exporter-product and importer-product effects and errors clustered by pair. */
function writtenOut(made: Pick<ReturnType<typeof world>, 'flows' | 'pairs'>, options?: Parameters<typeof ppml>[1]) {
  const rows = rowsOf(made);
  const pair = factor(
    'pair',
    rows.map(({ i, j }) => i * COUNTRIES + j),
  );
  const model = {
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
  };
  const written = ppml(model, options);
  const errors = covariance(written.fitted!, { kind: 'cluster', by: [pair] }, 'leverage').standardErrorK;
  return { rows, written, errors };
}

describe('product gravity with shared coefficients', () => {
  it('is PPML on all cells written down, with exporter-product and importer-product effects', () => {
    for (const seed of [1, 2, 3]) {
      const made = world(seed);
      const fit = sharedCoefficients(flowsOf(made.flows), made.pairs);
      const { written, errors } = writtenOut(made);
      expect([fit.converged, written.converged]).toEqual([true, true]);
      expect(fit.zeros).toEqual([]);
      expect(fit.observations).toBe(written.observations);
      expect(Math.abs(fit.deviance / written.deviance - 1)).toBeLessThan(1e-10);
      fit.coefficients.forEach(({ name, estimate, standardError }, k) => {
        expect(name).toBe(written.coefficients[k]!.name);
        expect(Math.abs(estimate - written.coefficients[k]!.estimate)).toBeLessThan(1e-8);
        expect(Math.abs(standardError / errors[k]! - 1)).toBeLessThan(1e-6);
      });
    }
  });

  it('is that among five countries too, where effects explain most of a column, for any world', () => {
    for (let seed = 100; seed < 200; seed++) {
      const made = world(seed, 40, 5);
      const fit = sharedCoefficients(flowsOf(made.flows), made.pairs);
      const { written, errors } = writtenOut(made, { singletons: 'keep' });
      expect([fit.converged, written.converged], `seed ${seed}`).toEqual([true, true]);
      expect(fit.zeros.length).toBe(written.dropped.separated);
      expect(fit.observations).toBe(written.observations);
      fit.coefficients.forEach(({ estimate, standardError }, k) => {
        expect(Math.abs(estimate - written.coefficients[k]!.estimate), `seed ${seed}`).toBeLessThan(1e-8);
        expect(Math.abs(standardError / errors[k]! - 1), `seed ${seed}`).toBeLessThan(1e-6);
      });
    }
  });

  it('meets the totals of every exporter and importer of every product', () => {
    const made = world(4);
    const fit = productGravity(flowsOf(made.flows), new Uint8Array(made.flows.length), made.pairs);
    const expected = expectedOf(fit);
    const missing = new Map<string, number>();
    const total = new Map<string, number>();
    for (const { k, i, j, y } of rowsOf(made))
      for (const end of [`${k} from ${i}`, `${k} to ${j}`]) {
        const mu = expected({ exporter: i, importer: j, product: k });
        missing.set(end, (missing.get(end) ?? 0) + y - mu);
        total.set(end, (total.get(end) ?? 0) + y);
      }
    for (const [end, sum] of total) expect(Math.abs(missing.get(end)! / sum)).toBeLessThan(1e-9);
    expect(expected({ exporter: 2, importer: 5, product: 0 })).toBeNaN(); // the pair of unknown distance
  });

  it('does not depend on the unit of values, nor of columns', () => {
    const { flows, pairs } = world(5);
    const fit = sharedCoefficients(flowsOf(flows), pairs);
    const other = sharedCoefficients(
      flowsOf(flows.map((product) => ({ ...product, valueN: product.valueN.map((value) => value * 1e6) }))),
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
    const fit = sharedCoefficients(flowsOf(flows), [remoteness, ...pairs, again]);
    expect(fit.collinear).toEqual(['sizes', 'miles']);
    const plain = sharedCoefficients(flowsOf(flows), pairs);
    for (const [k, { estimate }] of fit.coefficients.entries())
      expect(estimate).toBeCloseTo(plain.coefficients[k]!.estimate, 8);
  });

  it('separated cells are flagged and expected to be 0, as the rows of PPML are; a product without a usable flow is 0', () => {
    const { flows, pairs } = world(7, 2);
    const nothing = { exporterN: [2], importerN: [5], valueN: [5] };
    // 0 sells to 3, 1 to 0, and 1 would sell to 3 if that were not empty: emptying it for ever raises the likelihood
    const forced = { exporterN: [0, 1], importerN: [3, 0], valueN: [2, 7] };
    const made = { flows: [flows[0]!, nothing, forced, flows[1]!], pairs };
    const { written, rows } = writtenOut(made, { singletons: 'keep' });
    expect([...written.status].flatMap((status, n) => (status === 0 ? [] : [rows[n]]))).toEqual([
      { k: 2, i: 1, j: 3, y: 0 },
    ]);

    const fit = productGravity(flowsOf(made.flows), [0, 0, 0, 0], pairs);
    expect(fit.zeros).toEqual([{ exporter: 1, importer: 3, product: 2 }]);
    expect(fit.groups[0]!.converged).toBe(true);
    expect(fit.groups[0]!.observations).toBe(written.observations);
    fit.groups[0]!.coefficients.forEach(({ estimate }, k) => {
      expect(Math.abs(estimate - written.coefficients[k]!.estimate)).toBeLessThan(1e-8);
    });
    const expected = expectedOf(fit);
    expect(expected({ exporter: 0, importer: 3, product: 2 })).toBeCloseTo(2, 8);
    expect(expected({ exporter: 1, importer: 3, product: 2 })).toBe(0);
    for (const [exporter, importer] of [[2, 4], [0, 1]] as const) // biome-ignore format: one line
      expect(expected({ exporter, importer, product: 1 })).toBe(0);
  });

  it('groups have coefficients of their own; shrunk ones are held while the effects are fitted anew', () => {
    const { flows, pairs } = world(8, 6);
    const groupP = [0, 1, 0, 1, 0, 1];
    const fit = productGravity(flowsOf(flows), groupP, pairs, { shrinkTowardsPooled: true });
    for (const g of [0, 1]) {
      const own = sharedCoefficients(flowsOf(flows.filter((_, k) => groupP[k] === g)), pairs);
      fit.groups[g]!.coefficients.forEach(({ name, estimate }, k) => {
        expect(estimate).toBeCloseTo(own.coefficients[k]!.estimate, 12);
        const { estimate: shrunk } = fit.shrunk.get(name)!.groups[g]!;
        const { pooled } = fit.shrunk.get(name)!;
        expect(Math.abs(shrunk - pooled)).toBeLessThanOrEqual(Math.abs(estimate - pooled) + 1e-12);
      });
      // ease of two pairs, one over the other, is what the shrunken coefficients say
      const ratio = Math.log(fit.ease[g]!.data[1]! / fit.ease[g]!.data[7]!);
      const said = pairs.reduce(
        (sum, { name, valueIJ }) => sum + fit.shrunk.get(name)!.groups[g]!.estimate * (valueIJ[1]! - valueIJ[7]!),
        0,
      );
      expect(ratio).toBeCloseTo(said, 10);
    }
    const expected = expectedOf(fit);
    const k = 3;
    const sold = rowsOf({ flows, pairs }).filter((row) => row.k === k && row.i === 0);
    const total = sold.reduce((sum, { y }) => sum + y, 0);
    const mean = sold.reduce((sum, { i, j }) => sum + expected({ exporter: i, importer: j, product: k }), 0);
    expect(Math.abs(mean - total)).toBeLessThanOrEqual(1e-9 * total);
  });

  it('a column that only cells without trade have is no estimate: those cells are separated, and the column with them', () => {
    const { flows, pairs } = world(10);
    const embargo = new Float64Array(COUNTRIES ** 2);
    for (const pair of [3, 18, 40, 77]) embargo[pair] = 1;
    const traded = flows.map(({ exporterN, importerN, valueN }) => {
      const kept = [...valueN.keys()].filter((n) => embargo[exporterN[n]! * COUNTRIES + importerN[n]!] === 0);
      const pick = (column: number[]) => kept.map((n) => column[n]!);
      return { exporterN: pick(exporterN), importerN: pick(importerN), valueN: pick(valueN) };
    });
    const columns = [...pairs, { name: 'embargo', valueIJ: embargo }];
    const fit = sharedCoefficients(flowsOf(traded), columns);
    expect([fit.converged, fit.collinear]).toEqual([true, ['embargo']]);
    expect(fit.zeros.length).toBeGreaterThan(0);
    for (const { exporter, importer } of fit.zeros) expect(embargo[exporter * COUNTRIES + importer]).toBe(1);
    expect(fit.firstOrder.margins).toBeLessThan(1e-9);
    const whole = sharedCoefficients(flowsOf(flows), columns);
    expect([whole.converged, whole.collinear, whole.zeros]).toEqual([true, [], []]);

    // a group without an estimate of its own takes the pooled one
    const mixed = productGravity(flowsOf([...traded.slice(0, 3), ...flows.slice(3)]), [0, 0, 0, 1, 1], columns, {
      shrinkTowardsPooled: true,
    });
    expect(mixed.groups.map(({ collinear }) => collinear)).toEqual([['embargo'], []]);
    expect(mixed.shrunk.get('embargo')!.groups[0]!.estimate).toBeCloseTo(
      mixed.groups[1]!.coefficients[2]!.estimate,
      12,
    );
    expect(mixed.exporterEffects.data.every((effect) => effect >= 0 && effect < Infinity)).toBe(true);
    expect(mixed.settled).toEqual([true, true]);
  });

  it('where no group has any flow with known columns there is no answer', () => {
    const { flows } = world(10, 2);
    const nothing = [{ name: 'dist', valueIJ: new Float64Array(COUNTRIES ** 2).fill(Number.NaN) }];
    const cell = { exporter: flows[0]!.exporterN[0]!, importer: flows[0]!.importerN[0]!, product: 0 };
    for (const shrinkTowardsPooled of [false, true]) {
      const none = productGravity(flowsOf(flows), [0, 1], nothing, { shrinkTowardsPooled });
      expect(none.groups.map(({ converged }) => converged)).toEqual([false, false]);
      expect(expectedOf(none)(cell)).toBeNaN();
    }
  });

  it('is PPML in small worlds too: what vanishing cells alone tell apart is dropped, whatever cannot be told is said', () => {
    let settled = 0;
    let separated = 0;
    for (const trading of [4, 5, 6, 8, 12])
      for (const products of [1, 2, 5, 12, 40])
        for (let seed = 96; seed < (trading <= 5 ? 140 : 112); seed++) {
          const made = world(seed, products, trading);
          const fit = sharedCoefficients(flowsOf(made.flows), made.pairs);
          const { written, errors } = writtenOut(made, {
            singletons: 'keep',
            tolerance: 1e-12,
            firstOrderTolerance: 1e-12,
          });
          const where = `${trading} countries, ${products} products, seed ${seed}`;
          if (!fit.converged) continue;
          settled++;
          if (fit.zeros.length > 0) separated++;
          expect(written.converged, where).toBe(true);
          expect(fit.zeros.length, where).toBe(written.dropped.separated);
          expect(fit.observations, where).toBe(written.observations);
          expect(fit.collinear, where).toEqual(written.dropped.collinear);
          expect(fit.firstOrder.margins, where).toBeLessThan(1e-9);
          for (const [k, { name, estimate, standardError }] of fit.coefficients.entries()) {
            expect(name).toBe(written.coefficients[k]!.name);
            expect(Math.abs(estimate - written.coefficients[k]!.estimate), where).toBeLessThan(1e-8);
            // a fit without residuals has errors of rounding
            if (standardError > 1e-8 || errors[k]! > 1e-8)
              expect(Math.abs(standardError / errors[k]! - 1), where).toBeLessThan(1e-6);
          }
        }
    // of 680 worlds, one has effects so far apart that the totals are not met, which is said
    expect(settled).toBe(679);
    expect(separated).toBeGreaterThan(50);
  });

  it('refuses columns that are no square of countries', () => {
    expect(() => sharedCoefficients(flowsOf(world(9).flows), [{ name: 'dist', valueIJ: new Float64Array(7) }])).toThrow(
      /dist has 7 pairs/,
    );
  });
});
