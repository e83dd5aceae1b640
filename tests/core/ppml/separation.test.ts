import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pseudoRandom } from '../../../lib/core/gravity/ppml/approximateCholesky.ts';
import { collinear } from '../../../lib/core/gravity/ppml/collinear.ts';
import { dropByEffects, ROW } from '../../../lib/core/gravity/ppml/drops.ts';
import { factor } from '../../../lib/core/gravity/ppml/factor.ts';
import { linearForm, valueAt } from '../../../lib/core/gravity/ppml/linearForm.ts';
import type { Model } from '../../../lib/core/gravity/ppml/model.ts';
import { effectsOf, panelOf } from '../../../lib/core/gravity/ppml/panel.ts';
import { ppml } from '../../../lib/core/gravity/ppml/ppml.ts';
import { rectify } from '../../../lib/core/gravity/ppml/rectifier.ts';

/** Small integers, many zeros, few levels: about every third such model is separated in some way. */
function randomModel(seed: number): Model {
  const random = pseudoRandom(seed);
  const rows = 5 + Math.floor(random() * 40);
  const share = random();
  const column = (values: () => number) => Float64Array.from({ length: rows }, values);
  const kinds = [() => (random() < 0.3 ? 1 : 0), () => Math.floor(random() * 7) - 3, () => 4 * random() - 2];
  return {
    yN: column(() => (random() < share ? 0 : 1 + Math.floor(9 * random()))),
    columns: Array.from({ length: Math.floor(random() * 4) }, (_, k) => ({
      name: `x${k}`,
      valueN: column(kinds[Math.floor(3 * random())]!),
    })),
    effects: Array.from({ length: Math.floor(random() * 4) }, (_, e) => {
      const levels = 1 + Math.floor(6 * random());
      return factor(`effect ${e}`, [...column(() => Math.floor(random() * levels))]);
    }),
  };
}

const at = ({ columns, effects }: Model, row: number) =>
  [columns.map(({ valueN }) => valueN[row]!), effects.map(({ codeN }) => codeN[row]!)] as const;

const seeds = fc.integer({ min: 1, max: 1e9 });

describe('separation', () => {
  it('the five rows and the three cells of SEPARATION.md', () => {
    const embargo = { name: 'embargo', valueN: Float64Array.of(0, 0, 0, 1, 2) };
    const fit = ppml({ yN: Float64Array.of(4, 2, 0, 0, 0), columns: [embargo], effects: [] });
    expect(fit).toMatchObject({ converged: true, observations: 3, coefficients: [], warnings: [] });
    expect(fit.dropped).toMatchObject({ separated: 2, separatedBy: { certificate: 2 }, collinear: ['embargo'] });
    [2, 2, 2, 0, 0].forEach((mu, row) => {
      expect(fit.fittedN[row]).toBeCloseTo(mu, 12);
    });
    const [proof] = fit.history;
    if (proof === undefined || !('direction' in proof)) throw new Error('expected a proof');
    [0, 0, 0, 0.5, 1].forEach((z, row) => {
      expect(valueAt(proof.direction, [embargo.valueN[row]!], [])).toBeCloseTo(z, 8);
    });

    const effects = [factor('exporter', ['A', 'B', 'B']), factor('importer', ['C', 'A', 'C'])];
    const cells = ppml({ yN: Float64Array.of(2, 7, 0), columns: [], effects }, { singletons: 'keep' });
    expect([...cells.status]).toEqual([ROW.used, ROW.used, ROW.separatedByCertificate]);
    expect(cells.fittedN[2]).toBe(0);
  });

  it('every drop is proved by its direction, and what remains has a maximum', () => {
    let separated = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const model = randomModel(seed);
        const fit = ppml(model);
        expect(fit.converged || fit.observations === 0).toBe(true);
        expect(fit.warnings.filter(({ kind }) => kind !== 'noRows')).toEqual([]);

        // replay: at each direction, z = 0 on positive outcomes and ≥ 0 on zeros among the rows that were still there
        const gone = new Set<number>();
        const status = new Uint8Array(model.yN.length);
        dropByEffects(model.yN, effectsOf(model), status);
        for (const event of fit.history) {
          if (!('direction' in event)) continue;
          separated += event.rows;
          for (const row of model.yN.keys()) {
            const z = valueAt(event.direction, ...at(model, row));
            if (status[row] !== ROW.used || gone.has(row)) continue;
            if (model.yN[row]! > 0) expect(Math.abs(z)).toBeLessThan(1e-7);
            else expect(z).toBeGreaterThan(-1e-7);
            if (z > 1e-5) {
              expect(fit.status[row]).toBe(ROW.separatedByCertificate);
              gone.add(row);
              status[row] = ROW.separatedByCertificate;
            }
          }
          dropByEffects(model.yN, effectsOf(model), status);
        }
        expect([...status]).toEqual([...fit.status]);

        // p = μ - y is orthogonal to regressors and effects and positive on zeros: Stiemke's proof that nothing is left to separate
        if (!fit.converged) return;
        expect(Math.max(fit.firstOrder.margins, fit.firstOrder.regressors)).toBeLessThan(1e-8);
        for (const row of model.yN.keys()) {
          if (fit.status[row] === ROW.used) expect(fit.fittedN[row]).toBeGreaterThan(0);
          else if (fit.status[row] !== ROW.singleton) expect(fit.fittedN[row]).toBe(0);
        }
      }),
      { numRuns: 600 },
    );
    expect(separated).toBeGreaterThan(50);
  });

  it('the rectifier finds a direction wherever a fit had to drop rows for one, and none where it did not', () => {
    const found = { separated: 0, not: 0 };
    for (let seed = 1; seed <= 1200; seed++) {
      const model = randomModel(seed);
      const fit = ppml(model);
      if (!fit.converged || fit.history.some((event) => 'reason' in event)) continue;
      const panel = panelOf(model, new Uint8Array(model.yN.length))!;
      const { kept } = collinear(panel);
      const certificate = rectify(
        panel,
        kept,
        panel.yN.map((y) => (y === 0 ? 1 : 0)),
      );
      expect(certificate !== null).toBe(fit.dropped.separated > 0);
      found[certificate ? 'separated' : 'not']++;
      if (certificate === null) continue;
      const { terms, effects, onPositive, lowest, smallestSeparated, separated } = certificate;
      expect(onPositive).toBeLessThan(1e-8);
      expect(lowest).toBeGreaterThan(-1e-8);
      expect(smallestSeparated).toBeGreaterThan(1e-5);
      // the same numbers from the coefficients of the direction alone
      const form = linearForm(model, panel, terms, effects);
      const rows = new Set(separated.map((position) => panel.rowN[position]!));
      for (const row of model.yN.keys()) {
        const z = valueAt(form, ...at(model, row));
        expect(z > 1e-6).toBe(rows.has(row));
        expect(z).toBeGreaterThan(-1e-7);
      }
    }
    expect(Math.min(found.separated, found.not)).toBeGreaterThan(20);
  });

  it('a zero with a tiny mean that exists is not mistaken for one that falls for ever', () => {
    // y = 0 at x = 20 on a steep line: its mean is about exp(-40), and the steps on the way there fall by one like a separated zero's
    const valueN = Float64Array.of(0, 1, 2, 3, 20);
    const yN = Float64Array.of(100, 14, 2, 1, 0);
    const fit = ppml({ yN, columns: [{ name: 'x', valueN }], effects: [] });
    expect(fit.converged).toBe(true);
    expect(fit.dropped.separated).toBe(0);
    expect(fit.fittedN[4]).toBeGreaterThan(0);
    expect(fit.fittedN[4]).toBeLessThan(1e-12);
  });

  it('a whole network: exporters that never meet a positive importer outside their block fall together', () => {
    // two blocks trade inside themselves; between them one direction is all zeros, the other has one flow:
    // the block effects may drift apart, which empties the zero direction only if the other is empty too
    const names = ['a', 'b', 'c', 'd'];
    const rows = names.flatMap((exporter) => names.map((importer) => ({ exporter, importer })));
    const block = (name: string) => (name < 'c' ? 1 : 2);
    const model = (crossing: number) => ({
      yN: Float64Array.from(rows, ({ exporter, importer }, n) => {
        if (block(exporter) === block(importer)) return 1 + (n % 5);
        return block(exporter) === 1 && importer === 'c' && exporter === 'a' ? crossing : 0;
      }),
      columns: [],
      effects: [
        factor(
          'exporter',
          rows.map((row) => row.exporter),
        ),
        factor(
          'importer',
          rows.map((row) => row.importer),
        ),
      ],
    });
    // without a crossing flow, moving block 1's exporters down and its importers up lowers 1 → 2 and raises 2 → 1: not separated
    expect(ppml(model(0)).dropped.separated).toBe(0);
    // a flow 1 → 2 fixes that direction of the drift; the other would raise zeros: still nothing separated
    expect(ppml(model(3)).dropped.separated).toBe(0);
    // without the rows 2 → 1, nothing holds the drift: all of 1 → 2 is separated
    const oneWay = rows.map(({ exporter, importer }) => !(block(exporter) === 2 && block(importer) === 1));
    const kept = [...rows.keys()].filter((row) => oneWay[row]);
    const whole = model(0);
    const cut = {
      yN: Float64Array.from(kept, (row) => whole.yN[row]!),
      columns: [],
      effects: whole.effects.map(({ name, codeN, levels }) =>
        factor(
          name,
          kept.map((row) => levels[codeN[row]!]!),
        ),
      ),
    };
    const fit = ppml(cut);
    expect(fit.converged).toBe(true);
    expect(fit.dropped.separatedBy.certificate).toBe(4);
  });
});
