import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { geography } from '../../functions/cli/geography.ts';
import { baciFiles } from '../../lib/core/demo/baciFiles.ts';
import { demoWorld } from '../../lib/core/demo/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-interruptions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const world = demoWorld({ seed: 11, places: geography(), years: [2021], countries: 16, products: 30 });
/** The flows come last, after dictionaries. */
const flows = baciFiles(world).at(-1) as { name: string; bytes: Uint8Array };

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
    const path = join(folder, flows.name);
    writeFileSync(path, flows.bytes);
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
