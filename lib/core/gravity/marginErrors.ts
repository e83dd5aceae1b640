import type { Matrix } from '../matrix.ts';
import type { Flows } from '../trade/flows.ts';
import { totals } from '../trade/totals.ts';
import type { Cell } from './support.ts';
import { MARGIN_FLOOR_USD } from './sweeps.ts';

/** Lower bounds of the value classes in which margins are reported, USD. */
export const VALUE_CLASSES_USD = [0, MARGIN_FLOOR_USD, 1e6, 1e8] as const;

/** How well one family of margins is reproduced. */
export interface MarginErrors {
  /** Σ|fitted − observed| / V */
  readonly sumAbsErrorOverTotal: number;
  /** max |fitted − observed| / observed over margins above 10,000 USD, and the margin's codes; null when there is none */
  readonly worstRelativeAbove10kUsd: number;
  readonly where: readonly [string, string] | null;
  /** the same by size of the margin */
  readonly byValueClass: readonly {
    readonly fromUsd: number;
    readonly margins: number;
    readonly worstRelative: number;
  }[];
}

export interface ThreeWayMargins {
  /** cells that can be positive: their three totals are, and the totals leave them room */
  readonly supportCells: number;
  readonly exporterProduct: MarginErrors;
  readonly importerProduct: MarginErrors;
  readonly pair: MarginErrors;
}

/**
 * The certificate of a three-way fit: adds up every cell of the factors and compares each margin with the data. Plain loops that share
 * nothing with those that fitted.
 *
 *     Σ_j A_ik B_jk C_ij = v_ik    Σ_i A_ik B_jk C_ij = v_jk    Σ_k A_ik B_jk C_ij = v_ij
 *
 * @param forced rows of the flows that are fixed instead of fitted
 * @param zeros cells that are 0 whatever the factors
 */
export function marginErrors(
  flows: Flows,
  factors: { readonly a: Matrix; readonly b: Matrix; readonly c: Matrix },
  forced: readonly number[],
  zeros: readonly Cell[],
): ThreeWayMargins {
  const { countries, products } = flows;
  const nCountries = countries.codes.length;
  const nProducts = products.codes.length;
  const observed = totals(flows);
  const fittedEP = new Float64Array(nCountries * nProducts);
  const fittedMP = new Float64Array(nCountries * nProducts);
  const fittedEM = new Float64Array(nCountries * nCountries);

  // every cell of the factors
  const a = factors.a.data;
  const b = factors.b.data;
  const basket = new Uint32Array(nProducts);
  let supportCells = forced.length - zeros.length;
  for (let e = 0; e < nCountries; e++) {
    let sold = 0;
    for (let p = 0; p < nProducts; p++) if (a[e * nProducts + p]! > 0) basket[sold++] = p;
    for (let m = 0; m < nCountries; m++) {
      const c = factors.c.data[e * nCountries + m]!;
      if (c === 0) continue;
      let link = 0;
      for (let x = 0; x < sold; x++) {
        const ep = e * nProducts + basket[x]!;
        const mp = m * nProducts + basket[x]!;
        const mu = a[ep]! * b[mp]! * c;
        fittedEP[ep]! += mu;
        fittedMP[mp]! += mu;
        link += mu;
        if (mu > 0) supportCells++;
      }
      fittedEM[e * nCountries + m] = link;
    }
  }
  // what is known without them
  const add = (exporter: number, importer: number, product: number, value: number) => {
    fittedEP[exporter * nProducts + product]! += value;
    fittedMP[importer * nProducts + product]! += value;
    fittedEM[exporter * nCountries + importer]! += value;
  };
  for (const { exporter, importer, product } of zeros) {
    const mu = a[exporter * nProducts + product]! * b[importer * nProducts + product]!;
    add(exporter, importer, product, -mu * factors.c.data[exporter * nCountries + importer]!);
  }
  for (const n of forced) add(flows.exporterN[n]!, flows.importerN[n]!, flows.productN[n]!, flows.valueN[n]!);

  const byCountry = (at: number) =>
    [countries.codes[Math.floor(at / nProducts)]!, products.codes[at % nProducts]!] as const;
  return {
    supportCells,
    exporterProduct: errorsOf(fittedEP, observed.exporterProduct.data, observed.world, byCountry),
    importerProduct: errorsOf(fittedMP, observed.importerProduct.data, observed.world, byCountry),
    pair: errorsOf(fittedEM, observed.pair.data, observed.world, (at) => [
      countries.codes[Math.floor(at / nCountries)]!,
      countries.codes[at % nCountries]!,
    ]),
  };
}

function errorsOf(
  fittedN: Float64Array,
  observedN: Float64Array,
  world: number,
  codes: (at: number) => readonly [string, string],
): MarginErrors {
  const classes = VALUE_CLASSES_USD.map((fromUsd) => ({ fromUsd, margins: 0, worstRelative: 0 }));
  let sum = 0;
  let worst = 0;
  let worstAt = -1;
  for (let n = 0; n < observedN.length; n++) {
    const observed = observedN[n]!;
    const off = Math.abs(fittedN[n]! - observed);
    sum += off;
    if (observed === 0) continue;
    const relative = off / observed;
    let size = classes.length - 1;
    while (observed < classes[size]!.fromUsd) size--;
    classes[size]!.margins++;
    classes[size]!.worstRelative = Math.max(classes[size]!.worstRelative, relative);
    if (observed > MARGIN_FLOOR_USD && (worstAt < 0 || relative > worst)) {
      worst = relative;
      worstAt = n;
    }
  }
  return {
    sumAbsErrorOverTotal: world > 0 ? sum / world : 0,
    worstRelativeAbove10kUsd: worst,
    where: worstAt < 0 ? null : codes(worstAt),
    byValueClass: classes,
  };
}
