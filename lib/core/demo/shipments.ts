import { axis } from '../labels.ts';
import type { Matrix } from '../matrix.ts';
import { normal, stream, uniform } from '../random.ts';
import type { Flows } from '../trade/flows.ts';
import type { Place } from './geography.ts';
import type { DemoProduct } from './products.ts';
import { TRUTH } from './truth.ts';

/** standard deviation of products' unit values in a family, log points */
const FAMILY_PRICE_SPREAD = 0.6;
/** by how much a cell's unit value may differ from its product's, either way */
const PRICE_SPREAD = 0.5;
const UNKNOWN_QUANTITIES = 0.02;

/** Draws what was really shipped in a year around the expectation, with its weight. */
export function shipments(
  places: readonly Place[],
  products: readonly DemoProduct[],
  supplyEP: Matrix,
  demandMP: Matrix,
  easeEM: Matrix,
  seed: number,
  year: number,
): { flows: Flows; quantityN: Float64Array } {
  const nE = places.length;
  const nP = products.length;
  const { noise, persistence, leastShipment } = TRUTH;
  const kept = noise * Math.sqrt(persistence);
  const fresh = noise * Math.sqrt(1 - persistence);
  // four standard deviations below the least shipment nothing is drawn: one such cell in thirty thousand would have been shipped
  const hopeless = leastShipment * Math.exp((noise * noise) / 2 - 4 * noise);
  const history = stream(seed, 'shipments');
  const happened = stream(seed, `shipments ${year}`);
  const price = stream(seed, `prices ${year}`);
  const weighed = stream(seed, `weighing ${year}`);

  // room for every cell that may be shipped
  let room = 0;
  eachCell(supplyEP, demandMP, easeEM, hopeless, () => {
    room++;
  });
  const exporterN = new Uint16Array(room);
  const importerN = new Uint16Array(room);
  const productN = new Uint16Array(room);
  const valueN = new Float64Array(room);
  const quantityN = new Float64Array(room);
  const usdPerTonneP = products.map(
    ({ code, family }) =>
      1000 * family.usdPerKg * Math.exp(FAMILY_PRICE_SPREAD * normal(stream(seed, `price ${code}`), 0)),
  );

  let n = 0;
  eachCell(supplyEP, demandMP, easeEM, hopeless, (mu, e, m, p) => {
    const cell = (e * nE + m) * nP + p;
    const luck = kept * normal(history, cell) + fresh * normal(happened, cell) - (noise * noise) / 2;
    const value = Math.round(mu * Math.exp(luck));
    if (value < leastShipment) return;
    exporterN[n] = e;
    importerN[n] = m;
    productN[n] = p;
    valueN[n] = value;
    const unitValue = usdPerTonneP[p]! * (1 + PRICE_SPREAD * (2 * uniform(price, cell) - 1));
    quantityN[n] = uniform(weighed, cell) < UNKNOWN_QUANTITIES ? Number.NaN : value / unitValue;
    n++;
  });
  const flows = {
    countries: axis(places.map(({ code }) => code)),
    products: axis(products.map(({ code }) => code)),
    exporterN: exporterN.slice(0, n),
    importerN: importerN.slice(0, n),
    productN: productN.slice(0, n),
    valueN: valueN.slice(0, n),
  };
  return { flows, quantityN: quantityN.slice(0, n) };
}

/** Visits the expectation of every cell off the diagonal that reaches `least`, sorted by exporter, importer, product. */
function eachCell(
  supplyEP: Matrix,
  demandMP: Matrix,
  easeEM: Matrix,
  least: number,
  visit: (mu: number, e: number, m: number, p: number) => void,
): void {
  const { rows: nE, cols: nP } = supplyEP;
  for (let e = 0; e < nE; e++) {
    for (let m = 0; m < nE; m++) {
      if (e === m) continue;
      const ease = easeEM.data[e * nE + m]!;
      for (let p = 0; p < nP; p++) {
        const mu = supplyEP.data[e * nP + p]! * demandMP.data[m * nP + p]! * ease;
        if (mu >= least) visit(mu, e, m, p);
      }
    }
  }
}
