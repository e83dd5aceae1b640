import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { nearest } from '../../infra/nearest.ts';
import type { Terminal } from './terminal.ts';

/** An option of a command: a flag, or one that takes a value (named in the help). */
export interface Option {
  readonly value?: string;
  readonly help: string;
}

type Options = Readonly<Record<string, Option>>;

/** What an option of a command was given as; undefined when it was not. */
type Values<Of extends Options> = {
  readonly [Name in keyof Of]: (Of[Name] extends { readonly value: string } ? string : boolean) | undefined;
};

interface Declared<Of extends Options, Given> {
  readonly name: string;
  /** one line, for the list of commands */
  readonly summary: string;
  /** what follows the name, options aside: 'FILE…' */
  readonly operands: string;
  /** how many operands there may be */
  readonly atLeast: number;
  readonly atMost: number;
  readonly options: Of;
  /** what --help says beyond summary and options */
  readonly details: string;
  /** Does the work; the number is the exit code. */
  run(operands: readonly string[], values: Given, terminal: Terminal): Promise<number>;
}

export type Command = Declared<Options, Readonly<Record<string, string | boolean | undefined>>>;

/** Lets the options that a command declares type the values that it gets. */
export function command<const Of extends Options>(declared: Declared<Of, Values<Of>>): Command {
  return declared as unknown as Command;
}

/** The command line was wrong: the message says how, and nothing was started. Exit code 2. */
export class UsageError extends Error {}

/** Something that the person at the keyboard can act on: shown as one message, without a stack. Exit code 1. */
export class Stop extends Error {}

/** Reads the arguments of a command. Throws UsageError that names what is wrong and the nearest that would be right. */
export function readArguments(
  { name, options, atLeast, atMost, operands }: Command,
  args: readonly string[],
): { operands: string[]; values: Record<string, string | boolean>; help: boolean } {
  const config: ParseArgsOptionsConfig = { help: { type: 'boolean', short: 'h' } };
  for (const [option, { value }] of Object.entries(options))
    config[option] = { type: value === undefined ? 'boolean' : 'string' };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options: config, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${name}: ${explain(error, Object.keys(config))}`, { cause: error });
  }
  const { help, ...values } = parsed.values as Record<string, string | boolean>;
  const { positionals } = parsed;
  if (help !== true && (positionals.length < atLeast || positionals.length > atMost)) {
    const expected = operands === '' ? 'nothing but options' : operands;
    throw new UsageError(`${name}: ${positionals.length} given where ${expected} is expected`);
  }
  return { operands: positionals, values, help: help === true };
}

/** Node's own words for a wrong option, and the nearest that exists when the name is the problem. */
function explain(error: unknown, known: readonly string[]): string {
  const { message, code } = error as Error & { code?: string };
  const unknown = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' && /'(-[^' ]+)'/.exec(message)?.[1];
  if (!unknown) return message;
  const near = nearest(unknown.replace(/^-+/, ''), known);
  return `there is no option ${unknown}${near === null ? '' : `; did you mean --${near}?`}`;
}

/** The name that an option was given as. Throws UsageError with the nearest that there is; `option` is 'ppml: --model'. */
export function oneOf<Name extends string>(option: string, known: readonly Name[], given: string): Name {
  const found = known.find((name) => name === given);
  if (found !== undefined) return found;
  const near = nearest(given, known);
  throw new UsageError(
    `${option} ${given}: ${near === null ? `expected ${known.join(', ')}` : `did you mean ${near}?`}`,
  );
}

/** The help of one command. */
export function helpOf({ name, summary, operands, options, details }: Command): string {
  const rows = Object.entries({ ...options, help: { help: 'this text' } as Option }).map(
    ([option, { value, help }]) => [`--${option}${value === undefined ? '' : ` ${value}`}`, help] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  const usage = ['portolan', name, operands, '[options]'].filter((word) => word !== '').join(' ');
  const lines = rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`);
  return [summary, '', `  ${usage}`, '', ...lines, ...(details === '' ? [] : ['', details])].join('\n');
}
