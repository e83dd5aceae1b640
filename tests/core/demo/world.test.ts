import { describe, expect, it } from 'vitest';
import { geography } from '../../../functions/cli/geography.ts';
import { ECONOMIES } from '../../../lib/core/demo/economies.ts';
import { distanceKm } from '../../../lib/core/demo/geography.ts';
import { demoProducts } from '../../../lib/core/demo/products.ts';
import { TRUTH } from '../../../lib/core/demo/truth.ts';
import { type DemoYear, demoWorld } from '../../../lib/core/demo/world.ts';

const places = geography();
const world = demoWorld({ seed: 1, places, years: [2021, 2022, 2023] });
const nE = world.places.length;
const nP = world.products.length;
const [first, second] = world.years as [DemoYear, DemoYear, DemoYear];

/** ln(value / expectation) of the shipments whose expectation is at least `least`, by cell. */
function surprises({ flows, supplyEP, demandMP }: DemoYear, least: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let n = 0; n < flows.valueN.length; n++) {
    const [e, m, p] = [flows.exporterN[n]!, flows.importerN[n]!, flows.productN[n]!];
    const mu = supplyEP.data[e * nP + p]! * demandMP.data[m * nP + p]! * world.easeEM.data[e * nE + m]!;
    if (mu >= least) found.set((e * nE + m) * nP + p, Math.log(flows.valueN[n]! / mu));
  }
  return found;
}

const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const slope = (x: readonly number[], y: readonly number[]) => {
  const [centreX, centreY] = [mean(x), mean(y)];
  return (
    mean(x.map((value, n) => (value - centreX) * (y[n]! - centreY))) / mean(x.map((value) => (value - centreX) ** 2))
  );
};
const correlation = (x: readonly number[], y: readonly number[]) =>
  Math.sign(slope(x, y)) * Math.sqrt(slope(x, y) * slope(y, x));

/** presence[e*nP + p]: revealed comparative advantage of at least 1 */
function presence({ flows }: DemoYear): Uint8Array {
  const valueEP = new Float64Array(nE * nP);
  const valueE = new Float64Array(nE);
  const valueP = new Float64Array(nP);
  let total = 0;
  for (let n = 0; n < flows.valueN.length; n++) {
    const [e, p, value] = [flows.exporterN[n]!, flows.productN[n]!, flows.valueN[n]!];
    valueEP[e * nP + p]! += value;
    valueE[e]! += value;
    valueP[p]! += value;
    total += value;
  }
  return Uint8Array.from(valueEP, (value, at) => {
    const [e, p] = [Math.floor(at / nP), at % nP];
    return value > 0 && value * total >= valueE[e]! * valueP[p]! ? 1 : 0;
  });
}

describe('the demonstration world', () => {
  it('has 120 real countries and 400 products of six digits, each once', () => {
    expect(new Set(world.places.map(({ code }) => code)).size).toBe(120);
    expect(new Set(world.places.map(({ baciCode }) => baciCode)).size).toBe(120);
    expect(new Set(world.products.map(({ code }) => code)).size).toBe(400);
    expect(new Set(world.products.map(({ name }) => name)).size).toBe(400);
    for (const { code } of world.products) expect(code).toMatch(/^\d{6}$/);
  });

  it('sorts each cell once, by exporter, importer, product, never from a country to itself, in whole USD', () => {
    for (const { flows, quantityN } of world.years) {
      expect(quantityN.length).toBe(flows.valueN.length);
      let last = -1;
      for (let n = 0; n < flows.valueN.length; n++) {
        const cell = (flows.exporterN[n]! * nE + flows.importerN[n]!) * nP + flows.productN[n]!;
        if (!(cell > last && flows.exporterN[n] !== flows.importerN[n] && Number.isInteger(flows.valueN[n])))
          expect.fail(`row ${n}: cell ${cell} after ${last}, ${flows.valueN[n]} USD`);
        last = cell;
      }
      expect(last).toBeGreaterThan(0);
    }
  });

  it('is mostly empty, as trade is: under a tenth of the cells, no cell below the least shipment', () => {
    const { valueN } = first.flows;
    const filled = valueN.length / (nE * (nE - 1) * nP);
    expect(filled).toBeGreaterThan(0.03);
    expect(filled).toBeLessThan(0.1);
    expect(valueN.reduce((least, value) => Math.min(least, value))).toBeGreaterThanOrEqual(TRUTH.leastShipment);
  });

  it('expects the planted total, which grows as planted', () => {
    const expected = world.years.map(({ supplyEP, demandMP }) => {
      let sum = 0;
      for (let e = 0; e < nE; e++)
        for (let m = 0; m < nE; m++)
          for (let p = 0; p < nP; p++)
            sum += supplyEP.data[e * nP + p]! * demandMP.data[m * nP + p]! * world.easeEM.data[e * nE + m]!;
      return sum;
    });
    expect(expected[0]! / (TRUTH.productTotal * nP)).toBeCloseTo(1, 9);
    expect(expected[1]! / expected[0]!).toBeCloseTo(1 + TRUTH.growth, 9);
  });

  it('ships the expectation on average, with the planted noise, where the least shipment plays no part', () => {
    const logs = [...surprises(first, 100 * TRUTH.leastShipment).values()];
    expect(logs.length).toBeGreaterThan(5_000);
    expect(mean(logs.map(Math.exp))).toBeCloseTo(1, 1);
    const centre = mean(logs);
    expect(centre).toBeCloseTo(-(TRUTH.noise ** 2) / 2, 1);
    expect(Math.sqrt(mean(logs.map((log) => (log - centre) ** 2)))).toBeCloseTo(TRUTH.noise, 1);
  });

  it('keeps the planted share of its luck from year to year', () => {
    const before = surprises(first, 100 * TRUTH.leastShipment);
    const after = surprises(second, 100 * TRUTH.leastShipment);
    const both = [...before.keys()].filter((cell) => after.has(cell));
    const kept = correlation(
      both.map((cell) => before.get(cell)!),
      both.map((cell) => after.get(cell)!),
    );
    expect(kept).toBeCloseTo(TRUTH.persistence, 1);
  });

  it('gives the planted distance elasticity back to a log-linear regression on bilateral totals with both countries’ effects', () => {
    // a small world, in which every pair trades: the least shipment then hides little
    const dense = demoWorld({ seed: 3, places, years: [2021], countries: 25, products: 100 });
    const n = dense.places.length;
    const { flows } = dense.years[0]!;
    const totalEM = new Float64Array(n * n);
    for (let at = 0; at < flows.valueN.length; at++)
      totalEM[flows.exporterN[at]! * n + flows.importerN[at]!]! += flows.valueN[at]!;
    const kmEM = dense.places.flatMap((from) => dense.places.map((to) => Math.log(distanceKm(from, to))));
    const awayEM = Array.from(totalEM, (total, at) => (Math.floor(at / n) === at % n ? 0 : total > 0 ? 1 : Number.NaN));
    expect(awayEM.some(Number.isNaN)).toBe(false);

    // take exporters' and importers' means out, alternating until nothing moves (the diagonal is missing)
    const demeaned = (valueEM: readonly number[]) => {
      const rest = Float64Array.from(valueEM);
      for (let sweep = 0; sweep < 60; sweep++) {
        for (const at of [(i: number, j: number) => i * n + j, (i: number, j: number) => j * n + i]) {
          for (let i = 0; i < n; i++) {
            let sum = 0;
            for (let j = 0; j < n; j++) if (j !== i) sum += rest[at(i, j)]!;
            for (let j = 0; j < n; j++) if (j !== i) rest[at(i, j)]! -= sum / (n - 1);
          }
        }
      }
      return [...rest].filter((_, at) => awayEM[at] === 1);
    };
    // what a border and a language add is taken as known: left out, it would be laid on distance
    const { border, language, distance } = TRUTH.friction;
    const knownEM = dense.places.flatMap((from) =>
      dense.places.map(
        (to) =>
          (from.borders.includes(to.code) ? border : 0) +
          (from.languages.some((spoken) => to.languages.includes(spoken)) ? language : 0),
      ),
    );
    const elasticity = slope(
      demeaned(kmEM),
      demeaned(Array.from(totalEM, (total, at) => (total > 0 ? Math.log(total) - knownEM[at]! : 0))),
    );
    expect(elasticity).toBeCloseTo(distance, 1);
  });

  it('is nested: the more capable an economy, the more it is good at', () => {
    const presenceEP = presence(first);
    const diversity = world.places.map((_, e) =>
      presenceEP.subarray(e * nP, (e + 1) * nP).reduce((sum, x) => sum + x, 0),
    );
    expect(correlation([...world.capabilityE], diversity)).toBeGreaterThan(0.5);
  });

  it('has a product space: products of one family are exported together more than others are', () => {
    const presenceEP = presence(first);
    const ubiquityP = world.products.map((_, p) =>
      world.places.reduce((sum, _place, e) => sum + presenceEP[e * nP + p]!, 0),
    );
    const together = { inside: [] as number[], across: [] as number[] };
    for (let p = 0; p < nP; p++) {
      for (let q = 0; q < p; q++) {
        let both = 0;
        for (let e = 0; e < nE; e++) both += presenceEP[e * nP + p]! & presenceEP[e * nP + q]!;
        const proximity = both / Math.max(ubiquityP[p]!, ubiquityP[q]!, 1);
        together[world.products[p]!.family === world.products[q]!.family ? 'inside' : 'across'].push(proximity);
      }
    }
    expect(mean(together.inside)).toBeGreaterThan(2 * mean(together.across));
  });

  it('can be smaller: the largest economies, and products spread over every family', () => {
    const small = demoWorld({ seed: 1, places, years: [2021], countries: 20, products: 40 });
    expect(small.places.map(({ code }) => code)).toEqual(
      ECONOMIES.slice(0, 20)
        .map(({ code }) => code)
        .sort(),
    );
    expect(new Set(demoProducts(40).map(({ family }) => family.name)).size).toBeGreaterThanOrEqual(20);
    expect(small.years[0]!.flows.valueN.length).toBeGreaterThan(1_000);
  });

  it('refuses to go without a place, and names it', () => {
    const unplaced = places.filter(({ code }) => code !== 'DEU');
    expect(() => demoWorld({ seed: 1, places: unplaced, years: [2021], countries: 5, products: 5 })).toThrow(
      'no place for the economy DEU',
    );
    expect(() => demoProducts(401)).toThrow('401 products asked for, 1 to 400 exist');
  });
});
