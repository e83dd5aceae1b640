import type { Flows } from '../trade/flows.ts';
import { type Blend, blendedEffects, modelsIn, ofGroup, type Pattern, patternOf, unlearned } from './blend.ts';
import { MODELS, type ModelEffects, type Models } from './modelEffects.ts';

/** What a walk over cells meets: potential > 0 and v ≥ 0, USD, and which models speak. */
export type VisitPotential = (
  importer: number,
  product: number,
  potential: number,
  actual: number,
  pattern: Pattern,
) => void;

/** Walks all cells of an exporter that have a potential of at least `fromUsd` (> 0), by importer, then product. */
export type PotentialWalk = (exporter: number, fromUsd: number, visit: VisitPotential) => void;

/**
 * The potential of every cell of an exporter: the blend of the models that speak of it.
 *
 * A cell has one when its exporter sells the product, its importer buys it, and at least one model is not silent. Everything that does not depend on
 * the exporter is computed once, per pattern that occurs; a cell then costs two products.
 *
 * @param startE where each exporter's rows of the flows start (`exporterStarts`)
 */
export function potentialCells(flows: Flows, startE: Uint32Array, models: Models, blend: Blend): PotentialWalk {
  const nCountries = flows.countries.codes.length;
  const nProducts = flows.products.codes.length;
  const { importerN, productN, valueN } = flows;
  const { groupP, silent } = models;
  const groups = groupsOf(models);
  const effects = blendedByPattern(models, blend);
  const silentE = byExporter(silent, nCountries * nProducts);

  return (exporter, fromUsd, visit) => {
    const rowOf = ({ a }: ModelEffects) => a.data.subarray(exporter * nProducts, (exporter + 1) * nProducts);
    const basket = Uint16Array.from(flows.products.codes.keys()).filter((p) => rowOf(models.index)[p]! > 0);
    const listed = silentE.get(exporter);
    const end = startE[exporter + 1]!;
    const patternG = new Uint8Array(groups);
    let n = startE[exporter]!;
    for (let m = 0; m < nCountries; m++) {
      while (n < end && importerN[n]! < m) n++;
      if (m === exporter) continue;
      const pair = exporter * nCountries + m;
      for (let g = 0; g < groups; g++) patternG[g] = pairPattern(models, pair, g);
      // the flows of this pair and the basket are both ascending
      for (const p of basket) {
        let pattern = patternG[groupP[p]!]!;
        if (pattern === 0) continue;
        const at = m * nProducts + p;
        if (listed) pattern &= ~(listed.get(at) ?? 0);
        let potential = worth(pattern, exporter * nProducts + p, at, pair, groupP[p]!);
        if (potential === 0) {
          // some model of the pair is silent about this product
          pattern = cellPattern(models, pattern, exporter * nProducts + p, at);
          potential = worth(pattern, exporter * nProducts + p, at, pair, groupP[p]!);
        }
        if (!(potential >= fromUsd)) continue;
        while (n < end && importerN[n] === m && productN[n]! < p) n++;
        const trades = n < end && importerN[n] === m && productN[n] === p;
        visit(m, p, potential, trades ? valueN[n]! : 0, pattern);
      }
    }
  };

  function worth(pattern: Pattern, ep: number, mp: number, pair: number, group: number): number {
    if (pattern === 0) return 0;
    const blended = effects(pattern);
    return blended.a.data[ep]! * blended.b.data[mp]! * ofGroup(blended, group).data[pair]!;
  }
}

/** How many groups of products the models tell apart. */
export const groupsOf = (models: Models): number => Math.max(...MODELS.map((model) => models[model]?.cG.length ?? 1));

/** The models that speak of a pair, for the products of a group. */
export function pairPattern(models: Models, pair: number, group: number): Pattern {
  let pattern = 0;
  for (const [bit, model] of MODELS.entries()) {
    const effects = models[model];
    if (effects && ofGroup(effects, group).data[pair]! > 0) pattern |= 1 << bit;
  }
  return pattern;
}

/** Of the models that speak of a pair, those that speak of the product too. */
export function cellPattern(models: Models, pair: Pattern, exporterProduct: number, importerProduct: number): Pattern {
  let pattern = 0;
  for (const [bit, model] of MODELS.entries()) {
    if (!(pair & (1 << bit))) continue;
    const { a, b } = models[model]!;
    if (a.data[exporterProduct]! > 0 && b.data[importerProduct]! > 0) pattern |= 1 << bit;
  }
  return pattern;
}

/** The blended effects of each pattern, made when one is first met. */
export function blendedByPattern(models: Models, { patterns }: Blend): (pattern: Pattern) => ModelEffects {
  const made: (ModelEffects | undefined)[] = [];
  return (pattern) => {
    const known = made[pattern];
    if (known) return known;
    const learned = patterns.find(({ models: of }) => patternOf(of) === pattern);
    const effects = blendedEffects(learned ?? { ...unlearned(pattern), models: modelsIn(pattern) }, models);
    made[pattern] = effects;
    return effects;
  };
}

function byExporter(silent: ReadonlyMap<number, number>, cells: number): Map<number, Map<number, number>> {
  const lists = new Map<number, Map<number, number>>();
  for (const [cell, bits] of silent) {
    const exporter = Math.floor(cell / cells);
    const list = lists.get(exporter) ?? new Map<number, number>();
    list.set(cell % cells, bits);
    lists.set(exporter, list);
  }
  return lists;
}
