import { BASES } from '../../core/scoring/scoredCells.ts';
import { cents, digits } from '../opportunity.ts';
import type { ExporterChanges } from './exporterMemory.ts';
import { type Finding, soldUnder } from './findings.ts';
import type { Filter, Item } from './records.ts';

/** Puts findings of one exporter into words and rounds them: USD to cents, pure numbers to six digits. */
export function itemWriter(changes: ExporterChanges) {
  const sold = soldUnder(changes);
  return (findings: readonly Finding[], filter: Filter): Item[] =>
    findings.map((finding) =>
      finding.kind === 'dataPublished'
        ? publishedItem(changes, finding, filter.product ?? '', sold(filter.product ?? '').usd)
        : cellItem(changes, finding),
    );
}

/** What all items of an exporter share, about no cell. */
function blank({ now, causes }: ExporterChanges, { kind, direction }: Finding): Item {
  const { world, manifest } = now.published;
  return {
    kind,
    exporter: now.code,
    exporterName: world.countryFacts[now.exporter]?.name ?? now.code,
    product: '',
    productName: '',
    importer: '',
    importerName: '',
    basis: null,
    direction,
    score: null,
    previousScore: null,
    actualUsd: null,
    potentialUsd: null,
    previousPotentialUsd: null,
    unrealisedUsd: null,
    previousUnrealisedUsd: null,
    factors: null,
    marketFactor: null,
    competitor: null,
    years: manifest.years,
    causes: [...causes],
  };
}

function publishedItem(changes: ExporterChanges, finding: Finding, product: string, usd: number): Item {
  const { world } = changes.now.published;
  const at = world.products.codes.indexOf(product);
  return {
    ...blank(changes, finding),
    product,
    productName: at < 0 ? (product === '' ? '' : `HS ${product}`) : (world.productFacts[at]?.name ?? ''),
    actualUsd: cents(usd),
  };
}

function cellItem(changes: ExporterChanges, finding: Finding): Item {
  const { before, now, markets } = changes;
  const { world } = now.published;
  const gone = finding.now < 0;
  const [cells, n] = gone ? [before.cells, finding.before] : [now.cells, finding.now];
  const productCodes = gone ? before.about.products : world.products.codes;
  const countryCodes = gone ? before.about.countries : world.countries.codes;
  const product = productCodes[cells.productN[n] ?? 0] ?? '';
  const importer = countryCodes[cells.importerN[n] ?? 0] ?? '';
  // names are those of the new run, which may not know the code any more
  const productAt = gone ? world.products.codes.indexOf(product) : (cells.productN[n] ?? -1);
  const importerAt = gone ? world.countries.codes.indexOf(importer) : (cells.importerN[n] ?? -1);
  const nameOf = (country: number) => world.countryFacts[country]?.name ?? '';
  const [is, was] = [finding.now, finding.before];
  const usd = (array: Float32Array | Float64Array, row: number) => (row < 0 ? null : cents(array[row] ?? Number.NaN));
  const rival = markets.rivalOf.get(is);
  return {
    ...blank(changes, finding),
    product,
    productName: world.productFacts[productAt]?.name ?? `HS ${product}`,
    importer,
    importerName: nameOf(importerAt) || importer,
    basis: BASES[cells.basisN[n] ?? 0] ?? null,
    score: gone ? null : digits(now.cells.scoreN[is] ?? Number.NaN),
    previousScore: was < 0 ? null : digits(before.cells.scoreN[was] ?? Number.NaN),
    actualUsd: usd(cells.actualN, n),
    potentialUsd: usd(now.cells.potentialN, is),
    previousPotentialUsd: usd(before.cells.potentialN, was),
    unrealisedUsd: usd(now.cells.unrealisedN, is),
    previousUnrealisedUsd: usd(before.cells.unrealisedN, was),
    factors: factorsOf(changes, finding),
    marketFactor: digits(markets.factorOf.get(is) ?? Number.NaN),
    competitor: rival
      ? { name: nameOf(rival.rival), share: digits(rival.share) ?? 0, previousName: nameOf(rival.before) }
      : null,
  };
}

/**
 * What the potential was multiplied by, factor by factor (METHODS 9.12): size alone, how easily the pair trades, and what the margins make
 * of both. Null unless there is a potential in USD on both sides.
 */
function factorsOf({ before, now }: ExporterChanges, finding: Finding): Item['factors'] {
  const [is, was] = [finding.now, finding.before];
  if (is < 0 || was < 0) return null;
  const ratio = (name: 'potentialN' | 'sizeN' | 'easeN') =>
    (now.cells[name][is] ?? Number.NaN) / (before.cells[name][was] ?? Number.NaN);
  const [potential, size, ease] = [ratio('potentialN'), ratio('sizeN'), ratio('easeN')];
  const factors = { size: digits(size), ease: digits(ease), marginAdjustment: digits(potential / size / ease) };
  return factors.size === null || factors.ease === null || factors.marginAdjustment === null
    ? null
    : (factors as NonNullable<Item['factors']>);
}
