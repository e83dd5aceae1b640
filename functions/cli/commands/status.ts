import type * as z from 'zod';
import type { Status } from '../../api/schemas.ts';
import { ask, questionUrl } from '../apiClient.ts';
import { command } from '../command.ts';
import { SYNTHETIC } from '../demoFiles.ts';
import { DEFAULT_STATE, requiredService } from '../service.ts';
import { count, money, seconds } from '../terminal.ts';

export const status = command({
  name: 'status',
  summary: 'Says what a running service has published, what is under way and what went wrong.',
  operands: '',
  atLeast: 0,
  atMost: 0,
  options: { state: { value: 'FOLDER', help: `state folder of the service; ${DEFAULT_STATE} when not given` } },
  details: '',
  async run(_, { state = DEFAULT_STATE }, screen) {
    const { apiUrl, pid } = await requiredService(state);
    const status = await ask<z.infer<typeof Status>>(questionUrl(apiUrl, '/v1/status'));
    const line = (label: string, text: string) => screen.print(`${label.padEnd(12)} ${text}`);
    line('service', `${apiUrl} (process ${pid})`);
    const { run, coverage, running, failed, drops, failedDrops } = status;
    line('published', run ? `run ${run}, ${seconds((status.ageSeconds ?? 0) * 1000)} ago` : 'nothing yet');
    if (coverage) {
      const { years, exporters, importers, products, worldTradeUsd } = coverage;
      line(
        'covers',
        `${years.join(', ')}: ${count(exporters)} exporters, ${count(importers)} importers, ${count(products)} products`,
      );
      line('', `${count(status.rows ?? 0)} rows, ${money(worldTradeUsd)} USD a year`);
    }
    if (running) line('running', `run ${running.run}, attempt ${running.attempt}, since ${running.startedAt}`);
    if (failed) line('failed', screen.paint('red', `run ${failed.run}, attempt ${failed.attempt}: ${failed.reason}`));
    line(
      'drops',
      `${drops.stored} stored, ${drops.storedWithRejects} stored with rejected rows, ${drops.refused} refused`,
    );
    for (const { key, reason } of failedDrops) line('refused', screen.paint('red', `${key}: ${reason}`));
    if (status.synthetic) screen.print(screen.paint('yellow', SYNTHETIC));
    return 0;
  },
});
