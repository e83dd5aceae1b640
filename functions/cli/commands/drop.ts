import { command } from '../command.ts';
import { dropFiles } from '../dropFiles.ts';
import { localFiles } from '../files.ts';
import { catalogOf, DEFAULT_STATE, requiredService } from '../service.ts';

export const drop = command({
  name: 'drop',
  summary: 'Adds files to a running service and waits until their scores can be asked for.',
  operands: 'FILE…',
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  options: { state: { value: 'FOLDER', help: `state folder of the service; ${DEFAULT_STATE} when not given` } },
  details:
    'A file speaks for every (year, exporter) that it contains, in place of what was dropped before.\n' +
    'A file of the same name is a revision of the earlier one.',
  async run(paths, { state = DEFAULT_STATE }, screen) {
    const files = await localFiles(paths);
    const service = await requiredService(state);
    const { fine } = await dropFiles(files, { service, catalog: await catalogOf(service) }, screen);
    return fine ? 0 : 1;
  },
});
