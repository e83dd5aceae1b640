/**
 * Back-tests forecasts of flows on the panels beside the project: rolling origins, every origin with three years before it and the outcome after it.
 *
 *     node tests/bench/forecast.ts [--quantiles]
 *
 * Prints for each panel and horizon what each candidate missed, with 95 % intervals of the chosen one's difference to persistence and to the three-year mean
 * (1,000 draws of exporter-importer pairs); then the coverage of the intervals, each panel's with quantiles of the other two. `--quantiles` prints the table
 * of lib/core/forecast/residualQuantiles.ts, of all three panels.
 */
import { existsSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { drawExporters, resampleRatio } from '../../lib/core/backtest/bootstrap.ts';
import { pairedInterval } from '../../lib/core/backtest/interval.ts';
import { accuracy } from '../../lib/core/forecast/accuracy.ts';
import { LONGEST_HORIZON, pointForecast } from '../../lib/core/forecast/flowForecast.ts';
import { RESIDUAL_CLASSES_USD } from '../../lib/core/forecast/residualQuantiles.ts';

const FOLDER = '../shared/data/flows';
const monthly = (direction: string, letter: string) => `
  SELECT CTY_NAME AS pair, ${letter}_COMMODITY AS product, substr(month, 1, 4)::INTEGER AS year, sum(${direction}::DOUBLE) AS value
  FROM read_csv('${FOLDER}/us_monthly_${direction}_hs2_2013_2020.csv.gz', all_varchar = true, quote = '"')
  WHERE CTY_NAME NOT LIKE 'TOTAL%' AND ${letter}_COMMODITY SIMILAR TO '[0-9]{2}' AND ${letter}_COMMODITY <> '00' GROUP BY ALL`;
const PANELS = {
  'EU15, HS2, 2007-2014': `SELECT Origin || Destination AS pair, Product AS product, Year::INTEGER AS year, sum(Euros::DOUBLE) AS value
    FROM read_csv('${FOLDER}/eu15_hs2_2007_2014.csv.gz', all_varchar = true) GROUP BY ALL`,
  'US exports, HS2, 2013-2020': monthly('exports', 'E'),
  'US imports, HS2, 2013-2020': monthly('imports', 'I'),
};

/** A panel: cells × years, and which pair and product a cell is of. */
interface Panel {
  readonly years: number;
  readonly valueNT: Float64Array;
  readonly pairN: Uint16Array;
  readonly productN: Uint16Array;
}

async function panel(query: string): Promise<Panel> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = (await (await connection.run(query)).getRowsJS()) as [string, string, number, number][];
  const first = Math.min(...rows.map(([, , year]) => year));
  const years = Math.max(...rows.map(([, , year]) => year)) - first + 1;
  const positions = (codes: string[]) => new Map([...new Set(codes)].sort().map((code, at) => [code, at]));
  const cells = positions(rows.map(([pair, product]) => `${pair}\n${product}`));
  const pairs = positions(rows.map(([pair]) => pair));
  const products = positions(rows.map(([, product]) => product));
  const valueNT = new Float64Array(cells.size * years);
  const pairN = new Uint16Array(cells.size);
  const productN = new Uint16Array(cells.size);
  for (const [pair, product, year, value] of rows) {
    const n = cells.get(`${pair}\n${product}`)!;
    valueNT[n * years + year - first] = value;
    pairN[n] = pairs.get(pair)!;
    productN[n] = products.get(product)!;
  }
  return { years, valueNT, pairN, productN };
}

/** Forecasts from the values of the years up to an origin. */
const CANDIDATES: Record<string, (origin: Origin, n: number, horizon: number) => number> = {
  persistence: ({ last }, n) => last[n]!,
  threeYearMean: ({ mean }, n) => mean[n]!,
  recencyWeights: ({ last, before, earliest }, n) => (3 * last[n]! + 2 * before[n]! + earliest[n]!) / 6,
  dampedDrift: ({ last, own }, n, horizon) => last[n]! * Math.exp(damped(horizon) * own[n]!),
  shareOfProduct: ({ last, product }, n, horizon) => last[n]! * Math.exp(damped(horizon) * product[n]!),
  shrunkGrowth: ({ last, own, product }, n, horizon) =>
    last[n]! * Math.exp(damped(horizon) * (0.2 * own[n]! + 0.8 * product[n]!)),
  totalGrowth: ({ last, all }, n, horizon) => last[n]! * Math.exp(damped(horizon) * all),
  halfAndHalf: ({ last, mean }, n) => (last[n]! + mean[n]!) / 2,
  chosen: ({ last, mean }, n, horizon) => pointForecast(last[n]!, mean[n]!, horizon),
  chosenAndTotalGrowth: ({ last, mean, all }, n, horizon) =>
    pointForecast(last[n]!, mean[n]!, horizon) * Math.exp(damped(horizon) * all),
};
/** Growth of one year halves with each further one. */
const damped = (horizon: number) =>
  Array.from({ length: horizon }, (_, year) => 0.5 ** (year + 1)).reduce((a, b) => a + b);

interface Origin {
  readonly last: Float64Array;
  readonly before: Float64Array;
  readonly earliest: Float64Array;
  readonly mean: Float64Array;
  /** yearly log growth over the two years before: of the cell, of its product in the panel, of the panel */
  readonly own: Float64Array;
  readonly product: Float64Array;
  readonly all: number;
}

const yearOf = ({ valueNT, years }: Panel, t: number) =>
  Float64Array.from({ length: valueNT.length / years }, (_, n) => valueNT[n * years + t]!);

function originAt(of: Panel, t: number): Origin {
  const [last, before, earliest] = [yearOf(of, t), yearOf(of, t - 1), yearOf(of, t - 2)];
  const sums = (valueN: Float64Array) => {
    const sumP = new Float64Array(Math.max(...of.productN) + 1);
    valueN.forEach((value, n) => {
      sumP[of.productN[n]!]! += value;
    });
    return sumP;
  };
  const [lastP, earliestP] = [sums(last), sums(earliest)];
  const total = (valueN: Float64Array) => valueN.reduce((sum, value) => sum + value, 0);
  const growth = (to: number, from: number) => Math.max(-0.7, Math.min(0.7, Math.log((to + 1000) / (from + 1000)) / 2));
  return {
    last,
    before,
    earliest,
    mean: last.map((value, n) => (value + before[n]! + earliest[n]!) / 3),
    own: last.map((value, n) => growth(value, earliest[n]!)),
    product: Float64Array.from(of.productN, (p) => growth(lastP[p]!, earliestP[p]!)),
    all: growth(total(last), total(earliest)),
  };
}

const digits = (value: number, places = 4) => value.toFixed(places);
const classOf = (value: number) => RESIDUAL_CLASSES_USD.findLastIndex((from) => value >= from);
const residuals: Record<string, { horizon: number; size: number; residual: number }[]> = {};

for (const [name, query] of Object.entries(PANELS)) {
  if (!existsSync(/'(.+?)'/.exec(query.replace(/[\s\S]*read_csv\(/, ''))?.[1] ?? '')) {
    console.error(`the panel ${name} is not there`);
    continue;
  }
  const of = await panel(query);
  const pairs = Math.max(...of.pairN) + 1;
  const timesDE = drawExporters(pairs, 1_000, 1);
  residuals[name] = [];
  console.log(`\n${name}: ${of.pairN.length} cells, ${pairs} pairs. WAPE | error of ln(1+v/1000) | Poisson D2`);
  for (let horizon = 1; horizon <= LONGEST_HORIZON; horizon++) {
    const valueN: number[] = [];
    const forecasts = Object.fromEntries(Object.keys(CANDIDATES).map((name): [string, number[]] => [name, []]));
    const pairN: number[] = [];
    for (let t = 2; t + horizon < of.years; t++) {
      const origin = originAt(of, t);
      const outcome = yearOf(of, t + horizon);
      for (let n = 0; n < outcome.length; n++) {
        valueN.push(outcome[n]!);
        pairN.push(of.pairN[n]!);
        for (const [candidate, forecast] of Object.entries(CANDIDATES))
          forecasts[candidate]!.push(forecast(origin, n, horizon));
        const foretold = forecasts.chosen!.at(-1)!;
        const residual = Math.log1p(outcome[n]! / 1000) - Math.log1p(foretold / 1000);
        residuals[name]!.push({ horizon, size: classOf(foretold), residual });
      }
    }
    const values = Float64Array.from(valueN);
    // by pair, so that draws of pairs give intervals: |error| in USD and in logarithms
    const missed = (candidate: string) => {
      const [usdE, logE, valueE, countE] = Array.from({ length: 4 }, () => new Float64Array(pairs));
      forecasts[candidate]!.forEach((forecast, n) => {
        const e = pairN[n]!;
        usdE![e]! += Math.abs(valueN[n]! - forecast);
        logE![e]! += Math.abs(Math.log1p(valueN[n]! / 1000) - Math.log1p(forecast / 1000));
        valueE![e]! += valueN[n]!;
        countE![e]!++;
      });
      return { wape: resampleRatio(usdE!, valueE!, timesDE), log: resampleRatio(logE!, countE!, timesDE) };
    };
    const chosen = missed('chosen');
    for (const candidate of Object.keys(CANDIDATES)) {
      const { wape, logError, poissonD2 } = accuracy(values, Float64Array.from(forecasts[candidate]!));
      const other = missed(candidate);
      const between = (oneD: Float64Array, otherD: Float64Array) => {
        const { low, high } = pairedInterval(oneD, otherD);
        return `[${digits(low)}, ${digits(high)}]`;
      };
      const compared = ['persistence', 'threeYearMean'].includes(candidate)
        ? `   chosen less this: WAPE ${between(chosen.wape, other.wape)}, log ${between(chosen.log, other.log)}`
        : '';
      console.log(
        `  +${horizon} ${candidate.padEnd(20)} ${digits(wape)} | ${digits(logError)} | ${digits(poissonD2, 5)}${compared}`,
      );
    }
  }
}

/** The 10 % and 90 % quantiles of residuals by horizon and size. */
function quantiles(of: { horizon: number; size: number; residual: number }[]): [number, number][][] {
  return Array.from({ length: LONGEST_HORIZON }, (_, h) =>
    RESIDUAL_CLASSES_USD.map((_, size): [number, number] => {
      const sorted = of
        .filter((one) => one.horizon === h + 1 && one.size === size)
        .map(({ residual }) => residual)
        .sort((a, b) => a - b);
      const at = (q: number) => Number((sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN).toFixed(3));
      return [at(0.1), at(0.9)];
    }),
  );
}

console.log('\ncoverage of the 80 % intervals, quantiles from the other panels: by horizon, then by size');
for (const name of Object.keys(residuals)) {
  const table = quantiles(Object.entries(residuals).flatMap(([other, own]) => (other === name ? [] : own)));
  const covered = (of: { horizon: number; size: number; residual: number }[]) => {
    const inside = of.filter(({ horizon, size, residual }) => {
      const [low, high] = table[horizon - 1]![size]!;
      return residual >= low && residual <= high;
    });
    return of.length === 0 ? '-' : digits(inside.length / of.length, 2);
  };
  const own = residuals[name]!;
  const byHorizon = [1, 2, 3, 4, 5].map((horizon) => covered(own.filter((one) => one.horizon === horizon)));
  const bySize = RESIDUAL_CLASSES_USD.map((_, size) => covered(own.filter((one) => one.size === size)));
  console.log(`  ${name.padEnd(28)} ${byHorizon.join(' ')}   ${bySize.join(' ')}`);
}
if (process.argv.includes('--quantiles')) {
  const table = quantiles(Object.values(residuals).flat());
  console.log(table.map((row) => `  [${row.map(([low, high]) => `[${low}, ${high}]`).join(', ')}],`).join('\n'));
}
