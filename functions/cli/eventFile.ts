import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nearest } from '../../infra/nearest.ts';
import { PROJECT_ROOT } from '../../infra/sources.ts';
import { UsageError } from './command.ts';

/** The function that an event file is for: `events/<function>.<what>.json`. Throws UsageError when there is no such function. */
export function functionOf(path: string): string {
  const functions = join(PROJECT_ROOT, 'functions');
  const names = readdirSync(functions).filter((name) => existsSync(join(functions, name, 'main.ts')));
  const name = basename(path).split('.')[0] ?? '';
  // the command line's own entry is no function of the application
  const known = names.filter((candidate) => candidate !== 'cli');
  if (known.includes(name)) return name;
  const near = nearest(name, known);
  const hint = near === null ? `; there are ${known.join(', ')}` : `; did you mean ${near}?`;
  throw new UsageError(`invoke: ${basename(path)} is for no function: there is no function ${name}${hint}`);
}
