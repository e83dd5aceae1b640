/**
 * Trains the models that are shipped for data without a second vintage, on all exporters of the outcomes beside the project, and writes
 * lib/core/entry/shippedEntryModel.ts and lib/core/growth/shippedGrowthModel.ts.
 *
 *     node tests/bench/shipModels.ts
 */
import { writeFileSync } from 'node:fs';
import { entryCandidates } from '../../lib/core/backtest/entryCandidates.ts';
import { density } from '../../lib/core/complexity/density.ts';
import { presence } from '../../lib/core/complexity/presence.ts';
import { minimumProximitySums } from '../../lib/core/complexity/proximitySums.ts';
import { EVENT_USD, entryContext } from '../../lib/core/entry/entryContext.ts';
import { trainEntryModel, trainingRows } from '../../lib/core/entry/trainEntryModel.ts';
import { growthRows, trainGrowthModel } from '../../lib/core/growth/trainGrowthModel.ts';
import { exportsMatrix } from '../../lib/core/trade/tradeMatrix.ts';
import { outcomesAreThere, realOutcomes, unreportedPairs } from '../core/backtest/outcomes.fixture.ts';
import { isThere, realWorld } from '../core/gravity/realWorlds.fixture.ts';

if (!isThere('hs4') || !outcomesAreThere) throw new Error('the real world and its outcomes are not beside the project');
const flows = await realWorld('hs4');
const { after, exporterE } = await realOutcomes(flows);
const unknownPairs = unreportedPairs(flows);
const exporterPresence = presence(exportsMatrix(flows));
const context = entryContext(flows, { density: density(exporterPresence, minimumProximitySums(exporterPresence, 0)) });
const countries = flows.countries.codes;
const trainedOn = { before: 2017, after: 2024, level: 4, exporters: exporterE.length };

const rows = trainingRows(context, { after, exporterE, unknownPairs }, EVENT_USD);
const entry = trainEntryModel(rows, { countries, exportsE: context.totals.exporterE, eventUsd: EVENT_USD });
const growing = growthRows(context, { after, exporterE, unknownPairs });
const growth = trainGrowthModel(growing, countries);
if (!entry.converged || !growth.converged) throw new Error('a model has not converged');

// six digits are more than the data can tell
const literal = (value: unknown) =>
  JSON.stringify(value, (_, each) => (typeof each === 'number' ? Number(each.toPrecision(6)) : each), 1);
const cells = entryCandidates(flows, exporterE, unknownPairs).productN.length;
const entered = rows.outcomeN.reduce((sum, y) => sum + y, 0);
writeFileSync(
  'lib/core/entry/shippedEntryModel.ts',
  `import type { EntryModel, TrainedOn } from './trainEntryModel.ts';

// written by tests/bench/shipModels.ts
/** For data without a second vintage. What it was trained on is part of it: another level of products, or another horizon, is a guess. */
export const SHIPPED_ENTRY_MODEL: EntryModel & { readonly trainedOn: TrainedOn } = ${literal({ trainedOn: { ...trainedOn, cells, positives: entered }, ...entry.model })};
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
