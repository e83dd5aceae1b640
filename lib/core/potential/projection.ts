import type { Flows } from '../trade/flows.ts';
import type { Totals } from '../trade/totals.ts';

/** Growth over the whole horizon is believed within these bounds. */
const LEAST_GROWTH = 0.5;
const MOST_GROWTH = 2;

/** What projections are made of, on the axes of the run. Survives storing: plain vectors. */
export interface GrowthRatios {
  /** over the horizon, by country; a country without a known growth has that of the others, weighted by its trade's */
  readonly gdpE: Float64Array;
  readonly populationE: Float64Array;
  /** 1 where both are known of the country itself */
  readonly knownE: Uint8Array;
  /** of a product's suppliers together, weighted by what they sell; 1 where nobody does */
  readonly suppliersP: Float64Array;
}

/** Years that a projection looks ahead. */
export const HORIZON_YEARS = 5;

/**
 * Growth over the horizon: the yearly ratio to the power of its years, within 0.5 and 2.
 *
 *     suppliers[k] = Σ_i (v_ik / v_k) dGDP_i
 *
 * @param growth yearly ratios around 1, NaN where unknown
 * @returns null where no growth is known of any country: nothing can be projected
 * @source METHODS 1.1, 9.2 and 9.3, after the export potential methodology of the International Trade Centre
 */
export function growthRatios(
  totals: Totals,
  growth: { readonly gdpGrowthE: Float64Array; readonly populationGrowthE: Float64Array },
  horizonYears = HORIZON_YEARS,
): GrowthRatios | null {
  const { exporterProduct, exporterE, importerM, productP } = totals;
  const nProducts = exporterProduct.cols;
  const knownE = Uint8Array.from(growth.gdpGrowthE, (gdp, e) =>
    Number.isNaN(gdp) || Number.isNaN(growth.populationGrowthE[e]!) ? 0 : 1,
  );
  if (!knownE.includes(1)) return null;
  const over = (yearlyE: Float64Array, weightE: Float64Array) => {
    const ratioE = yearlyE.map((yearly) => within(yearly ** horizonYears));
    const mean = weightedMean(ratioE, weightE);
    return ratioE.map((ratio) => (Number.isNaN(ratio) ? mean : ratio));
  };
  const gdpE = over(growth.gdpGrowthE, exporterE);
  const populationE = over(growth.populationGrowthE, importerM);
  const suppliersP = new Float64Array(nProducts);
  for (let at = 0; at < exporterProduct.data.length; at++)
    suppliersP[at % nProducts]! += exporterProduct.data[at]! * gdpE[Math.floor(at / nProducts)]!;
  for (let p = 0; p < nProducts; p++) suppliersP[p] = productP[p]! > 0 ? suppliersP[p]! / productP[p]! : 1;
  return { gdpE, populationE, knownE, suppliersP };
}

/**
 * The projected market share over the present one. Shares still sum to 1 in each product, so a potential stays on the scale of demand.
 *
 *     supply[i,k] = dGDP_i / suppliers[k]
 */
export const supplyRatio = ({ gdpE, suppliersP }: GrowthRatios, exporter: number, product: number): number =>
  gdpE[exporter]! / suppliersP[product]!;

/**
 * How demand grows: with people, and with income per head.
 *
 *     demand[j] = dPOP_j (dGDP_j / dPOP_j)^e        income's growth within 0.5 and 2
 *
 * @param elasticity e: how imports per head grow with income per head
 */
export const demandRatio = ({ gdpE, populationE }: GrowthRatios, importer: number, elasticity = 1): number =>
  populationE[importer]! * within(gdpE[importer]! / populationE[importer]!) ** elasticity;

/** What counts for an elasticity that nobody states. */
export const oneIfUnknown = (elasticity: number | undefined): number =>
  elasticity === undefined || Number.isNaN(elasticity) ? 1 : elasticity;

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

/** The two parts of the advantage that tariffs give a cell; their product is what a potential is multiplied by. */
export interface TariffAdvantage {
  /** ((1 + τ̄_jk) / (1 + τ))^σ: what j charges i's competitors over what it charges i, of a rate τ in percent */
  ofRate(importer: number, product: number, percent: number): number;
  /** ((1 + τ̄_ik) / (1 + τ̄_k))^σ: what i's customers charge over what everyone's do; 1 where no tariff on its sales is known */
  ofCustomers(exporter: number, product: number): number;
}

/**
 * The advantage that tariffs give a cell, by ITC's two terms, from the flows of the year:
 *
 *     tariff[i,j,k] = ((1 + τ̄_jk) / (1 + τ_ijk) · (1 + τ̄_ik) / (1 + τ̄_k))^σ_k
 *
 * τ̄_jk is the mean over what j imports of k, τ̄_ik over what i exports of it, τ̄_k over all its trade, weighted by value over the flows whose tariff is
 * known. The first says how the cell's own tariff compares with those of its competitors, the second how i's customers compare with everyone's. Both are raised
 * to σ_k.
 *
 * @param priceP σ: percent by which imports fall with one percent of price, by product; 1 where NaN, and for all where not given
 * @source METHODS 1.1, 9.2 and 9.3
 */
export function tariffAdvantage(flows: Flows, tariffOf: TariffOf, priceP?: Float64Array): TariffAdvantage {
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
  return {
    ofRate(importer, product, percent) {
      const at = importer * nProducts + product;
      const own = percent / 100;
      return ((1 + mean(imports.paid[at]!, imports.value[at]!, own)) / (1 + own)) ** oneIfUnknown(priceP?.[product]);
    },
    ofCustomers(exporter, product) {
      const at = exporter * nProducts + product;
      const world = mean(paidP[product]!, valueP[product]!, 0);
      return (
        ((1 + mean(exports_.paid[at]!, exports_.value[at]!, world)) / (1 + world)) ** oneIfUnknown(priceP?.[product])
      );
    },
  };
}
