import type { WriteCost } from '../ports/pageStore.ts';
import type { ModelFacts } from './modelFacts.ts';

/** A part of the score step: countries from…to (exclusive) as exporters or importers, or the world summary (0…0). */
export interface Shard {
  readonly axis: 'exporter' | 'importer' | 'world';
  readonly from: number;
  readonly to: number;
}

/** What a shard leaves behind when all its pages are written: publish asks every planned shard for it. */
export interface ShardReceipt {
  readonly cost: WriteCost;
  readonly opportunities: number;
  /** what the models say about themselves; from the world shard alone */
  readonly models?: ModelFacts;
}

/** Flow cells that one shard should hold: some seconds of work, few enough shards to load the shared matrices seldom. */
const CELLS_PER_SHARD = 350_000;
const FEWEST = 2;
const MOST = 32;

/** The shard's name in receipts. */
export const shardName = ({ axis, from, to }: Shard) => `${axis}-${from}-${to}`;

/**
 * Cuts the country axis into contiguous shards of about equal numbers of flow cells, once by exporter and once by importer, and adds the
 * world summary. Every country is in exactly one shard of each axis, also one that trades nothing.
 */
export function planShards(countries: number, exporterN: Uint16Array, importerN: Uint16Array): Shard[] {
  const shards = Math.max(
    1,
    Math.min(MOST, countries, Math.max(FEWEST, Math.ceil(exporterN.length / CELLS_PER_SHARD))),
  );
  return [
    ...cut('exporter', countries, exporterN, shards),
    ...cut('importer', countries, importerN, Math.ceil(shards / 2)),
    { axis: 'world', from: 0, to: 0 },
  ];
}

function cut(axis: 'exporter' | 'importer', countries: number, countryN: Uint16Array, shards: number): Shard[] {
  const cells = new Float64Array(countries).fill(1); // a country costs something even without flows
  for (const country of countryN) cells[country] = (cells[country] ?? 0) + 1;
  const perShard = cells.reduce((sum, each) => sum + each, 0) / shards;

  const result: Shard[] = [];
  let from = 0;
  let reached = 0;
  for (let to = 1; to <= countries; to++) {
    reached += cells[to - 1] ?? 0;
    if (reached >= perShard * (result.length + 1) || to === countries) {
      result.push({ axis, from, to });
      from = to;
    }
  }
  return result;
}
