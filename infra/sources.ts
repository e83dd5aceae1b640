import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

export const PROJECT_ROOT = join(import.meta.dirname, '..');

/**
 * The SHA-256 of a set of files: their paths relative to the project and their bytes, in path order, so that neither
 * where the project lies nor when a file was touched changes it.
 */
export function hashOf(files: readonly string[], salt = ''): string {
  const hash = createHash('sha256').update(salt);
  const named = files.map((file) => [relative(PROJECT_ROOT, file).split(sep).join('/'), file] as const);
  for (const [name, file] of named.sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`\n${name}\n`).update(createHash('sha256').update(readFileSync(file)).digest());
  }
  return hash.digest('hex');
}

/** The TypeScript and JSON files below a folder (of the project, unless its path is absolute). */
export function sourcesBelow(folder: string): string[] {
  return readdirSync(resolve(PROJECT_ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What the functions are made of: their sources, and the exact versions of what they import. */
export function functionSources(): string[] {
  const commandLine = join(PROJECT_ROOT, 'functions', 'cli') + sep;
  const sources = [...sourcesBelow('lib'), ...sourcesBelow('functions')];
  return [...sources.filter((file) => !file.startsWith(commandLine)), join(PROJECT_ROOT, 'package-lock.json')];
}

/** The version of the code that computes scores: part of every run id. */
export function codeVersion(): string {
  return hashOf(functionSources()).slice(0, 16);
}
