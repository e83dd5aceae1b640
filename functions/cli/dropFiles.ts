import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import type { Dataset, Drop } from '../../lib/app/records.ts';
import type { Status } from '../api/schemas.ts';
import { ask, questionUrl } from './apiClient.ts';
import type { LocalFile } from './files.ts';
import { type Scored, scored, type Watch } from './outcome.ts';
import type { Service } from './service.ts';
import { count, type Step, seconds, size, type Terminal } from './terminal.ts';
import { type Dropped, upload } from './upload.ts';

/** What `dropFiles` needs of a service, in this process or another one. */
export interface Target {
  readonly service: Omit<Service, 'pid' | 'control'>;
  readonly catalog: Watch['catalog'];
  /** see Watch */
  readonly activity?: () => number;
  readonly givenUp?: () => string | null;
  /** is given the line at the bottom while scores are made, to say more */
  readonly onWaiting?: (step: Step) => void;
}

/**
 * Drops files, dictionaries first, and waits until the API answers with the run over them, telling each step.
 *
 * @returns what became of them, and whether all was well
 */
export async function dropFiles(
  files: readonly LocalFile[],
  { service, catalog, activity, givenUp, onWaiting }: Target,
  screen: Terminal,
): Promise<Scored & { readonly fine: boolean }> {
  const now = () => performance.now();
  const dropped: Dropped[] = [];
  let lastPut = now();
  if (files.length > 0) {
    const { S3Client } = await import('@aws-sdk/client-s3');
    const { endpoint, region, credentials } = service;
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    for (const file of files) {
      const name = basename(file.path);
      const step = screen.step('drop', `${name} ${size(file.bytes)}`);
      const sent = (bytes: number) => step.say(`${name} ${size(bytes)} of ${size(file.bytes)}`);
      dropped.push(await upload(s3, service.dropsBucket, file, sent));
      lastPut = now();
      step.done(`${name} ${size(file.bytes)}`);
    }
    s3.destroy();
  }

  const waiting = screen.step('scores', files.length > 0 ? 'reading what was dropped' : 'looking at what is stored');
  onWaiting?.(waiting);
  const result = await scored(dropped, {
    catalog,
    codeVersion: service.codeVersion,
    answered: () => publishedRun(service.apiUrl),
    now,
    sleep,
    ...(activity && { activity }),
    ...(givenUp && { givenUp }),
    onOutcome(drop, stored) {
      const took = now() - lastPut;
      if (drop.outcome === 'refused')
        screen.line('ingest', `${basename(drop.key)} ${screen.paint('red', 'refused')}`, took);
      else for (const dataset of stored) screen.line('ingest', counted(dataset, screen), took);
    },
    onRun: ({ run, manifest }) => waiting.say(`run ${run} over ${manifest.years.join(', ')}`),
  });
  waiting.drop();

  for (const drop of result.refused) screen.complain(refusal(drop, screen));
  if (result.failure !== null) screen.complain(screen.paint('red', result.failure));
  else if (result.run === null) screen.complain(screen.paint('red', 'nothing is stored that could be scored'));
  else if (result.answeredAt === null) {
    const stays = files.length > 0 && result.refused.length === files.length;
    screen.print(`run ${result.run} ${stays ? 'stays published' : 'is published already'}`);
  } else {
    const took = seconds(Math.max(0, result.answeredAt - lastPut));
    screen.print(
      `${screen.paint('bold', `queryable in ${took}`)} after the last file was in the bucket (run ${result.run})`,
    );
  }
  return { ...result, fine: result.refused.length === 0 && result.run !== null };
}

/** The files whose content is not what their key stands for already. */
export async function notYetStored(files: readonly LocalFile[], drops: readonly Drop[]): Promise<LocalFile[]> {
  const wanted: LocalFile[] = [];
  for (const file of files) {
    const stored = drops.find(({ key }) => key === file.key);
    if (!stored || stored.bytes !== file.bytes || stored.dataset !== (await sha256(file.path))) wanted.push(file);
  }
  return wanted;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The run whose scores the API answers with, or null when there are none. */
export async function publishedRun(apiUrl: string): Promise<string | null> {
  const { run } = await ask<Pick<z.infer<typeof Status>, 'run'>>(questionUrl(apiUrl, '/v1/status'));
  return run;
}

/** What a file's content came to, in a few words. */
function counted(dataset: Dataset, { paint }: Terminal): string {
  const rejected = Object.values(dataset.rejected).reduce((sum, rows) => sum + rows, 0);
  const stored = `${basename(dataset.key)} ${count(dataset.rowsStored)} rows`;
  return rejected === 0 ? stored : `${stored}, ${paint('yellow', `${count(rejected)} rejected`)}${why(dataset)}`;
}

/** Why rows were rejected, most frequent first. */
function why({ rejected, rejectsKey }: Dataset): string {
  const reasons = Object.entries(rejected)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, rows]) => `${reason} ${count(rows)}`);
  return ` (${reasons.join(', ')}${rejectsKey ? `; listed in ${rejectsKey}` : ''})`;
}

/** The reason is a whole sentence for the person who dropped the file: the nearest format and what is missing are in it. */
const refusal = ({ key, reason }: Drop, { paint }: Terminal) =>
  paint('red', `${basename(key)} was refused: ${reason ?? 'no reason was recorded'}`);
