import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { factor, interaction } from '../../../lib/core/gravity/ppml/factor.ts';
import type { Model } from '../../../lib/core/gravity/ppml/model.ts';

/** A small gravity panel: every layout of effects is a way to read the same columns. */
export function smallPanel(seed: number, { countries = 6, years = 3, zeros = 0.2, missing = 0.15 } = {}) {
  const random = pseudoRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const size = Array.from({ length: countries }, normal);
  const rows: {
    exporter: number;
    importer: number;
    year: number;
    y: number;
    dist: number;
    rta: number;
    size: number;
  }[] = [];
  for (let exporter = 0; exporter < countries; exporter++)
    for (let importer = 0; importer < countries; importer++) {
      if (exporter === importer) continue;
      const dist = 8 + normal();
      const from = Math.floor(random() * (years + 3)) - 1;
      for (let year = 0; year < years; year++) {
        if (random() < missing) continue;
        const rta = from <= year ? 1 : 0;
        const mean = Math.exp(3 + size[exporter]! + 0.7 * size[importer]! - 0.8 * (dist - 8) + 0.3 * rta);
        const y = random() < zeros ? 0 : mean * -Math.log(1 - random());
        rows.push({ exporter, importer, year, y, dist, rta, size: random() });
      }
    }
  const column = (name: 'y' | 'dist' | 'rta' | 'size') => Float64Array.from(rows, (row) => row[name]);
  const exporter = factor('exporter', rows.map((row) => row.exporter)); // biome-ignore format: one per line
  const importer = factor('importer', rows.map((row) => row.importer)); // biome-ignore format: one per line
  const year = factor('year', rows.map((row) => row.year)); // biome-ignore format: one per line
  const pair = interaction('pair', exporter, importer);
  const exporterYear = interaction('exporter_year', exporter, year);
  const importerYear = interaction('importer_year', importer, year);
  const yN = column('y');
  const columns = (['dist', 'rta'] as const).map((name) => ({ name, valueN: column(name) }));
  return { rows, yN, columns, random, effects: { exporter, importer, year, pair, exporterYear, importerYear } };
}

/** Layouts of effects with the regressors that they leave identified. */
export const LAYOUTS = {
  none: { effects: [], columns: ['dist', 'rta'] },
  exporter: { effects: ['exporter'], columns: ['dist', 'rta'] },
  pair: { effects: ['pair'], columns: ['rta'] },
  'exporter importer': { effects: ['exporter', 'importer'], columns: ['dist', 'rta'] },
  'exporter importer year': { effects: ['exporter', 'importer', 'year'], columns: ['dist', 'rta'] },
  'exporter_year importer_year': { effects: ['exporterYear', 'importerYear'], columns: ['dist', 'rta'] },
  'pair year': { effects: ['pair', 'year'], columns: ['rta'] },
  'exporter_year importer_year pair': { effects: ['exporterYear', 'importerYear', 'pair'], columns: ['rta'] },
  'exporter importer year pair': { effects: ['exporter', 'importer', 'year', 'pair'], columns: ['rta'] },
} as const;

export function modelOf(panel: ReturnType<typeof smallPanel>, layout: keyof typeof LAYOUTS): Model {
  const { effects, columns } = LAYOUTS[layout];
  return {
    yN: panel.yN,
    columns: panel.columns.filter(({ name }) => (columns as readonly string[]).includes(name)),
    effects: effects.map((name) => panel.effects[name]),
  };
}

/** The rows of a model that a fit used, as a model of their own. */
export function onlyRows(model: Model, keep: (row: number) => boolean): Model {
  const rows = [...model.yN.keys()].filter(keep);
  const pick = (valueN: Float64Array) => Float64Array.from(rows, (row) => valueN[row]!);
  return {
    yN: pick(model.yN),
    columns: model.columns.map(({ name, valueN }) => ({ name, valueN: pick(valueN) })),
    effects: model.effects.map(({ name, codeN, levels }) => factor(name, rows.map((row) => levels[codeN[row]!]!))), // biome-ignore format: one line
    ...(model.offsetN ? { offsetN: pick(model.offsetN) } : {}),
    ...(model.weightN ? { weightN: pick(model.weightN) } : {}),
  };
}
