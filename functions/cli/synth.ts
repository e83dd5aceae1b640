import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bundles } from '../../infra/bundles.ts';
import { functionSources, hashOf, PROJECT_ROOT, sourcesBelow } from '../../infra/sources.ts';
import { settingsOf, stageName } from '../../infra/stages.ts';

export interface SynthOptions {
  /** 'local', 'dev' or 'prod'; dev when not given */
  readonly stage?: string;
  /** where the templates go; `cdk.out/<stage>` when not given. What an earlier synthesis left there is removed. */
  readonly outdir?: string;
  /** folder of `<name>/main.ts` entries to bundle in place of `functions` */
  readonly functions?: string;
  /** bundles of these sources from elsewhere: for several stages, which share them. Asked for when there is work. */
  readonly bundles?: () => Promise<Bundles>;
}

/** Says what the output was made from. Written last, so a synthesis that was cut short is made again. */
const STAMP = 'portolan.synth';

/** A hash of all that the templates and bundles depend on: sources, locked versions, settings and the stage. */
export function synthHash({ stage = 'dev', functions }: SynthOptions = {}): string {
  const settings = ['cdk.json', 'functions/cli/synth.ts'].map((file) => join(PROJECT_ROOT, file));
  const others = functions === undefined ? [] : sourcesBelow(functions);
  return hashOf([...functionSources(), ...sourcesBelow('infra'), ...settings, ...others], stage);
}

/**
 * Writes the CloudFormation templates, the bundles and their manifests: offline, for no account or region in particular.
 * Does nothing when the output was already made from the same sources.
 *
 * @returns the folder that holds them
 * @throws RangeError for an unknown stage or a wrong setting in its settings file
 */
export async function synth(options: SynthOptions = {}): Promise<string> {
  const stage = stageName(options.stage ?? 'dev');
  const outdir = options.outdir ?? join(PROJECT_ROOT, 'cdk.out', stage);
  const stamp = join(outdir, STAMP);
  const hash = synthHash(options);
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === hash) return outdir;

  // The CDK takes a third of a second to load: only when there is work.
  const [{ application, newApp }, { bundleFunctions }] = await Promise.all([
    import('../../infra/app.ts'),
    import('../../infra/bundles.ts'),
  ]);
  for (const stale of [stamp, ...['manifest.json', 'functions', 'compiled'].map((name) => join(outdir, name))]) {
    await rm(stale, { recursive: true, force: true });
  }
  const { context } = JSON.parse(await readFile(join(PROJECT_ROOT, 'cdk.json'), 'utf8'));
  const app = newApp(settingsOf(stage).nag, { outdir, context });
  const bundles = options.bundles?.() ?? bundleFunctions(join(outdir, 'functions'), options.functions);
  application(app, stage, await bundles);
  app.synth();
  await writeFile(stamp, hash);
  return outdir;
}

/** `portolan synth [--stage NAME] [--outdir FOLDER]`: prints the path of each template. */
export async function synthCommand(args: string[], print: (line: string) => void): Promise<void> {
  const { values } = parseArgs({ args, options: { stage: { type: 'string' }, outdir: { type: 'string' } } });
  const outdir = await synth(values);
  const { artifacts } = JSON.parse(await readFile(join(outdir, 'manifest.json'), 'utf8'));
  for (const { type, properties } of Object.values<{ type: string; properties: { templateFile?: string } }>(
    artifacts,
  )) {
    if (type === 'aws:cloudformation:stack' && properties.templateFile) print(join(outdir, properties.templateFile));
  }
}
