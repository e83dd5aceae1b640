import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The direction of imports (lib/README.md, code map), held by a table: layer → what its files may import. A layer is the longest
 * matching prefix. `node:` stands for Node's own modules, a bare name for a package.
 */
const LAYERS: Record<string, readonly string[]> = {
  'lib/core/': ['lib/core/'],
  'lib/ports/': ['lib/core/', 'lib/ports/', 'lib/app/records.ts'],
  'lib/app/': ['lib/core/', 'lib/ports/', 'lib/app/', 'node:crypto', 'zod'],
  'lib/adapters/memory/': ['lib/core/', 'lib/ports/', 'lib/app/records.ts', 'lib/adapters/memory/', 'node:'],
  'lib/adapters/aws/': [
    'lib/core/',
    'lib/ports/',
    'lib/app/records.ts',
    'lib/adapters/aws/',
    'node:',
    '@aws-sdk/',
    'zod',
  ],
  'lib/adapters/http/': ['lib/core/', 'lib/ports/', 'lib/adapters/http/', 'node:'],
  'lib/adapters/files/': [
    'lib/core/',
    'lib/ports/',
    'lib/app/',
    'lib/adapters/files/',
    'node:',
    '@duckdb/',
    'yauzl',
    'world-countries',
  ],
  'functions/': [
    'lib/',
    'functions/',
    'node:',
    '@middy/',
    'zod',
    '@aws-lambda-powertools/',
    '@types/aws-lambda',
    'aws-lambda',
    'fastest-levenshtein',
    'world-countries',
  ],
  'functions/cli/': [
    'lib/',
    'functions/',
    'infra/',
    'events/',
    'node:',
    '@aws-sdk/',
    'world-countries',
    'zod',
    '@duckdb/',
    'fastest-levenshtein',
  ],
  'infra/': ['infra/', 'node:', 'aws-cdk-lib', 'constructs', 'cdk-nag', 'esbuild', 'zod', 'fastest-levenshtein'],
  'infra/duckdbLayerZip.ts': ['infra/', 'node:', 'yazl'],
  'infra/local/': ['infra/local/', 'node:', 'esbuild'],
};

/** Handlers are thin: only a composition root (`main.ts`) or the command line may choose an adapter. */
const ONLY_MAIN = /^lib\/adapters\//;

const root = resolve(import.meta.dirname, '../..');
const files = ['lib', 'functions', 'infra'].flatMap((top) =>
  readdirSync(join(root, top), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);

const layerOf = (file: string) =>
  Object.keys(LAYERS)
    .filter((layer) => file.startsWith(layer))
    .sort((a, b) => b.length - a.length)[0];

/** What a file imports: project files as paths from the root, packages by name. */
function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8');
  const specifiers = [
    ...source.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g,
    ),
  ];
  return specifiers
    .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
    .map((specifier) =>
      specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
    );
}

const breaches = (file: string, imported: readonly string[]) => {
  const layer = layerOf(file);
  if (!layer) return [`${file} belongs to no layer`];
  const allowed = LAYERS[layer] ?? [];
  return imported
    .filter(
      (name) =>
        !allowed.some((prefix) => name.startsWith(prefix)) ||
        (ONLY_MAIN.test(name) && layer === 'functions/' && !file.endsWith('/main.ts')),
    )
    .map((name) => `${file} imports ${name}`);
};

describe('direction of imports', () => {
  it('every file imports only what its layer may', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((file) => breaches(file, importsOf(file)))).toEqual([]);
  });

  it('names the breach when core imports an SDK and when a handler picks an adapter', () => {
    expect(breaches('lib/core/bad.ts', ['@aws-sdk/client-s3'])).toEqual(['lib/core/bad.ts imports @aws-sdk/client-s3']);
    expect(breaches('functions/api/handler.ts', ['lib/adapters/memory/memoryCatalog.ts'])).toHaveLength(1);
    expect(breaches('functions/api/main.ts', ['lib/adapters/memory/memoryCatalog.ts'])).toEqual([]);
  });

  it('core reads no clock, environment, randomness or console', () => {
    const forbidden = /\bDate\.now\b|\bnew Date\b|\bprocess\.|\bMath\.random\b|\bconsole\.|\bperformance\.now\b/;
    const found = files
      .filter((file) => file.startsWith('lib/core/'))
      .flatMap((file) =>
        readFileSync(join(root, file), 'utf8')
          .split('\n')
          .flatMap((line, at) =>
            forbidden.test(line) && !/^\s*(\*|\/\/)/.test(line) ? [`${file}:${at + 1} ${line.trim()}`] : [],
          ),
      );
    expect(found).toEqual([]);
  });
});
