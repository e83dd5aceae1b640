import { withDatabase } from '../../../lib/adapters/files/database.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { type Complexity, complexity as measure } from '../../../lib/core/complexity/complexity.ts';
import { continuousProximity } from '../../../lib/core/complexity/continuousProximity.ts';
import { CONVENTIONS, type ComplexitySettings, type Convention } from '../../../lib/core/complexity/conventions.ts';
import { externalEci } from '../../../lib/core/complexity/externalEci.ts';
import { type Fitness, fitness } from '../../../lib/core/complexity/fitness.ts';
import { NORMALISATIONS } from '../../../lib/core/complexity/normalisation.ts';
import type { OutlookGain } from '../../../lib/core/complexity/outlook.ts';
import { type Edge, productSpace } from '../../../lib/core/complexity/productSpace.ts';
import { proximity } from '../../../lib/core/complexity/proximity.ts';
import { transposed } from '../../../lib/core/complexity/transposed.ts';
import { embed, restrict } from '../../../lib/core/complexity/universe.ts';
import type { Axis } from '../../../lib/core/labels.ts';
import { type Matrix, matrix } from '../../../lib/core/matrix.ts';
import { command, oneOf, Stop, UsageError } from '../command.ts';
import { writeComplexity } from '../complexityFiles.ts';
import { type ExportTable, readByCode, readExportTable } from '../exportTable.ts';
import { table } from '../table.ts';
import { count, money, seconds, type Terminal } from '../terminal.ts';

const names = <Name extends string>(of: Readonly<Record<Name, unknown>>) => Object.keys(of) as Name[];
const PROXIMITIES = ['minimum', 'cosine', 'conditional', 'continuous'] as const;
const GAINS: readonly OutlookGain[] = ['atlas', 'book', 'datawheel'];
const ADVANTAGES = ['rca', 'rpop', 'both'] as const;
const DIAGONALS = ['0', '1'] as const;
const METHODS = ['eigenvector', 'reflections'] as const;
/** How many exporters and products a table on the screen shows. */
const SHOWN = 15;

export const complexity = command({
  name: 'complexity',
  summary: 'Measures economic complexity and the product space: RCA, proximity, density, ECI, PCI, COI, COG.',
  operands: 'FILE…',
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  options: {
    convention: { value: 'NAME', help: `${names(CONVENTIONS).join(', ')}; portolan when not given` },
    level: { value: 'LEVEL', help: 'cut product codes to hs2, hs4 or hs6' },
    years: { value: 'YEARS', help: 'average these years, 2015-2017 or 2015,2017; all years when not given' },
    threshold: { value: 'RATIO', help: 'the advantage from which a product counts as present; 1 when not given' },
    strict: { help: 'an advantage exactly at the threshold counts as absent' },
    advantage: { value: 'NAME', help: 'rca, rpop (per head) or both must reach it; rca when not given' },
    'min-exports': { value: 'USD', help: 'leave out exporters that sell less' },
    'min-trade': { value: 'USD', help: 'leave out products of which less is sold' },
    'min-population': { value: 'PEOPLE', help: 'leave out exporters with fewer inhabitants; needs --population' },
    population: { value: 'FILE', help: 'inhabitants by exporter: adds advantage per head (rpop) to the cells' },
    'largest-part': { help: 'leave out what no shared product links with the largest part of the world' },
    method: { value: 'NAME', help: `${METHODS.join(' or ')}, in place of the convention's` },
    normalisation: { value: 'NAME', help: `${names(NORMALISATIONS).join(', ')}, in place of the convention's` },
    proximity: { value: 'NAME', help: `${PROXIMITIES.join(', ')}; minimum when not given` },
    diagonal: { value: '0|1', help: "whether a product is among its own neighbours, in place of the convention's" },
    gain: { value: 'FORM', help: `COG as published by ${GAINS.join(', ')}, in place of the convention's` },
    fitness: { help: 'fitness and complexity too, with how far they had settled' },
    'external-pci': { value: 'FILE', help: "regions: ECI as the mean of the world's PCI (product,pci)" },
    edges: { value: 'N', help: "links of the product space: each product's N strongest; 5 when not given" },
    exporter: { value: 'COLUMN', help: 'the column of exporters, where it has another name' },
    product: { value: 'COLUMN', help: 'the column of products' },
    value: { value: 'COLUMN', help: 'the column of values' },
    year: { value: 'COLUMN', help: 'the column of years' },
    out: { value: 'DIR', help: 'write cells, proximity, exporter_proximity and edges there, as .csv' },
    json: { help: 'print one JSON object with all digits' },
  },
  details: `FILE is CSV (also .gz, .zst) or Parquet: BACI (t,i,j,k,v,q; thousand USD), tidy flows (year,exporter,importer,product,valueUsd),
or a table of exporter, product and value. Several files are added up, several years averaged. What a country sells to itself is left out.

  portolan complexity BACI_HS17_Y2022.csv --level hs4 --min-exports 1e9 --min-trade 5e8
  portolan complexity states.csv --external-pci world_pci.csv

Exporters and products without anything, or below a minimum, are left out until nothing more falls out; the result lists them with the
reason. Conventions reproduce py-ecomplexity (py), R's economiccomplexity (r) and Datawheel's library (datawheel) to the last digits.
With the continuous proximity density is the mean advantage around a product, not a share. The conditional one is not symmetric: it
changes only the proximity that is written, and makes no links. ECI is a z-score over the exporters that take part: never compare it
across universes. When nothing identifies it (a tie, a world in separate parts) the result says so, and the command ends with 1.`,
  async run(paths, values, screen) {
    const started = performance.now();
    const asked = settingsOf(values);
    return await scratchFolder((folder) =>
      withDatabase(folder, async (db) => {
        // read
        const took: Record<string, number> = {};
        const timed = async <Of>(name: string, work: () => Of | Promise<Of>): Promise<Of> => {
          const from = performance.now();
          const result = await work();
          took[name] = (performance.now() - from) / 1000;
          return result;
        };
        const { exporter, product, value, year } = values;
        const read = await timed('read', () =>
          readExportTable(db, paths, {
            columns: { exporter, product, value, year },
            level: asked.level,
            years: asked.years,
          }),
        );
        const { exporters, products, exports } = read;
        const populations = values.population
          ? await readByCode(db, 'population', values.population, POPULATION)
          : null;
        const populationE = populations && onAxis(populations, exporters, 'population', paths);
        const pciOf = values['external-pci'] ? await readByCode(db, 'external-pci', values['external-pci'], PCI) : null;
        const pciP = pciOf && onAxis(pciOf, products, 'external-pci', paths);
        screen.complain(
          screen.paint(
            'dim',
            `read ${count(exporters.codes.length)} exporters × ${count(products.codes.length)} products${inYears(read.years)}, ${seconds(performance.now() - started)}`,
          ),
        );

        // measure
        const measures = await timed('complexity', () => measure(exports, asked.settings, populationE ?? undefined));
        const phi = await timed('proximity', () => proximityOf(measures, asked));
        const edges = await timed('edges', () =>
          asked.edges === 0 || asked.proximity === 'conditional' ? [] : productSpace(phi, { strongest: asked.edges }),
        );
        const fitted = values.fitness ? await timed('fitness', () => fitnessOf(measures)) : null;
        const externalE = pciP && externalEci(measures.presence, pciP);
        if (values.out !== undefined) {
          const symmetric = asked.proximity !== 'conditional';
          const exporterProximity = proximity(transposed(measures.presence), { diagonal: asked.settings.diagonal });
          const out = values.out;
          await timed('write', () =>
            writeComplexity(out, {
              exporters,
              products,
              measures,
              proximity: phi,
              symmetric,
              exporterProximity,
              edges,
            }),
          );
        }
        took.total = (performance.now() - started) / 1000;

        // tell
        const known = { population: populationE && knownIn(populationE), pci: pciP && knownIn(pciP) };
        const result = {
          read,
          measures,
          convention: asked.convention,
          proximity: asked.proximity,
          edges,
          fitted,
          externalE,
          known,
          seconds: took,
        };
        if (values.json) screen.print(JSON.stringify(asJson(result), null, 2));
        else show(result, screen);
        return measures.unstable && externalE === null ? 1 : 0;
      }),
    );
  },
});

const POPULATION = { codes: ['exporter', 'country code', 'iso3', 'country', 'code'], values: ['population', 'value'] };
const PCI = { codes: ['product', 'code', 'k'], values: ['pci'] };

interface Asked {
  readonly convention: Convention;
  readonly settings: ComplexitySettings;
  readonly proximity: (typeof PROXIMITIES)[number];
  readonly level: number | undefined;
  readonly years: readonly number[] | undefined;
  readonly edges: number;
}

interface Result {
  readonly read: ExportTable;
  readonly measures: Complexity;
  readonly convention: Convention;
  readonly proximity: Asked['proximity'];
  readonly edges: readonly Edge[];
  readonly fitted: Fitness | null;
  readonly externalE: Float64Array | null;
  /** how many exporters have a population and how many products a PCI in the files given; null without the file */
  readonly known: { readonly population: number | null; readonly pci: number | null };
  readonly seconds: Readonly<Record<string, number>>;
}

/** Reads the options. Throws UsageError naming the option and what it takes. */
function settingsOf(values: Readonly<Record<string, string | boolean | undefined>>): Asked {
  const text = (option: string) => values[option] as string | undefined;
  const number = (option: string, least: number) => {
    const given = text(option);
    if (given === undefined) return undefined;
    const read = Number(given);
    if (!(given.trim() !== '' && read >= least && Number.isFinite(read)))
      throw new UsageError(`complexity: --${option} ${given}: expected a number of at least ${least}`);
    return read;
  };
  const named = <Name extends string>(option: string, known: readonly Name[]) => {
    const given = text(option);
    return given === undefined ? undefined : oneOf(`complexity: --${option}`, known, given);
  };
  const convention = named('convention', names(CONVENTIONS)) ?? 'portolan';
  const proximityName = named('proximity', PROXIMITIES) ?? 'minimum';
  const diagonal = named('diagonal', DIAGONALS);
  const given = {
    threshold: number('threshold', 0),
    strict: values.strict === true ? true : undefined,
    minimumExports: number('min-exports', 0),
    minimumTrade: number('min-trade', 0),
    minimumPopulation: number('min-population', 0),
    largestPart: values['largest-part'] === true ? true : undefined,
    advantage: named('advantage', ADVANTAGES),
    method: named('method', METHODS),
    normalisation: named('normalisation', names(NORMALISATIONS)),
    outlookGain: named('gain', GAINS),
    proximity: proximityName === 'conditional' ? undefined : proximityName,
    diagonal: diagonal === undefined ? undefined : (Number(diagonal) as 0 | 1),
  };
  if (given.minimumPopulation && text('population') === undefined)
    throw new UsageError('complexity: --min-population needs --population FILE');
  if (given.advantage !== undefined && given.advantage !== 'rca' && text('population') === undefined)
    throw new UsageError(`complexity: --advantage ${given.advantage} needs --population FILE`);
  const level = levelOf(text('level'));
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const edges = number('edges', 0) ?? 5;
  const settings = { ...CONVENTIONS[convention], ...chosen } as ComplexitySettings;
  return { convention, settings, proximity: proximityName, level, years: yearsOf(text('years')), edges };
}

/** hs4 or 4. */
function levelOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits] = /^(?:hs)?([246])$/i.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`complexity: --level ${text}: expected hs2, hs4 or hs6`);
  return Number(digits);
}

/** 2015-2017 or 2015,2017. */
function yearsOf(text: string | undefined): readonly number[] | undefined {
  if (text === undefined) return undefined;
  const years = text.split(',').flatMap((part) => {
    const [, from, to = from] = /^\s*(\d{4})(?:-(\d{4}))?\s*$/.exec(part) ?? [];
    if (from === undefined || Number(to) < Number(from))
      throw new UsageError(`complexity: --years ${text}: expected years such as 2015-2017 or 2015,2017`);
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, n) => Number(from) + n);
  });
  return [...new Set(years)].sort((a, b) => a - b);
}

/** Numbers by code on an axis, NaN where there is none. Throws Stop where there is none at all: the two files call things differently. */
function onAxis(of: ReadonlyMap<string, number>, { codes }: Axis, option: string, paths: readonly string[]) {
  if (!codes.some((code) => of.has(code))) {
    const [some = 'none'] = of.keys();
    throw new Stop(`--${option}: none of its codes (${some}, …) is in ${paths.join(', ')} (${codes[0]}, …)`);
  }
  return Float64Array.from(codes, (code) => of.get(code) ?? Number.NaN);
}

const knownIn = (values: Float64Array) => values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0);

/** The proximity that was asked for; products outside the universe are near nothing. */
function proximityOf({ presence, rca, rpop, settings }: Complexity, { proximity: name }: Asked): Matrix {
  if (name !== 'continuous') return proximity(presence, { proximity: name, diagonal: settings.diagonal });
  // a continuous proximity is about the products that take part
  const taking = takingPart(presence);
  const ratio = settings.advantage === 'rpop' && rpop ? rpop : rca;
  const phi = continuousProximity(restrict(ratio, taking), { diagonal: settings.diagonal });
  const square = { exporters: taking.products, products: taking.products };
  return embed(phi, square, matrix(ratio.cols, ratio.cols), 0);
}

function takingPart({ rows, cols, data }: Matrix) {
  const some = (length: number, has: (at: number) => boolean) =>
    Uint32Array.from(Array.from({ length }, (_, at) => at).filter(has));
  return {
    exporters: some(rows, (e) => data.subarray(e * cols, (e + 1) * cols).includes(1)),
    products: some(cols, (p) => Array.from({ length: rows }, (_, e) => data[e * cols + p]).includes(1)),
  };
}

/** Fitness of those that take part, NaN for the others. */
function fitnessOf({ presence }: Complexity): Fitness {
  const taking = takingPart(presence);
  const { fitnessE, complexityP, lastChange } = fitness(restrict(presence, taking));
  const spread = (part: Float64Array, at: Uint32Array, length: number) => {
    const whole = new Float64Array(length).fill(Number.NaN);
    for (const [n, position] of at.entries()) whole[position] = part[n] ?? Number.NaN;
    return whole;
  };
  return {
    fitnessE: spread(fitnessE, taking.exporters, presence.rows),
    complexityP: spread(complexityP, taking.products, presence.cols),
    lastChange,
  };
}

const inYears = (years: readonly number[]) =>
  years.length === 0 ? '' : `, ${years.length === 1 ? '' : 'mean of '}${years.join(', ')}`;

const orNull = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value);

function asJson({ read, measures, convention, proximity, edges, fitted, externalE, known, seconds: took }: Result) {
  const { exporters, products, exports, years } = read;
  const { dropped, eigenvalues, settings } = measures;
  const listed = (positions: typeof dropped.exporters, { codes }: Axis) =>
    positions.map(({ at, reason }) => ({ code: codes[at], reason }));
  return {
    convention,
    settings,
    proximity,
    years,
    universe: {
      exporters: exports.rows - dropped.exporters.length,
      products: exports.cols - dropped.products.length,
    },
    dropped: { exporters: listed(dropped.exporters, exporters), products: listed(dropped.products, products) },
    ...(known.population !== null && { populationKnown: known.population }),
    ...(known.pci !== null && { externalPciKnown: known.pci }),
    eciUnstable: measures.unstable,
    instabilities: measures.instabilities,
    secondEigenvalue: orNull(eigenvalues[1]),
    thirdEigenvalue: orNull(eigenvalues[2]),
    residual: orNull(measures.residual),
    exporters: exporters.codes.map((exporter, e) => ({
      exporter,
      diversity: measures.diversity[e],
      eci: orNull(measures.eci[e]),
      coi: orNull(measures.outlookIndex[e]),
      ...(externalE && { externalEci: orNull(externalE[e]) }),
      ...(fitted && { fitness: orNull(fitted.fitnessE[e]) }),
    })),
    products: products.codes.map((product, p) => ({
      product,
      ubiquity: measures.ubiquity[p],
      pci: orNull(measures.pci[p]),
      ...(fitted && { complexity: orNull(fitted.complexityP[p]) }),
    })),
    ...(fitted && { fitnessLastChange: fitted.lastChange }),
    links: edges.length,
    seconds: took,
    peakMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

function show(
  { read, measures, convention, proximity, edges, fitted, externalE, known, seconds: took }: Result,
  screen: Terminal,
): void {
  const { exporters, products, exports, years } = read;
  const { eci, pci, outlookIndex, diversity, ubiquity, dropped } = measures;
  const number = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? '.' : value.toFixed(4));
  const print = (columns: readonly string[], rows: readonly (readonly string[])[]) => {
    const { head, body } = table(
      columns.map((heading, c) => ({ heading, number: c > 0 })),
      rows,
    );
    screen.print(screen.paint('bold', head));
    for (const line of body) screen.print(line);
    screen.print();
  };
  const best = (values: Float64Array) =>
    Array.from(values.keys())
      .filter((at) => !Number.isNaN(values[at]))
      .sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b)
      .slice(0, SHOWN);

  const main = externalE ?? eci;
  const extra = [...(externalE ? ['ECI by world PCI'] : []), ...(fitted ? ['fitness'] : [])];
  print(
    ['exporter', 'ECI', ...extra, 'COI', 'diversity', 'exports'],
    best(main).map((e) => [
      exporters.codes[e] ?? '',
      number(eci[e]),
      ...(externalE ? [number(externalE[e])] : []),
      ...(fitted ? [number(fitted.fitnessE[e])] : []),
      number(outlookIndex[e]),
      count(diversity[e] ?? 0),
      money(exports.data.subarray(e * exports.cols, (e + 1) * exports.cols).reduce((sum, value) => sum + value, 0)),
    ]),
  );
  print(
    ['product', 'PCI', ...(fitted ? ['complexity'] : []), 'ubiquity'],
    best(pci).map((p) => [
      products.codes[p] ?? '',
      number(pci[p]),
      ...(fitted ? [number(fitted.complexityP[p])] : []),
      count(ubiquity[p] ?? 0),
    ]),
  );

  const line = (label: string, text: string) => screen.print(`${screen.paint('dim', label.padEnd(14))} ${text}`);
  const left = (side: typeof dropped.exporters) => (side.length === 0 ? '' : ` (${count(side.length)} left out)`);
  line(
    'universe',
    `${count(exports.rows - dropped.exporters.length)} exporters${left(dropped.exporters)}, ${count(exports.cols - dropped.products.length)} products${left(dropped.products)}`,
  );
  if (years.length > 0) line('years', years.length === 1 ? String(years[0]) : `mean of ${years.join(', ')}`);
  if (known.population !== null) line('population', `known of ${count(known.population)} exporters`);
  if (known.pci !== null) line('world PCI', `known of ${count(known.pci)} of ${count(exports.cols)} products`);
  line('convention', convention);
  line('eigenvalues', `second ${number(measures.eigenvalues[1])}, third ${number(measures.eigenvalues[2])}`);
  line(
    'product space',
    proximity === 'conditional'
      ? 'no links: the conditional proximity is not symmetric'
      : `${count(edges.length)} links`,
  );
  if (fitted) line('fitness', `changed by ${fitted.lastChange.toExponential(1)} in the last update`);
  line('time', `${(took.total ?? 0).toFixed(2)} s`);
  if (measures.unstable)
    screen.complain(
      screen.paint('red', `ECI and PCI are not identified (${measures.instabilities.join(', ')}): do not use them.`),
    );
}
