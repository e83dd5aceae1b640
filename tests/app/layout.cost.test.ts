import { describe, expect, it } from 'vitest';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { exporterPages } from '../../lib/app/layout/exporterPages.ts';
import { importerPages } from '../../lib/app/layout/importerPages.ts';
import { exporterPrecedents, importerPrecedents } from '../../lib/app/layout/precedentPages.ts';
import { type Axis, axis } from '../../lib/core/labels.ts';
import { CONTRIBUTION_GROUPS } from '../../lib/core/scoring/contributions.ts';
import { NEW_PRODUCT, type ScoredCells } from '../../lib/core/scoring/scoredCells.ts';
import type { Flows } from '../../lib/core/trade/flows.ts';
import { seeded } from './scoredWorld.fixture.ts';

/**
 * What a run costs to write. A world of the real size is generated country by country: the numbers of countries, products, opportunities
 * and flows are those of the world in 2017, their unevenness (a few countries have most of everything) that of a power law. Sizes
 * depend on counts only, never on values.
 */
const HS4 = { countries: 226, products: 1_242, opportunities: 1_500_000, flows: 2_500_000 };
const HS6 = { countries: 226, products: 5_400, opportunities: 4_000_000, flows: 11_000_000 };
/** on demand, us-east-1 */
const USD_PER_UNIT = 0.625 / 1e6;

const random = seeded(1);
const NAMES = axis(Array.from({ length: HS4.countries }, (_, e) => `C${String(e).padStart(2, '0')}`));
/** Codes spread over the 97 chapters as the nomenclature's are, the mean chapter being far smaller than the largest. */
function productAxis(count: number, digits: number) {
  const weights = Array.from({ length: 97 }, (_, c) => (c === 83 || c === 84 || c === 28 ? 8 : 1));
  const total = weights.reduce((sum, each) => sum + each, 0);
  const codes = weights.flatMap((weight, chapter) =>
    Array.from(
      { length: Math.ceil((weight * count) / total) },
      (_, n) => `${String(chapter + 1).padStart(2, '0')}${String(n).padStart(digits - 2, '0')}`,
    ),
  );
  return axis(codes.slice(0, count));
}

/** Shares of a whole that fall like 1/rank. */
function shares(count: number): number[] {
  const raw = Array.from({ length: count }, (_, rank) => 1 / (rank + 5));
  const total = raw.reduce((sum, each) => sum + each, 0);
  return raw.map((each) => each / total);
}

function cells(count: number, products: number): ScoredCells {
  const sold = Math.max(0, count - 1_000);
  const integers = (below: number) => Uint16Array.from({ length: count }, () => Math.floor(random() * below));
  const numbers = () => Float64Array.from({ length: count }, () => random() * 1e6);
  return {
    basisN: Uint8Array.from({ length: count }, (_, n) => (n < sold ? 0 : NEW_PRODUCT)),
    importerN: integers(HS4.countries),
    productN: integers(products),
    actualN: numbers(),
    potentialN: numbers(),
    shrunkN: numbers(),
    sizeN: numbers(),
    probabilityN: numbers(),
    opportunityN: numbers(),
    scoreN: numbers(),
    agreementN: new Uint8Array(count),
    flagN: new Uint8Array(count),
    contributionNG: new Float32Array(CONTRIBUTION_GROUPS.length * count),
  };
}

/** What an exporter sells, spread over importers. */
function sold(flows: number, products: Axis): Flows {
  return {
    countries: NAMES,
    products,
    exporterN: new Uint16Array(flows),
    importerN: Uint16Array.from({ length: flows }, (_, n) => Math.floor((n * HS4.countries) / flows)),
    productN: Uint16Array.from({ length: flows }, () => Math.floor(random() * products.codes.length)),
    valueN: new Float64Array(flows).fill(1),
  };
}

async function cost(size: typeof HS4, digits: number, sampled: readonly number[]) {
  const products = productAxis(size.products, digits);
  const perProduct = () => new Float64Array(products.codes.length).fill(1);
  const perCountry = () => new Float64Array(size.countries).fill(1);
  const share = shares(size.countries);
  let units = 0;
  let bytes = 0;
  for (const [rank, country] of NAMES.codes.entries()) {
    if (!sampled.includes(rank)) continue;
    const flows = Math.round(size.flows * share[rank]!);
    const pages = [
      ...exporterPages({
        slot: 0,
        run: 'r',
        exporter: country,
        countries: NAMES,
        products,
        cells: cells(Math.round(size.opportunities * share[rank]!), products.codes.length),
        valueP: perProduct(),
        rcaP: perProduct(),
        marketsP: new Uint16Array(products.codes.length),
        densityP: perProduct(),
        factorAP: perProduct(),
        gravity: { effectP: perProduct(), easeGM: new Float64Array(21 * size.countries).fill(1), silent: [] },
        partners: { valueM: perCountry(), exposureM: perCountry(), factorCM: perCountry() },
        oneYearP: null,
        customersP: null,
        decided: [],
        profile: { exportsUsd: 1, importsUsd: 1, diversity: 1, eci: 1, eciRank: 1 },
      }),
      ...exporterPrecedents({ slot: 0, run: 'r' }, country, perCountry(), sold(flows, products), [0, flows]),
      ...importerPrecedents({ slot: 0, run: 'r' }, country, perCountry()),
      ...importerPages({
        slot: 0,
        run: 'r',
        importer: country,
        products,
        valueP: perProduct(),
        factorBP: perProduct(),
        incomeP: null,
        gravityBP: perProduct(),
        oneYearP: null,
        flows: {
          productN: Uint16Array.from({ length: flows }, () => Math.floor(random() * products.codes.length)),
          exporterN: Uint16Array.from({ length: flows }, () => Math.floor(random() * size.countries)),
          valueN: new Float64Array(flows).fill(1),
          latestN: new Float32Array(flows).fill(1),
        },
      }),
    ];
    const written = await memoryPageStore().put(pages);
    units += written.writeUnits;
    bytes += written.bytes;
  }
  return { units, bytes, usd: units * USD_PER_UNIT };
}

const everyone = Array.from({ length: HS4.countries }, (_, rank) => rank);

describe('write units', () => {
  it('a world at HS4 costs cents', async () => {
    const whole = await cost(HS4, 4, everyone);
    expect(whole.bytes).toBeGreaterThan(80e6);
    expect(whole.units).toBeGreaterThan(whole.bytes / 1024);
    expect(whole.usd).toBeLessThan(0.2);
  });

  it('a world at HS6 costs less than one dollar', async () => {
    // every eighth country, and what they stand for
    const sampled = everyone.filter((rank) => rank % 8 === 4);
    const part = await cost(HS6, 6, sampled);
    const share = shares(HS6.countries);
    const represented = sampled.reduce((sum, rank) => sum + share[rank]!, 0);
    // scaled by the smaller of the two shares, countries or trade, that the sample has: too dear rather than too cheap
    const whole = part.usd / Math.min(represented, sampled.length / HS6.countries);
    expect(whole).toBeGreaterThan(0.2);
    expect(whole).toBeLessThan(1);
  });
});
