import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { command, Stop, UsageError } from '../command.ts';
import { localFiles } from '../files.ts';
import { interruption } from '../interruption.ts';
import { homeFolder, portIsFree } from '../localService.ts';
import { DEFAULT_STATE, runningService } from '../service.ts';
import { Session } from '../session.ts';

const DEFAULT_PORT = 8642;

export const start = command({
  name: 'start',
  summary: 'Runs the whole service on this machine: the deployed template, executed here.',
  operands: '[FILE…]',
  atLeast: 0,
  atMost: Number.POSITIVE_INFINITY,
  options: {
    once: { help: 'end when the first opportunities have been shown' },
    port: { value: 'N', help: `where the API listens; ${DEFAULT_PORT} when not given, 0 for any free port` },
    exporter: { value: 'XXX', help: 'whose opportunities are shown at the end (ISO alpha-3 code)' },
    state: { value: 'FOLDER', help: `where everything is kept between starts; ${DEFAULT_STATE} when not given` },
    fresh: { help: 'forget what was kept' },
    verbose: { help: 'show what every function writes to its log' },
  },
  details:
    'FILES are trade data (BACI, or year,exporter,importer,product,valueUsd; .csv, .csv.gz, .zip, .parquet) and dictionaries of\n' +
    'countries and products. Without FILES the service goes on with what it holds; when that is nothing, it gets a demonstration\n' +
    'world, which gives way to the first FILES, and an alert that its next year raises. E-mails arrive in an inbox page at the port\n' +
    'after that of the API. Ctrl-C ends everything; the next start answers at once.',
  async run(paths, { once, port, exporter, state = DEFAULT_STATE, fresh, verbose }, screen) {
    const listenOn = portNumber(port);
    const files = await localFiles(paths);
    const other = await runningService(state);
    if (other)
      throw new Stop(
        `a service runs on ${resolve(state)} already (process ${other.pid}, ${other.apiUrl}); add files with: ` +
          'npm run -s portolan -- drop FILE',
      );
    await portIsFree(listenOn);
    if (fresh) await rm(homeFolder(state), { recursive: true, force: true });

    const stopped = interruption(screen);
    const session = new Session(state, listenOn, verbose === true, screen);
    try {
      const served = session.serve(files, exporter, once === true).then(async (fine) => {
        if (once) return fine ? 0 : 1;
        screen.print(`\nThe service stays up at ${session.apiUrl}. Ctrl-C ends it.`);
        await stopped.happened;
        return 0;
      });
      return await Promise.race([served, stopped.happened.then(() => 0)]);
    } finally {
      await session.close();
      stopped.end();
    }
  },
});

function portNumber(given: string | undefined): number {
  const port = Number(given ?? DEFAULT_PORT);
  if (Number.isInteger(port) && port >= 0 && port <= 65535 && given?.trim() !== '') return port;
  throw new UsageError(`start: --port ${given} is not a port; give a number from 0 to 65535`);
}
