import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { geography } from '../../../functions/cli/geography.ts';
import { baciFiles } from '../../../lib/core/demo/baciFiles.ts';
import { demoWorld } from '../../../lib/core/demo/world.ts';

const options = { places: geography(), years: [2021, 2022], countries: 20, products: 40 };
const world = demoWorld({ seed: 1, ...options });
const files = baciFiles(world);
const text = (name: string) => new TextDecoder().decode(files.find((file) => file.name === name)!.bytes);
const hashes = (of: typeof files) =>
  Object.fromEntries(
    of.map(({ name, bytes }) => [name, createHash('sha256').update(bytes).digest('hex').slice(0, 16)]),
  );

describe('the files of the demonstration world', () => {
  it('are two dictionaries and one file a year, and every name says synthetic', () => {
    expect(files.map(({ name }) => name)).toEqual([
      'demo-synthetic-countries.csv',
      'demo-synthetic-products.csv',
      'demo-synthetic-world-2021.csv',
      'demo-synthetic-world-2022.csv',
    ]);
  });

  it('have the bytes they had yesterday', () => {
    expect(hashes(files)).toMatchInlineSnapshot(`
      {
        "demo-synthetic-countries.csv": "674e734bb3ea9d23",
        "demo-synthetic-products.csv": "bc9d3ac5d0afd802",
        "demo-synthetic-world-2021.csv": "162a0b19776f0c1b",
        "demo-synthetic-world-2022.csv": "093c28c9361da55e",
      }
    `);
    expect(hashes(baciFiles(demoWorld({ seed: 2, ...options })))['demo-synthetic-world-2021.csv']).not.toBe(
      hashes(files)['demo-synthetic-world-2021.csv'],
    );
  });

  it('give every flow back: BACI’s columns, numbers of countries in ascending order, thousand USD to the dollar, tonnes to the kilogram', () => {
    const [header, ...lines] = text('demo-synthetic-world-2021.csv').trimEnd().split('\n');
    expect(header).toBe('t,i,j,k,v,q');
    const { flows, quantityN } = world.years[0]!;
    expect(lines.length).toBe(flows.valueN.length);

    const written = new Map<string, { value: string; quantity: string }>();
    const codeOf = new Map(world.places.map(({ baciCode, code }) => [String(baciCode), code]));
    let last = '';
    for (const line of lines) {
      const [t, i, j, k, v, q] = line.split(',') as [string, string, string, string, string, string];
      const order = [i.padStart(3, '0'), j.padStart(3, '0'), k].join();
      if (!(t === '2021' && i !== j && /^\d{6}$/.test(k) && /^\d+\.\d{3}$/.test(v) && order > last)) expect.fail(line);
      last = order;
      written.set(`${codeOf.get(i)} ${codeOf.get(j)} ${k}`, { value: v, quantity: q });
    }
    for (let n = 0; n < flows.valueN.length; n++) {
      const [e, m, p] = [flows.exporterN[n]!, flows.importerN[n]!, flows.productN[n]!];
      const row = written.get(`${flows.countries.codes[e]} ${flows.countries.codes[m]} ${flows.products.codes[p]}`)!;
      const quantity = quantityN[n]!;
      if (row.value !== (flows.valueN[n]! / 1000).toFixed(3)) expect.fail(`${row.value} for ${flows.valueN[n]} USD`);
      if (row.quantity !== (Number.isNaN(quantity) ? 'NA' : (Math.round(quantity * 1000) / 1000).toFixed(3)))
        expect.fail(`${row.quantity} for ${quantity} t`);
    }
    expect(lines.some((line) => line.endsWith(',NA'))).toBe(true);
  });

  it('name countries and products, in quotes', () => {
    expect(text('demo-synthetic-countries.csv')).toMatch(/^country_code,country_name,country_iso2,country_iso3\n/);
    expect(text('demo-synthetic-countries.csv')).toContain('\n842,"United States",US,USA\n');
    expect(text('demo-synthetic-products.csv')).toMatch(/^code,description\n010121,"breeding horses"\n/);
  });
});
