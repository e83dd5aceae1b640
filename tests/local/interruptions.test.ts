import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { ask, questionUrl } from '../../functions/cli/apiClient.ts';
import { geography } from '../../functions/cli/geography.ts';
import { synth } from '../../functions/cli/synth.ts';
import { startHome } from '../../infra/local/home.ts';
import { baciFiles } from '../../lib/core/demo/baciFiles.ts';
import { demoWorld } from '../../lib/core/demo/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-interruptions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const world = demoWorld({ seed: 11, places: geography(), years: [2021, 2022], countries: 16, products: 30 });
/** The files of the two years; dictionaries come before them. */
const [first, second] = baciFiles(world).slice(-2) as [
  { name: string; bytes: Uint8Array },
  { name: string; bytes: Uint8Array },
];

describe('a drop during a run', () => {
  it('does not disturb the run, and is scored by the next one', async () => {
    const home = await startHome({ templateDir: await synth({ stage: 'local' }), stateDir: join(folder, 'during') });
    try {
      const { accessKeyId, secretAccessKey } = home.adminCredentials;
      const bucket = new S3Client({
        endpoint: home.endpoint,
        region: home.region,
        credentials: { accessKeyId, secretAccessKey },
        forcePathStyle: true,
      });
      const drop = ({ name, bytes }: { name: string; bytes: Uint8Array }) =>
        bucket.send(new PutObjectCommand({ Bucket: home.outputs.DropsBucketName, Key: `drops/${name}`, Body: bytes }));
      const ended: string[] = [];
      let interrupted: Promise<unknown> | null = null;
      home.onEvent((event) => {
        if (event.type === 'state.entered' && event.state === 'gravity') interrupted ??= drop(second);
        if (event.type === 'execution.changed' && event.status !== 'RUNNING') ended.push(event.status);
      });

      await drop(first);
      await home.idle();
      await interrupted;
      await home.idle();
      expect(ended).toEqual(['SUCCEEDED', 'SUCCEEDED']);
      const { items } = await ask<{ items: { standing: string; years: number[] }[] }>(
        questionUrl(home.apiUrl, '/v1/runs', {}),
      );
      expect(items.map(({ standing, years }) => [standing, years])).toEqual([
        ['current', [2021, 2022]],
        ['previous', [2021]],
      ]);
      bucket.destroy();
    } finally {
      await home.close();
    }
  });
});

describe('the whole service killed in the middle of a run', () => {
  const launcher = join(import.meta.dirname, '../../functions/cli/portolan.js');
  const start = (...args: string[]) => {
    const child = spawn(
      process.execPath,
      [launcher, 'start', '--port', '0', '--state', join(folder, 'killed'), '--exporter', 'MEX', ...args],
      { env: { ...process.env, CI: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        printed += bytes.toString();
      });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    return { child, ended, printed: () => printed };
  };

  it('goes on where it was when it is started again', async () => {
    const path = join(folder, first.name);
    writeFileSync(path, first.bytes);
    const one = start(path);
    while (!/^ {2}plan /m.test(one.printed()) && one.child.exitCode === null)
      await new Promise((later) => setTimeout(later, 5));
    one.child.kill('SIGKILL');
    await one.ended;
    expect(one.printed()).not.toContain('queryable');

    const two = start('--once', path);
    expect(await two.ended, two.printed()).toBe(0);
    expect(two.printed()).toContain('/v1/opportunities?exporter=MEX&limit=10');
  });
});
