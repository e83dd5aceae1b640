import { nearest } from '../../infra/nearest.ts';
import { type Command, helpOf, readArguments, Stop, UsageError } from './command.ts';
import { type Terminal, terminal } from './terminal.ts';

/** Every command in its own file, loaded only when it is called: `--help` answers at once. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  start: {
    summary: 'run the whole service on this machine, with the demonstration world or with FILES',
    load: async () => (await import('./commands/start.ts')).start,
  },
  drop: {
    summary: 'add files to a running service and wait for the new scores',
    load: async () => (await import('./commands/drop.ts')).drop,
  },
  validate: {
    summary: 'read files as a drop would be read, offline, and say what they hold',
    load: async () => (await import('./commands/validate.ts')).validate,
  },
  status: {
    summary: 'say what a running service has published',
    load: async () => (await import('./commands/status.ts')).status,
  },
  invoke: {
    summary: 'run one function with an event from a file',
    load: async () => (await import('./commands/invoke.ts')).invoke,
  },
  complexity: {
    summary: 'measure economic complexity and the product space of a file of exports',
    load: async () => (await import('./commands/complexity.ts')).complexity,
  },
  ppml: {
    summary: 'estimate a gravity equation with any number of fixed effects',
    load: async () => (await import('./commands/ppml.ts')).ppml,
  },
  score: {
    summary: 'score the cells of exporters and write them to a file',
    load: async () => (await import('./commands/score.ts')).score,
  },
  backtest: {
    summary: 'judge scores of empty cells on what happened later',
    load: async () => (await import('./commands/backtest.ts')).backtest,
  },
  synth: {
    summary: 'write the CloudFormation templates, offline',
    load: async () => (await import('./commands/synth.ts')).synth,
  },
  doctor: {
    summary: 'say whether a stage can be deployed to AWS from here',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  deploy: {
    summary: 'put a stage into an AWS account, or bring it up to date',
    load: async () => (await import('./commands/deploy.ts')).deploy,
  },
  destroy: {
    summary: 'take a stage out of an AWS account',
    load: async () => (await import('./commands/destroy.ts')).destroy,
  },
  redrive: {
    summary: 'send failed messages of a deployed stage back to their queue',
    load: async () => (await import('./commands/redrive.ts')).redrive,
  },
  restore: {
    summary: 'make the table of a deployed stage hold what a restored backup of it holds',
    load: async () => (await import('./commands/restore.ts')).restore,
  },
};

const HELP = `Portolan finds where in the world an exporter's next customers are.

  portolan COMMAND [operands] [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

portolan COMMAND --help explains a command. From a checkout: npm run -s portolan -- COMMAND …`;

/** Runs the command line. Never throws: what went wrong is on the error output, and in the exit code (1 failed, 2 wrong usage). */
export async function portolan(args: readonly string[], screen: Terminal): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || ['help', '--help', '-h'].includes(name)) {
      screen.print(HELP);
      return 0;
    }
    if (!Object.hasOwn(COMMANDS, name)) {
      const near = nearest(name, Object.keys(COMMANDS));
      throw new UsageError(`there is no command ${name}${near === null ? '' : `; did you mean ${near}?`}`);
    }
    const command = await COMMANDS[name]?.load();
    if (!command) throw new UsageError(`there is no command ${name}`);
    const { operands, values, help } = readArguments(command, rest);
    if (help) {
      screen.print(helpOf(command));
      return 0;
    }
    return await command.run(operands, values, screen);
  } catch (error) {
    if (error instanceof UsageError) {
      screen.complain(`portolan: ${error.message}\nportolan --help lists what there is.`);
      return 2;
    }
    screen.complain(screen.paint('red', error instanceof Stop ? `portolan: ${error.message}` : told(error)));
    return 1;
  }
}

/** This process's own terminal. Colours and movement only where a person watches. */
export function screen(): Terminal {
  const { stdout, stderr, env } = process;
  const live = stdout.isTTY && !env.CI && env.TERM !== 'dumb';
  const options = { live, colour: live && !env.NO_COLOR, now: () => performance.now() };
  return terminal(stdout, stderr, options);
}

/** An error nobody foresaw: all of it, since somebody has to find it. */
function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
