import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { dropReader } from '../../../lib/adapters/files/dropReader.ts';
import { ISO_COUNTRIES } from '../../../lib/adapters/files/isoCountries.ts';
import { scratchFolder } from '../../../lib/adapters/files/scratchFolder.ts';
import { Failure } from '../../../lib/core/errors.ts';
import { type CountryNumber, countryCodes } from '../../../lib/core/trade/countryCodes.ts';
import { hsRevision } from '../../../lib/core/trade/productCodes.ts';
import type { Contents } from '../../../lib/ports/dropReader.ts';
import { command } from '../command.ts';
import { localFiles } from '../files.ts';
import { count, money, type Terminal } from '../terminal.ts';

/** How many rejected rows are shown of a file. */
const SHOWN_REJECTS = 5;

export const validate = command({
  name: 'validate',
  summary: 'Reads files as a drop would be read, says what they hold, and keeps nothing.',
  operands: 'FILE…',
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  options: {},
  details:
    'Needs no running service. Country dictionaries among the files decide what the country codes of the others mean.\n' +
    'Ends with 1 when a file would be refused.',
  async run(paths, _, screen) {
    const numbers: CountryNumber[] = [];
    let refused = 0;
    for (const { path } of await localFiles(paths)) {
      const checking = screen.step('validate', basename(path));
      await scratchFolder(async (folder) => {
        try {
          for await (const file of dropReader.files(path, folder)) {
            const name = file.member === '' ? basename(path) : `${basename(path)}: ${file.member}`;
            try {
              const countries = countryCodes(ISO_COUNTRIES, numbers);
              const contents = await (await file.unpack()).read({
                countries,
                hsRevision: hsRevision(name),
                fileName: name,
              });
              if (contents.kind === 'countries') numbers.push(...contents.numbers);
              await tell(name, contents, screen);
            } catch (error) {
              screen.complain(screen.paint('red', `${name} would be refused: ${reasonOf(error)}`));
              refused++;
            }
          }
        } catch (error) {
          screen.complain(screen.paint('red', `${basename(path)} would be refused: ${reasonOf(error)}`));
          refused++;
        }
      });
      checking.drop();
    }
    return refused === 0 ? 0 : 1;
  },
});

/** The sentence of a refusal; any other error is thrown on. */
function reasonOf(error: unknown): string {
  if (error instanceof Failure && error.code === 'drop.refused')
    return (error as Failure<'drop.refused'>).detail.reason;
  throw error;
}

async function tell(name: string, contents: Contents, { print, paint }: Terminal): Promise<void> {
  const { format, rowsRead, rowsStored, duplicatesSummed, rejected, rejectsPath } = contents;
  print(`${paint('bold', name)}: ${format}, ${count(rowsStored)} of ${count(rowsRead)} rows can be stored`);
  if (contents.kind === 'flows')
    for (const { year, exporters, importers, products, valueUsd } of contents.years)
      print(
        `  ${year}: ${count(exporters)} exporters, ${count(importers)} importers, ${count(products)} products at ` +
          `${contents.level} digits (${contents.hsRevision}), ${money(valueUsd)} USD`,
      );
  if (contents.kind === 'covariates')
    for (const { measure, rows, years } of contents.measures)
      print(`  ${measure}: ${count(rows)} values, ${years.length === 0 ? 'for all years' : span(years)}`);
  const twice = contents.kind === 'flows' ? 'repeat a cell and are added up' : 'repeat what another says';
  if (duplicatesSummed > 0) print(`  ${count(duplicatesSummed)} rows ${twice}`);
  for (const [reason, rows] of Object.entries(rejected))
    print(`  ${paint('yellow', `${count(rows)} rejected`)}: ${reason}`);
  if (rejectsPath === undefined) return;
  const [header = '', ...rows] = (await readFile(rejectsPath, 'utf8')).trimEnd().split(/\r?\n/);
  for (const line of [header, ...rows.slice(0, SHOWN_REJECTS)]) print(paint('dim', `    ${line}`));
  if (rows.length > SHOWN_REJECTS) print(paint('dim', `    … and ${count(rows.length - SHOWN_REJECTS)} more`));
}

const span = (years: readonly number[]) =>
  years.length === 1 ? String(years[0]) : `${years[0]} to ${years.at(-1)}, ${years.length} years`;
