/** `npm run -s bench -- NAME …` runs tests/bench/NAME.ts on this project's Node; without a name it lists them. */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// as the command line does: decisions/0132
setFlagsFromString('--no-maglev-osr');

/** What benchmarks share. */
const PARTS = ['crossedModels', 'realCovariates', 'selection', 'sevenTerms'];
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'run' && !PARTS.includes(name));

const [, , name, ...rest] = process.argv;
if (name !== undefined && names.includes(name)) {
  // the benchmark reads its own arguments
  process.argv.splice(2, 1 + rest.length, ...rest);
  await import(`./${name}.ts`);
} else {
  console.log(`npm run -s bench -- NAME …   with NAME one of ${names.join(', ')}`);
  process.exitCode = name === undefined ? 0 : 2;
}
