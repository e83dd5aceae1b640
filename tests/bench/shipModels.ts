/**
 * Trains the models that are shipped for data without a second vintage, on all exporters of the outcomes beside the project, and writes
 * lib/core/entry/shippedWithCovariates.ts, lib/core/entry/shippedWithoutCovariates.ts and lib/core/growth/shippedGrowthModel.ts.
 *
 *     node tests/bench/shipModels.ts
 */
import { writeFileSync } from 'node:fs';
import { entryCandidates } from '../../lib/core/backtest/entryCandidates.ts';
import { EVENT_USD, entryContext } from '../../lib/core/entry/entryContext.ts';
import { entryCovariates } from '../../lib/core/entry/entryCovariates.ts';
import { ENTRY_TERMS } from '../../lib/core/entry/entryFeatures.ts';
import { trainEntryModel, trainingRows } from '../../lib/core/entry/trainEntryModel.ts';
import { growthRows, trainGrowthModel } from '../../lib/core/growth/trainGrowthModel.ts';
import { outcomesAreThere, realOutcomes, unreportedPairs } from '../core/backtest/outcomes.fixture.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';
import { realCovariates } from './realCovariates.ts';

if (!isThere('hs4') || !outcomesAreThere) throw new Error('the real world and its outcomes are not beside the project');
const flows = await realWorld('hs4');
const { after, exporterE } = await realOutcomes(flows);
const unknownPairs = unreportedPairs(flows);
const context = entryContext(flows, { covariates: entryCovariates(flows, await realCovariates(flows.countries)) });
const countries = flows.countries.codes;
const trainedOn = { before: 2017, after: 2024, level: 4, exporters: exporterE.length };

const rows = trainingRows(context, { after, exporterE, unknownPairs }, EVENT_USD);
const trained = (terms: number) =>
  trainEntryModel(
    { ...rows, terms: rows.terms.slice(0, terms), valueTN: rows.valueTN.slice(0, terms) },
    { countries, exportsE: context.totals.exporterE, eventUsd: EVENT_USD },
  );
const withCovariates = trained(rows.terms.length);
const withoutCovariates = trained(ENTRY_TERMS.length);
const growing = growthRows(context, { after, exporterE, unknownPairs });
const growth = trainGrowthModel(growing, countries);
if (!withCovariates.converged || !withoutCovariates.converged || !growth.converged)
  throw new Error('a model has not converged');

// six digits are more than the data can tell
const literal = (value: unknown) =>
  JSON.stringify(value, (_, each) => (typeof each === 'number' ? Number(each.toPrecision(6)) : each), 1);
const cells = entryCandidates(flows, exporterE, unknownPairs).productN.length;
const entered = rows.outcomeN.reduce((sum, y) => sum + y, 0);
for (const [file, name, about, { model }] of [
  ['shippedWithCovariates', 'WITH_COVARIATES', 'Where distances of countries are known.', withCovariates],
  ['shippedWithoutCovariates', 'WITHOUT_COVARIATES', 'From trade alone.', withoutCovariates],
] as const)
  writeFileSync(
    `lib/core/entry/${file}.ts`,
    `import type { ShippedEntryModel } from './shippedEntryModel.ts';

// written by tests/bench/shipModels.ts
/** ${about} */
export const ${name}: ShippedEntryModel = ${literal({ trainedOn: { ...trainedOn, cells, positives: entered }, ...model })};
`,
  );
writeFileSync(
  'lib/core/growth/shippedGrowthModel.ts',
  `import type { TrainedOn } from '../entry/trainEntryModel.ts';
import type { GrowthModel } from './trainGrowthModel.ts';

// written by tests/bench/shipModels.ts
/** For data without a second vintage; of flows that exist before and after, since exits are not in the outcomes. */
export const SHIPPED_GROWTH_MODEL: GrowthModel & { readonly trainedOn: TrainedOn } = ${literal({ trainedOn: { ...trainedOn, cells: growing.beforeN.length, positives: null }, ...growth.model })};
`,
);
