import { type Cause, causesBetween } from '../core/alerts/causes.ts';
import { exporterChanges, STEP_ORDER, type WorthCells } from '../core/changes/exporterChanges.ts';
import { type Axis, axis } from '../core/labels.ts';
import { unrealisedCells } from '../core/scoring/unrealisedCells.ts';
import { mergeYears } from '../core/trade/mergeYears.ts';
import type { Catalog } from '../ports/catalog.ts';
import type { ObjectStore } from '../ports/objectStore.ts';
import type { Page, PageStore } from '../ports/pageStore.ts';
import { MEASURES } from './layout/cells.ts';
import {
  type ChangesHead,
  type ExporterSummary,
  exporterChangesPage,
  worldChangesPage,
} from './layout/changesPages.ts';
import { exporterReader } from './layout/readExporter.ts';
import { readWorld } from './layout/worldPages.ts';
import { loadScoring, type Scoring } from './loadScoring.ts';
import { pointerTo } from './publishRun.ts';
import type { Run, RunManifest } from './records.ts';
import { artifactKeys, encodeFlows } from './runArtifacts.ts';
import { runComplexity } from './runComplexity.ts';
import { statementsOf, storeCovariates } from './runCovariates.ts';
import { runGravity } from './runGravity.ts';
import type { Settings } from './settings.ts';
import { slicesOf } from './slices.ts';

interface Deps {
  readonly lake: ObjectStore;
  readonly artifacts: ObjectStore;
  readonly catalog: Catalog;
  readonly pages: PageStore;
  readonly settings: Settings;
}

/** Rises, and falls, that are kept of each exporter. */
const KEPT = 100;

type Outcome = 'firstRun' | 'incomparable' | 'compared' | 'overtaken';

/**
 * The changes step, after publish: compares the run with the one before it and says of each change whether the model, a revision of the data or
 * the market made it. What was published before is read back from its pages, since the code that made it is gone; what the present code says of the old data,
 * and of the old years as they are known now, is computed where more than one cause has to be told apart.
 *
 * The pages go beside those of the run, in its slot. When another run has been published meanwhile nothing is written: the earlier run's pages may be gone.
 */
export function runChanges(deps: Deps) {
  const { artifacts, catalog, pages, settings } = deps;
  return async ({ run, slot }: { run: string; slot: number }): Promise<{ run: string; outcome: Outcome }> => {
    const pointer = await pointerTo(catalog, { run, slot });
    if (!pointer) return { run, outcome: 'overtaken' };
    const { previous } = pointer;
    const nothing = async (head: ChangesHead, outcome: Outcome) => {
      await pages.put([worldChangesPage({ slot, run }, head, [])]);
      return { run, outcome };
    };
    if (!previous) return nothing({ previous: null, causes: [], incomparable: null }, 'firstRun');
    const [now, before] = await Promise.all([promised(catalog, run), promised(catalog, previous.run)]);
    const incomparable = whyIncomparable(before.manifest, now.manifest);
    if (incomparable) return nothing({ previous: previous.run, causes: [], incomparable }, 'incomparable');

    // the states on the way, each known exporter by exporter on its own axes
    const found = causesBetween(before.manifest, now.manifest);
    const causes: readonly Cause[] =
      found.length > 0 ? STEP_ORDER.filter((cause) => found.includes(cause)) : ['dataRevision'];
    const states: State[] = [await publishedState(pages, previous)];
    for (const cause of causes.slice(0, -1))
      states.push(await stateAfter(deps, run, cause, before.manifest, now.manifest));
    states.push(scoredState(await loadScoring(artifacts, run), settings));

    const countries = axis(states.flatMap((state) => state.countries.codes));
    const products = axis(states.flatMap((state) => state.products.codes));
    const shape = { importers: countries.codes.length, products: products.codes.length };
    const summaries: ExporterSummary[] = [];
    const written: Page[] = [];
    for (const exporter of countries.codes) {
      const cells = await Promise.all(
        states.map(async (state) => onto({ countries, products }, state, await state.exporter(exporter))),
      );
      if (cells.every(({ worthN }) => worthN.length === 0)) continue;
      const changes = exporterChanges(cells, shape, KEPT);
      const { top: _, ...summary } = changes;
      summaries.push({ exporter, ...summary });
      written.push(
        exporterChangesPage({ slot, run }, exporter, { countries: countries.codes, products: products.codes }, changes),
      );
    }

    // what was read of the earlier run was whole if it still is the earlier one
    const still = await catalog.pointer();
    if (still?.run !== run || still.previous?.run !== previous.run) return { run, outcome: 'overtaken' };
    await pages.put(written);
    await pages.put([
      worldChangesPage({ slot, run }, { previous: previous.run, causes, incomparable: null }, summaries),
    ]);
    return { run, outcome: 'compared' };
  };
}

/** What the exporters' cells are worth in one state of data and model. */
interface State {
  readonly countries: Axis;
  readonly products: Axis;
  /** on the state's own axes */
  exporter(code: string): Promise<WorthCells>;
}

const NO_CELLS: WorthCells = { importerN: new Uint16Array(), productN: new Uint16Array(), worthN: new Float64Array() };

/** A run as its pages have it. */
async function publishedState(pages: PageStore, { run, slot }: { run: string; slot: number }): Promise<State> {
  const { countries, products } = await readWorld(pages, run, slot);
  return {
    countries,
    products,
    async exporter(code) {
      if (!countries.at.has(code)) return NO_CELLS;
      const importers: number[] = [];
      const productsOf: number[] = [];
      const worth: number[] = [];
      for await (const block of exporterReader(pages, run, slot, code, products.codes.length).everything()) {
        for (let n = 0; n < block.actualI.length; n++) {
          if (Number.isNaN(MEASURES.unrealisedUsd(block, n))) continue;
          importers.push(block.importerN[n] ?? 0);
          productsOf.push(block.productN[n] ?? 0);
          worth.push(MEASURES.unrealisedUsd(block, n));
        }
      }
      return {
        importerN: Uint16Array.from(importers),
        productN: Uint16Array.from(productsOf),
        worthN: Float64Array.from(worth),
      };
    },
  };
}

/** A state that is scored here, rounded as pages round, so that what did not change is equal to the last digit. */
function scoredState({ inputs }: Scoring, settings: Settings): State {
  const { countries, products } = inputs.flows;
  return {
    countries,
    products,
    async exporter(code) {
      const exporter = countries.at.get(code);
      if (exporter === undefined) return NO_CELLS;
      const { importerN, productN, shrunkN } = unrealisedCells(inputs, exporter, settings.floorUsd);
      return { importerN, productN, worthN: Float64Array.from(shrunkN, Math.fround) };
    },
  };
}

/** Scores the old data with the present code (after `modelVersion`), or the old years as they are known now (after `dataRevision`). */
async function stateAfter(
  { lake, artifacts, settings }: Deps,
  run: string,
  cause: Cause,
  before: RunManifest,
  now: RunManifest,
): Promise<State> {
  const manifest = cause === 'modelVersion' ? before : oldYearsAsKnownNow(before, now);
  const flows = mergeYears(await slicesOf(lake, manifest.inputs));
  const place = `${run}/changes/${cause}`;
  await artifacts.put(artifactKeys(place).flows, encodeFlows(flows));
  await storeCovariates(artifacts, place, manifest, flows, await statementsOf(lake, manifest));
  await runComplexity({ artifacts, settings })({ run: place });
  await runGravity({ artifacts })({ run: place });
  return scoredState(await loadScoring(artifacts, place), settings);
}

/** The later run with the years of the earlier one: its inputs for each of them, the earlier run's own for a year that it has left behind. */
export function oldYearsAsKnownNow(before: RunManifest, now: RunManifest): RunManifest {
  const inputs = before.years.flatMap((year) => {
    const known = now.inputs.filter((input) => input.year === year);
    return known.length > 0 ? known : before.inputs.filter((input) => input.year === year);
  });
  return { ...now, years: before.years, inputs };
}

function whyIncomparable(before: RunManifest, now: RunManifest): string | null {
  const products = ({ hsRevision, level }: RunManifest) => `${hsRevision} at ${level} digits`;
  if (products(before) !== products(now))
    return `The run before is about ${products(before)}, this one about ${products(now)}.`;
  if (before.synthetic !== now.synthetic) return 'One of the two runs is about invented data.';
  return null;
}

/** Moves cells from a state's axes to the shared ones. */
function onto(shared: { countries: Axis; products: Axis }, state: State, cells: WorthCells): WorthCells {
  const countryAt = positions(state.countries, shared.countries);
  const productAt = positions(state.products, shared.products);
  return {
    importerN: cells.importerN.map((importer) => countryAt[importer] ?? 0),
    productN: cells.productN.map((product) => productAt[product] ?? 0),
    worthN: cells.worthN,
  };
}

const positions = (from: Axis, to: Axis) => Uint16Array.from(from.codes, (code) => to.at.get(code) ?? 0);

async function promised(catalog: Catalog, run: string): Promise<Run> {
  const record = await catalog.getRun(run);
  if (!record) throw new Error(`run ${run} is current or was, and is not there`);
  return record;
}
