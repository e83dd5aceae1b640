import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import type { Home } from '../../infra/local/home.ts';
import { Stop } from './command.ts';
import type { Service } from './service.ts';
import { synth } from './synth.ts';
import type { Terminal } from './terminal.ts';

/** Where a state folder keeps what the local home stores. */
export const homeFolder = (state: string) => join(resolve(state), 'home');

/** A home, and the version of the code that its functions run. */
export interface OpenHome {
  readonly home: Home;
  readonly codeVersion: string;
}

/** What a drop and a question wait for. A process of each other function would hold memory, and up the start. */
const AWAITED = ['ingest', 'start', 'plan', 'complexity', 'gravity', 'entry', 'score', 'publish', 'api'];

/**
 * Synthesises the template for this machine, unless that has been done, and executes it.
 *
 * @param receivers  receivers of webhooks on this machine, by host and port
 */
export async function openHome(
  state: string,
  port: number,
  screen: Terminal,
  log: (line: string) => void,
  receivers: readonly string[] = [],
): Promise<OpenHome> {
  const synthesising = screen.step('template', 'synthesising');
  const templateDir = await synth({ stage: 'local' });
  synthesising.done('ready');
  const opening = screen.step('home', 'starting');
  const { startHome } = await import('../../infra/local/home.ts');
  const home = await startHome({
    templateDir,
    stateDir: homeFolder(state),
    port,
    inboxPort: port === 0 ? 0 : await freePort(port + 1),
    variables: { LOCAL_RECEIVERS: receivers.join(',') },
    log,
    prewarm: (label) => AWAITED.includes(label),
  });
  opening.done(`API at ${home.apiUrl}`);
  return { home, codeVersion: await deployedVersion(templateDir) };
}

/** The version that the template gives its functions: the sources may have changed since it was made. */
export async function deployedVersion(templateDir: string): Promise<string> {
  for (const name of await readdir(templateDir)) {
    if (!name.endsWith('.template.json')) continue;
    const { Resources = {} } = JSON.parse(await readFile(join(templateDir, name), 'utf8')) as Template;
    for (const { Properties } of Object.values(Resources)) {
      const version = Properties?.Environment?.Variables?.CODE_VERSION;
      if (version) return version;
    }
  }
  throw new Error(`no function in ${templateDir} has a CODE_VERSION`);
}

interface Template {
  readonly Resources?: Record<string, { Properties?: { Environment?: { Variables?: { CODE_VERSION?: string } } } }>;
}

/** What others need to reach a home. */
export function serviceOf({ home, codeVersion }: OpenHome): Omit<Service, 'pid' | 'control'> {
  const { apiUrl, endpoint, region, adminCredentials, outputs } = home;
  const output = (name: string) => {
    const value = outputs[name];
    if (value === undefined) throw new Error(`the template has no output ${name}`);
    return value;
  };
  return {
    apiUrl,
    endpoint,
    region,
    credentials: adminCredentials,
    dropsBucket: output('DropsBucketName'),
    tableName: output('TableName'),
    codeVersion,
  };
}

/** The port, or 0 (any that is free) when something else listens on it. */
export async function freePort(port: number): Promise<number> {
  try {
    await portIsFree(port);
    return port;
  } catch {
    return 0;
  }
}

/** Throws Stop when something else listens on the port already. Port 0 lets the system choose a free one. */
export async function portIsFree(port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((listening, failed) => {
      probe.once('error', failed);
      probe.listen(port, '127.0.0.1', listening);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE' ? 'is taken by another program' : code === 'EACCES' ? 'needs a privileged user' : message;
    throw new Stop(`port ${port} ${why}; choose another with --port N (0 takes any that is free)`);
  }
  await new Promise((closed) => probe.close(closed));
}
