import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, Stop } from '../command.ts';
import { invokeThere } from '../control.ts';
import { functionOf } from '../eventFile.ts';
import { openHome } from '../localService.ts';
import { DEFAULT_STATE, runningService } from '../service.ts';
import type { Terminal } from '../terminal.ts';

export const invoke = command({
  name: 'invoke',
  summary: 'Runs one function with the event in a file, as AWS would, and prints what it returns.',
  operands: 'EVENT.json',
  atLeast: 1,
  atMost: 1,
  options: { state: { value: 'FOLDER', help: `state folder of a running service; ${DEFAULT_STATE} when not given` } },
  details:
    'The name of the file says which function: events/ingest.objectCreated.json is for ingest. When no service runs on the\n' +
    'state folder, an empty one is started for this call and removed afterwards.',
  async run([path = ''], { state = DEFAULT_STATE }, screen) {
    const name = functionOf(path);
    const event = await eventIn(path);
    const service = await runningService(state);
    const result = service ? await invokeThere(service, name, event) : await invokeInNewHome(name, event, screen);
    screen.print(JSON.stringify(result ?? null, null, 2));
    return 0;
  },
});

async function eventIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new Stop(`${path}: ${(error as Error).message}`, { cause: error });
  }
}

async function invokeInNewHome(name: string, event: unknown, screen: Terminal): Promise<unknown> {
  const state = await mkdtemp(join(tmpdir(), 'portolan-invoke-'));
  try {
    const { home } = await openHome(state, 0, screen, () => {});
    try {
      return await home.invoke(name, event);
    } catch (error) {
      throw new Stop(`${name} failed: ${(error as Error).message}`, { cause: error });
    } finally {
      await home.close();
    }
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}
