import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { LAYER_PACKAGE } from './duckdbLayerContents.ts';
import { PROJECT_ROOT } from './sources.ts';

export const FUNCTIONS = [
  'ingest',
  'start',
  'reconcile',
  'plan',
  'complexity',
  'entry',
  'gravity',
  'score',
  'publish',
  'changes',
  'tabulate',
  'noise',
  'backtest',
  'fail',
  'api',
  'match',
  'due',
  'deliver',
  'feedback',
  'subscriptions',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Where each function's bundle lies: a folder with `main.mjs` and its source map. */
export type Bundles = Readonly<Record<FunctionName, string>>;

/**
 * An import of these becomes a require: of the layer's package, since Node looks for required modules in a Lambda layer, but not for imported ones; of `http`,
 * since importing it reads all that it exports, and with it loads the `fetch` of Node, which nothing here uses: a tenth of a start.
 */
const REQUIRED = [LAYER_PACKAGE, 'http', 'node:http'];

const requireInstead: Plugin = {
  name: 'require-instead',
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(?:${REQUIRED.join('|')})$`);
    onResolve({ filter }, ({ kind, path }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'required' },
    );
    onLoad({ filter, namespace: 'required' }, ({ path }) => ({ contents: `module.exports = require('${path}')` }));
  },
};

/**
 * Bundles every function in one pass: what they share is parsed once.
 *
 * @param outdir  one folder per function is written below it
 * @param folder  where `<name>/main.ts` are
 */
export async function bundleFunctions(outdir: string, folder = join(PROJECT_ROOT, 'functions')): Promise<Bundles> {
  // The bundles' own place enters the source maps: a fixed one, so that where the output goes does not change a byte.
  const place = join(PROJECT_ROOT, 'cdk.out', 'functions');
  const { outputFiles } = await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: FUNCTIONS.map((name) => ({ in: join(folder, name, 'main.ts'), out: `${name}/main` })),
    outdir: place,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    // Before anything else: numbers before speed (decisions/0132); and CommonJS packages inside an ES module still call require.
    banner: {
      js: "import{setFlagsFromString as __setFlags}from'node:v8';import{createRequire as __createRequire}from'node:module';__setFlags('--no-maglev-osr');const require=__createRequire(import.meta.url);",
    },
    plugins: [requireInstead],
    logLevel: 'error',
  });
  for (const { path, contents } of outputFiles) {
    const file = join(outdir, path.slice(place.length));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, contents);
  }
  return Object.fromEntries(FUNCTIONS.map((name) => [name, join(outdir, name)])) as Record<FunctionName, string>;
}
