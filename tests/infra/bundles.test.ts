import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { synth } from '../../functions/cli/synth.ts';
import { bundleFunctions, FUNCTIONS, type FunctionName } from '../../infra/bundles.ts';
import {
  builtFor,
  CPUS,
  LAYER_PACKAGE,
  layerPackages,
  lockedPackages,
  type Processor,
} from '../../infra/duckdbLayerContents.ts';
import { functionSources, hashOf, PROJECT_ROOT } from '../../infra/sources.ts';
import { BUNDLES, outdirOf, templates } from './templates.ts';

const { functions } = templates('dev');
const bundle = (name: FunctionName, file = 'main.mjs') => join(BUNDLES[name], file);
const KB = 1024;
/** Loose: about twice what they weigh. Those that know the countries of the world carry 700 KB of them. */
const BOUNDS_KB: Record<string, number> = { ingest: 2500, score: 2500, backtest: 2500, default: 1200 };

it('the command line sets how loops are compiled before it loads anything: decisions/0132', () => {
  const [before] = readFileSync(join(PROJECT_ROOT, 'functions/cli/portolan.js'), 'utf8').split("import('./main.ts')");
  expect(before).toContain("setFlagsFromString('--no-maglev-osr')");
});

describe.each(FUNCTIONS)('bundle of %s', (name) => {
  it('is small', ({ annotate }) => {
    const kilobytes = statSync(bundle(name)).size / KB;
    annotate(`${name} ${kilobytes.toFixed(0)} KB`);
    console.log(`${name.padEnd(10)} ${kilobytes.toFixed(0).padStart(5)} KB`);
    expect(kilobytes).toBeLessThan(BOUNDS_KB[name] ?? BOUNDS_KB.default ?? 0);
  });

  it('starts with the variables of its template and nothing else', () => {
    const { NODE_OPTIONS: _, ...variables } = functions.get(name)?.variables ?? {};
    const env = {
      AWS_REGION: 'eu-central-1',
      // what names a resource is known in an account only
      ...Object.fromEntries(
        Object.entries(variables).map(([variable, value]) => [
          variable,
          typeof value === 'string' ? value : 'some-value',
        ]),
      ),
    };
    const load = `const { handler } = await import(${JSON.stringify(bundle(name))}); const { moduleLoadList } = process; process.stdout.write(typeof handler + (moduleLoadList.some((name) => /undici/.test(name)) ? ', with all that fetch needs' : ''))`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', load], {
      env,
      encoding: 'utf8',
    });
    expect(stdout, stderr).toBe('function');
  });

  it('sets how loops are compiled before anything else: decisions/0132', () => {
    expect(readFileSync(bundle(name), 'utf8').slice(0, 200)).toContain("__setFlags('--no-maglev-osr')");
  });

  it('has a map that leads back to its sources', () => {
    const { sources, sourcesContent } = JSON.parse(readFileSync(bundle(name, 'main.mjs.map'), 'utf8'));
    expect(sources.some((source: string) => source.endsWith(`functions/${name}/main.ts`))).toBe(true);
    expect(sourcesContent ?? []).toEqual([]);
  });

  it('reads the layer only if it has the layer', () => {
    const requires = readFileSync(bundle(name), 'utf8').includes(`("${LAYER_PACKAGE}")`);
    expect(requires).toBe(functions.get(name)?.Properties.Layers !== undefined);
  });
});

describe('the layer', () => {
  it.each(Object.keys(CPUS) as Processor[])(
    'is locked for %s: every package of it has a version and a checksum',
    (processor) => {
      const locked = lockedPackages(processor);
      expect(Object.keys(locked)).toEqual(layerPackages(processor).map((name) => `node_modules/${name}`));
      for (const { version, integrity } of Object.values(locked)) {
        expect(version).toMatch(/^\d/);
        expect(integrity).toMatch(/^sha512-/);
      }
      const version = (name: string) => locked[`node_modules/${name}`]?.version;
      expect(version(`@duckdb/node-bindings-linux-${CPUS[processor]}`)).toBe(version(LAYER_PACKAGE));
    },
  );

  it('tells for which processor a library was built', () => {
    const header = (machine: number, little = true) => {
      const bytes = Buffer.alloc(64);
      bytes.write('\x7fELF', 'latin1');
      bytes[5] = little ? 1 : 2;
      bytes[little ? 18 : 19] = machine;
      return bytes;
    };
    expect([183, 62, 40].map((machine) => builtFor(header(machine)))).toEqual(['arm64', 'x86_64', 'ELF machine 40']);
    expect(builtFor(header(62, false))).toBe('x86_64');
    expect([Buffer.from('MZ'), Buffer.alloc(64), Buffer.alloc(0)].map(builtFor)).toEqual([null, null, null]);
  });

  it('is made when it is uploaded: the synthesis only names the command', () => {
    const { files } = JSON.parse(readFileSync(join(outdirOf('dev'), 'portolan-dev-service.assets.json'), 'utf8'));
    const made = Object.values<{ source: { executable?: string[] } }>(files).filter(({ source }) => source.executable);
    expect(made.map(({ source }) => source.executable)).toEqual([['node', 'infra/duckdbLayerZip.ts', 'arm64']]);
  });
});

describe('the code version', () => {
  it('covers what computes scores, not the command line or the templates', () => {
    const sources = functionSources().map((file) => `/${relative(PROJECT_ROOT, file).split(sep).join('/')}`);
    expect(sources.some((file) => file.includes('/lib/core/'))).toBe(true);
    expect(sources.some((file) => file.endsWith('/package-lock.json'))).toBe(true);
    expect(sources.filter((file) => /\/functions\/cli\/|\/infra\/|\/tests\/|\.md$/.test(file))).toEqual([]);
  });

  it('is one for all functions', () => {
    const told = new Set([...functions.values()].map(({ variables }) => variables.CODE_VERSION));
    expect([...told]).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
  });

  it('depends on paths and bytes, not on order', () => {
    const [a, b] = [join(PROJECT_ROOT, 'tsconfig.json'), join(PROJECT_ROOT, 'package.json')];
    expect(hashOf([a, b])).toBe(hashOf([b, a]));
    expect(hashOf([a, b])).not.toBe(hashOf([a]));
    expect(hashOf([a], 'prod')).not.toBe(hashOf([a], 'dev'));
  });
});

describe('bundling', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'portolan-bundles-'));
  afterAll(() => rmSync(elsewhere, { recursive: true }));

  it('makes the same bytes wherever the output goes', async () => {
    // the home's bundles are made for themselves, in another folder
    const there = join(await synth({ stage: 'local' }), 'functions');
    for (const file of FUNCTIONS.flatMap((name) => [join(name, 'main.mjs'), join(name, 'main.mjs.map')]))
      expect(readFileSync(join(outdirOf('functions'), file)).equals(readFileSync(join(there, file))), file).toBe(true);
  });

  it('names the entry that is missing', async () => {
    await expect(bundleFunctions(elsewhere, elsewhere)).rejects.toThrow(/main\.ts/);
  });
});
