import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCORE_HEADER, scoreRows } from '../../functions/cli/score/scoreRows.ts';
import { axis } from '../../lib/core/labels.ts';
import { BASES } from '../../lib/core/scoring/scoredCells.ts';

const countries = axis(['ARG', 'MEX', 'PER']);
const products = axis(['0101', '870323']);
const NAMES = SCORE_HEADER.trim().split(',');
const usd = fc.oneof(
  fc.double({ min: 0, max: 1e13, noNaN: true }),
  fc.constantFrom(0, 0.004, 0.005, 0.1, 0.99, 0.995, 1, 10, 99.995, 100, 1234.5, 1e12, 999_999_999.99),
);
const cell = fc.record({
  importer: fc.nat(2),
  product: fc.nat(1),
  basis: fc.nat(BASES.length - 1),
  actual: usd,
  potential: fc.oneof(usd, fc.constant(Number.NaN)),
  probability: fc.oneof(
    fc.double({ min: 1e-12, max: 0.999, noNaN: true }),
    fc.constantFrom(Number.NaN, 0.1, 0.09999999999, 0.99999999, 1e-9, 0.5),
  ),
  opportunity: usd,
  score: fc.double({ min: 0.0001, max: 100, noNaN: true }),
});

describe('rows of scores', () => {
  it('are what the numbers are: cents, seven digits of a probability, four decimals of a score, nothing for nothing', () => {
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 20 }), (cells) => {
        const numbers = (of: (one: (typeof cells)[number]) => number) => Float64Array.from(cells, of);
        const foreseen = {
          importerN: Uint16Array.from(cells, ({ importer }) => importer),
          productN: Uint16Array.from(cells, ({ product }) => product),
          basisN: Uint8Array.from(cells, ({ basis }) => basis),
          actualN: numbers(({ actual }) => actual),
          potentialN: numbers(({ potential }) => potential),
          probabilityN: numbers(({ probability }) => probability),
          opportunityN: numbers(({ opportunity }) => opportunity),
          scoreN: numbers(({ score }) => score),
          order: new Uint32Array(),
          contributions: () => new Float32Array(),
        };
        const rows = Uint32Array.from(cells.keys()).reverse();
        const text = new TextDecoder().decode(scoreRows({ countries, products })(1, foreseen, rows));
        const lines = text.split('\n');
        expect(lines).toHaveLength(cells.length + 1);
        expect(lines.at(-1)).toBe('');
        for (const [at, n] of rows.entries()) {
          const { importer, product, basis, actual, potential, probability, opportunity, score } = cells[n]!;
          const fields = lines[at]!.split(',');
          expect(fields).toHaveLength(NAMES.length);
          const said = Object.fromEntries(NAMES.map((name, field) => [name, fields[field]]));
          expect([said.exporter, said.importer, said.product, said.basis]).toEqual([
            'MEX',
            countries.codes[importer],
            products.codes[product],
            BASES[basis],
          ]);
          const cents = (value: number) => (Number.isNaN(value) ? '' : String(Math.round(value * 100) / 100));
          expect([said.actualUsd, said.potentialUsd, said.unrealisedUsd, said.opportunityUsd]).toEqual(
            [actual, potential, Math.max(potential - actual, 0), opportunity].map(cents),
          );
          if (Number.isNaN(probability)) expect(said.probability).toBe('');
          else {
            expect(said.probability).toMatch(/^[01]\.\d{7,15}$/);
            expect(Math.abs(Number(said.probability) - probability)).toBeLessThanOrEqual(
              Math.max(5.001e-7 * probability, 5e-16),
            );
          }
          expect(said.score).toMatch(/^\d+\.\d{4}$/);
          expect(Math.abs(Number(said.score) - score)).toBeLessThanOrEqual(5.0001e-5);
        }
      }),
    );
  });
});
