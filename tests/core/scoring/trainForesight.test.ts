import { describe, expect, it } from 'vitest';
import { geography } from '../../../functions/cli/geography.ts';
import { demoWorld } from '../../../lib/core/demo/world.ts';
import { entryContext } from '../../../lib/core/entry/entryContext.ts';
import { shippedEntryModel } from '../../../lib/core/entry/shippedEntryModel.ts';
import { logLoss, probabilityOfRows, trainEntryModel, trainingRows } from '../../../lib/core/entry/trainEntryModel.ts';
import { SHIPPED_GROWTH_MODEL } from '../../../lib/core/growth/shippedGrowthModel.ts';
import { trainForesight } from '../../../lib/core/scoring/trainForesight.ts';
import { onAxes } from '../../../lib/core/trade/onAxes.ts';

const world = demoWorld({ seed: 3, places: geography(), years: [2016, 2021], countries: 32, products: 120 });
const [early, late] = world.years.map(({ flows }) => flows);
const flows = early!;
const after = onAxes(late!, flows.countries, flows.products).flows;
const years = {
  before: { year: 2016, flows, covariates: null },
  after: { year: 2021, flows: after },
  level: 6,
};

describe('training on two years of one world', () => {
  const { entry, growth } = trainForesight(years, 1e9);

  it('uses its models where they foresee unseen countries better than the shipped ones', () => {
    for (const { choice, model } of [entry, growth]) {
      expect(choice).toMatchObject({ used: 'trained', reason: expect.stringContaining('Trained on 2016 to 2021') });
      expect(choice.losses!.trained).toBeLessThan(choice.losses!.shipped);
      expect(model.trainedOn).toMatchObject({ before: 2016, after: 2021, level: 6, exporters: 32 });
    }
    expect(entry.model.trainedOn.positives).toBeGreaterThan(2_000);
    expect(growth.model.trainedOn.positives).toBeNull();
  });

  it('survives JSON, and says the same afterwards', () => {
    const context = entryContext(flows);
    const exporterE = Uint16Array.from({ length: 32 }, (_, e) => e);
    const rows = trainingRows(context, { after, exporterE, unknownPairs: new Set() }, 100_000);
    const { exporterE: exportsE } = context.totals;
    const again = JSON.parse(JSON.stringify(entry.model));
    expect(probabilityOfRows(again, rows, exportsE)).toEqual(probabilityOfRows(entry.model, rows, exportsE));
    // the loss that was told is that of the shipped model on these rows
    const shipped = probabilityOfRows(shippedEntryModel(false), rows, exportsE);
    expect(logLoss(rows.outcomeN, rows.weightN, shipped)).toBeCloseTo(entry.choice.losses!.shipped, 12);
    // what it has seen it foresees better still
    const seen = logLoss(rows.outcomeN, rows.weightN, probabilityOfRows(entry.model, rows, exportsE));
    expect(seen).toBeLessThan(entry.choice.losses!.trained);
    const folded = trainEntryModel(rows, { countries: flows.countries.codes, exportsE, eventUsd: 100_000 });
    expect(logLoss(rows.outcomeN, rows.weightN, folded.probabilityN)).toBeCloseTo(entry.choice.losses!.trained, 12);
  });

  it('keeps the shipped models where there is too little to learn from', () => {
    const few = trainForesight(years, 40_000);
    for (const { choice } of [few.entry, few.growth])
      expect(choice).toEqual({
        used: 'shipped',
        reason: expect.stringMatching(
          /^\d+ exporters with flows in both years can be looked at from 2016 to 2021: too few/,
        ),
        losses: null,
      });
    expect([few.entry.model, few.growth.model]).toEqual([shippedEntryModel(false), SHIPPED_GROWTH_MODEL]);
    // nothing was entered
    const still = trainForesight({ ...years, after: { year: 2021, flows } }, 1e9);
    expect(still.entry.choice).toMatchObject({
      used: 'shipped',
      reason: expect.stringMatching(/^0 entries were found/),
    });
  });
});

describe('the loss', () => {
  it('by hand', () => {
    const loss = logLoss(Uint8Array.of(1, 0), Float64Array.of(1, 3), Float64Array.of(0.25, 0.5));
    expect(loss).toBeCloseTo((Math.log(4) + 3 * Math.log(2)) / 4, 12);
  });
});
