import type { Flows } from '../trade/flows.ts';
import type { Totals } from '../trade/totals.ts';

/** Growth over the whole horizon is believed within these bounds. */
const LEAST_GROWTH = 0.5;
const MOST_GROWTH = 2;

export interface ProjectionSettings {
  /** years that the projection looks ahead */
  readonly horizonYears?: number;
  /** by product, how imports per head grow with income per head; 1 where not given */
  readonly elasticityP?: ArrayLike<number>;
}

/** What supply, demand and tariffs do to a potential by the end of the horizon: projected = static × supply × demand × tariff. */
export interface Projection {
  readonly horizonYears: number;
  /** of exporter and product: USD of the world market that move with the exporter's share */
  supply(exporter: number, product: number): number;
  /** of importer and product */
  demand(importer: number, product: number): number;
  /** what is not known of a country counts as the world's: by country, 1 where its growth is known */
  readonly knownE: Uint8Array;
}

/**
 * Ratios by which potentials grow over the horizon.
 *
 *     supply[i,k] = dGDP_i / Σ_i' (v_i'k / v_k) dGDP_i'         the projected market share over the present one
 *     demand[j,k] = dPOP_j (dGDP_j / dPOP_j)^e_k                imports per head grow with income per head
 *
 * with dX the growth over the horizon, the yearly ratio to the power of its years, within 0.5 and 2. Market shares still sum to 1 in each product:
 * Σ_i (v_ik / v_k) supply[i,k] = 1, so a potential stays on the scale of demand. A country without a known growth has that of the others, weighted by
 * GDP's stand-in, its trade.
 *
 * @param growth yearly ratios around 1, NaN where unknown
 * @source METHODS 1.1, 9.2 and 9.3, after the export potential methodology of the International Trade Centre
 */
export function projection(
  totals: Totals,
  growth: { readonly gdpGrowthE: Float64Array; readonly populationGrowthE: Float64Array },
  { horizonYears = 5, elasticityP }: ProjectionSettings = {},
): Projection {
  const { exporterProduct, exporterE, importerM, productP } = totals;
  const nProducts = exporterProduct.cols;
  const over = (yearlyE: Float64Array, weightE: Float64Array) => {
    const ratioE = yearlyE.map((yearly) => within(yearly ** horizonYears));
    const mean = weightedMean(ratioE, weightE);
    return ratioE.map((ratio) => (Number.isNaN(ratio) ? mean : ratio));
  };
  const gdpE = over(growth.gdpGrowthE, exporterE);
  const populationE = over(growth.populationGrowthE, importerM);
  const incomeE = gdpE.map((ratio, e) => within(ratio / populationE[e]!));

  // growth of the product's suppliers together
  const suppliersP = new Float64Array(nProducts);
  for (let at = 0; at < exporterProduct.data.length; at++)
    suppliersP[at % nProducts]! += exporterProduct.data[at]! * gdpE[Math.floor(at / nProducts)]!;
  return {
    horizonYears,
    supply: (exporter, product) => (gdpE[exporter]! * productP[product]!) / suppliersP[product]!,
    demand: (importer, product) => populationE[importer]! * incomeE[importer]! ** (elasticityP?.[product] ?? 1),
    knownE: Uint8Array.from(growth.gdpGrowthE, (gdp, e) =>
      Number.isNaN(gdp) || Number.isNaN(growth.populationGrowthE[e]!) ? 0 : 1,
    ),
  };
}

const within = (ratio: number) => Math.min(MOST_GROWTH, Math.max(LEAST_GROWTH, ratio));

/** NaN counts for nothing; 1 where everything is NaN. */
function weightedMean(ratioE: Float64Array, weightE: Float64Array): number {
  let sum = 0;
  let weight = 0;
  for (let e = 0; e < ratioE.length; e++) {
    if (Number.isNaN(ratioE[e]!)) continue;
    sum += ratioE[e]! * weightE[e]!;
    weight += weightE[e]!;
  }
  return weight > 0 ? sum / weight : 1;
}

/** What importers charge, in percent, by what applies: NaN where nothing is known of the cell. */
export type TariffOf = (exporter: number, importer: number, product: number) => number;

/**
 * The advantage that tariffs give a cell, by ITC's two terms, from the flows of the year:
 *
 *     tariff[i,j,k] = [ (1 + τ̄_jk) / (1 + τ_ijk) · (1 + τ̄_ik) / (1 + τ̄_k) ]^σ_k
 *
 * τ̄_jk is the mean over what j imports of k, τ̄_ik over what i exports of it, τ̄_k over all its trade, weighted by value over the flows whose tariff is
 * known. The first says how the cell's own tariff compares with those of its competitors, the second how i's customers compare with everyone's.
 *
 * @param sigmaP by product, the elasticity with which trade answers tariffs; 1 where not given
 * @returns a ratio per cell; 1 where its tariff is not known, which `known` tells
 * @source METHODS 1.1, 9.2 and 9.3
 */
export function tariffAdvantage(flows: Flows, tariffOf: TariffOf, sigmaP?: ArrayLike<number>) {
  const { exporterN, importerN, productN, valueN, countries, products } = flows;
  const nProducts = products.codes.length;
  const means = () => ({
    paid: new Float64Array(countries.codes.length * nProducts),
    value: new Float64Array(countries.codes.length * nProducts),
  });
  const [imports, exports_] = [means(), means()];
  const paidP = new Float64Array(nProducts);
  const valueP = new Float64Array(nProducts);
  for (let n = 0; n < valueN.length; n++) {
    const [e, m, p, value] = [exporterN[n]!, importerN[n]!, productN[n]!, valueN[n]!];
    const rate = tariffOf(e, m, p) / 100;
    if (Number.isNaN(rate)) continue;
    imports.paid[m * nProducts + p]! += value * rate;
    imports.value[m * nProducts + p]! += value;
    exports_.paid[e * nProducts + p]! += value * rate;
    exports_.value[e * nProducts + p]! += value;
    paidP[p]! += value * rate;
    valueP[p]! += value;
  }
  const mean = (paid: number, value: number, otherwise: number) => (value > 0 ? paid / value : otherwise);
  return (exporter: number, importer: number, product: number): { ratio: number; known: boolean } => {
    const own = tariffOf(exporter, importer, product) / 100;
    if (Number.isNaN(own)) return { ratio: 1, known: false };
    const [ep, mp] = [exporter * nProducts + product, importer * nProducts + product];
    const world = mean(paidP[product]!, valueP[product]!, own);
    const competitors = mean(imports.paid[mp]!, imports.value[mp]!, own);
    const customers = mean(exports_.paid[ep]!, exports_.value[ep]!, world);
    const ratio = ((1 + competitors) / (1 + own)) * ((1 + customers) / (1 + world));
    return { ratio: ratio ** (sigmaP?.[product] ?? 1), known: true };
  };
}
