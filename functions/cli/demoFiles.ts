import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf, PROJECT_ROOT, sourcesBelow } from '../../infra/sources.ts';
import { baciFiles } from '../../lib/core/demo/baciFiles.ts';
import { demoWorld } from '../../lib/core/demo/world.ts';
import { geography } from './geography.ts';

/** Chosen once; another seed makes another world of the same kind. */
const SEED = 1492;
const YEARS = [2021, 2022, 2023];
/** published later: what a second drop brings */
const LATER = 2024;

/** What the demonstration world says about itself wherever it is shown. */
export const SYNTHETIC =
  'This is a demonstration world: real geography, invented trade (lib/core/demo). No number in it is a statistic.';

/**
 * Writes the demonstration world as files below `folder`, and its next year as one that is dropped later. In a subfolder named after what generates it, unless it is there already.
 * A subfolder with its final name is complete: it is written under another name first.
 */
export async function demoFiles(folder: string): Promise<{ paths: string[]; later: string; generated: boolean }> {
  const sources = [...sourcesBelow('lib/core/demo'), ...['geography.ts', 'demoFiles.ts'].map(ofCommandLine)];
  const hash = hashOf([...sources, join(PROJECT_ROOT, 'package-lock.json')]).slice(0, 12);
  const complete = join(folder, `demo-${hash}`);
  const generated = !existsSync(complete);
  if (generated) {
    const unfinished = `${complete}.${process.pid}`;
    await mkdir(unfinished, { recursive: true });
    for (const { name, bytes } of baciFiles(demoWorld({ seed: SEED, places: geography(), years: [...YEARS, LATER] })))
      await writeFile(join(unfinished, name), bytes);
    await rm(complete, { recursive: true, force: true });
    await rename(unfinished, complete);
  }
  const paths = (await readdir(complete)).sort().map((name) => join(complete, name));
  const isLater = (path: string) => path.endsWith(`-${LATER}.csv`);
  return { paths: paths.filter((path) => !isLater(path)), later: paths.find(isLater) ?? '', generated };
}

const ofCommandLine = (file: string) => join(PROJECT_ROOT, 'functions', 'cli', file);
