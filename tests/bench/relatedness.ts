/**
 * Bilateral relatedness of the real worlds beside the project: every cell of every exporter, in levels.
 *
 *     npm run -s bench -- relatedness [hs4|hs6]...
 *
 * Prints one JSON line for each world: seconds of the weights (proximity, distances, similarities) and of each measure; the cells that a score
 * asks for, and how many of them have something related; peak megabytes. At HS4 those are the empty cells whose importer buys the product from
 * somebody; at HS6 the cells that the three-way fit finds 10,000 USD or more below their potential (its seconds do not count). Each world is measured in a
 * fresh process that gets packed flows.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFlows, encodeFlows } from '../../lib/app/runArtifacts.ts';
import { presence } from '../../lib/core/complexity/presence.ts';
import { proximity } from '../../lib/core/complexity/proximity.ts';
import { threeWayFit } from '../../lib/core/gravity/threeWay.ts';
import { type Matrix, matrix } from '../../lib/core/matrix.ts';
import { exporterRelatedness } from '../../lib/core/relatedness/exporterRelatedness.ts';
import { importerRelatedness } from '../../lib/core/relatedness/importerRelatedness.ts';
import { nearAndSimilarNeighbours, nearNeighbours } from '../../lib/core/relatedness/neighbours.ts';
import { productRelatedness, relatedProducts } from '../../lib/core/relatedness/productRelatedness.ts';
import { importBasketSimilarity } from '../../lib/core/relatedness/similarity.ts';
import { supportCells } from '../../lib/core/scoring/supportCells.ts';
import { exporterStarts, type Flows } from '../../lib/core/trade/flows.ts';
import { totals } from '../../lib/core/trade/totals.ts';
import { isThere, REAL_WORLDS, realWorld } from '../core/gravity/realWorlds.fixture.ts';
import { distancesAreThere, realDistances } from '../core/relatedness/distances.fixture.ts';

type World = keyof typeof REAL_WORLDS;

const [first, world, packed] = process.argv.slice(2);
if (first === '--packed') measure(world as World, packed!);
else await prepare(process.argv.slice(2));

/** Packs each world and hands it to a fresh process. */
async function prepare(asked: readonly string[]) {
  const worlds = (Object.keys(REAL_WORLDS) as World[]).filter((each) => asked.length === 0 || asked.includes(each));
  const folder = mkdtempSync(join(tmpdir(), 'relatedness-'));
  for (const each of worlds) {
    if (!isThere(each) || !distancesAreThere) {
      console.error(`${REAL_WORLDS[each].file} or the distances are not there`);
      continue;
    }
    const file = join(folder, each);
    writeFileSync(file, encodeFlows(await realWorld(each)));
    execFileSync(process.execPath, [import.meta.filename, '--packed', each, file], { stdio: 'inherit' });
  }
  rmSync(folder, { recursive: true });
}

function measure(which: World, file: string) {
  const seconds: Record<string, number> = {};
  const timed = <Result>(name: string, work: () => Result): Result => {
    const from = performance.now();
    const result = work();
    seconds[name] = (seconds[name] ?? 0) + (performance.now() - from) / 1000;
    return result;
  };
  const flows = decodeFlows(readFileSync(file));
  const distanceKm = realDistances(flows.countries);
  const startE = exporterStarts(flows);
  const { exporterProduct, importerProduct } = totals(flows);
  const asked = which === 'hs4' ? emptyCells(flows, startE, importerProduct) : unrealisedCells(flows, startE);

  const near = timed('weights', () => nearNeighbours(distanceKm));
  const similar = timed('weights', () => nearAndSimilarNeighbours(importBasketSimilarity(importerProduct), distanceKm));
  const products = timed('proximity', () => relatedProducts(proximity(presence(exporterProduct))));
  const measures = {
    product: timed('product', () => productRelatedness(flows, products, startE)),
    importer: importerRelatedness(flows, near, startE),
    similarImporter: importerRelatedness(flows, similar, startE),
    exporter: exporterRelatedness(flows, near, startE),
  };
  const nCountries = flows.countries.codes.length;
  const out = matrix(nCountries, flows.products.codes.length);
  const related = { product: 0, importer: 0, similarImporter: 0, exporter: 0 };
  let cells = 0;
  for (let e = 0; e < nCountries; e++) {
    const wanted = asked(e);
    cells += wanted.length;
    for (const name of Object.keys(measures) as (keyof typeof measures)[]) {
      timed(name, () => measures[name](e, out));
      for (const at of wanted) if (out.data[at]! > 0) related[name]++;
    }
  }
  const all = Object.values(seconds).reduce((sum, each) => sum + each, 0);
  for (const name of Object.keys(seconds)) seconds[name] = Number(seconds[name]!.toFixed(2));
  const peakMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024);
  const countriesAlone = near.aloneC.reduce((sum, each) => sum + each, 0);
  console.log(
    JSON.stringify({ world: which, all: Number(all.toFixed(2)), seconds, cells, related, countriesAlone, peakMb }),
  );
}

/** Where the cells lie, in importers × products, that the exporter does not fill but somebody does. */
function emptyCells({ countries, importerN, productN }: Flows, startE: Uint32Array, imports: Matrix) {
  const nProducts = imports.cols;
  const wanted = new Uint32Array(imports.data.length);
  const sold = new Uint8Array(imports.data.length);
  return (exporter: number): Uint32Array => {
    sold.fill(0);
    for (let n = startE[exporter]!; n < startE[exporter + 1]!; n++) sold[importerN[n]! * nProducts + productN[n]!] = 1;
    let cells = 0;
    for (let m = 0, at = 0; m < countries.codes.length; m++)
      for (let p = 0; p < nProducts; p++, at++)
        if (m !== exporter && imports.data[at]! > 0 && sold[at] === 0) wanted[cells++] = at;
    return wanted.subarray(0, cells);
  };
}

/** Likewise those that are at least 10,000 USD below the potential of the three-way fit. */
function unrealisedCells(flows: Flows, startE: Uint32Array) {
  const fit = threeWayFit(flows);
  const nProducts = flows.products.codes.length;
  return (exporter: number): number[] => {
    const wanted: number[] = [];
    supportCells(flows, startE, fit, exporter, 10_000, (m, p, mu, actual) => {
      if (mu - actual >= 10_000) wanted.push(m * nProducts + p);
    });
    return wanted;
  };
}
