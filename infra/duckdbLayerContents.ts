import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './sources.ts';

/** The native module that bundles leave out. */
export const LAYER_PACKAGE = '@duckdb/node-api';

/** Where the functions run. */
export const LAYER_TARGET = { os: 'linux', cpu: 'arm64', libc: 'glibc' } as const;

/** What the module needs there: its own parts, and the binary for that platform and no other. */
export const LAYER_PACKAGES = [
  LAYER_PACKAGE,
  '@duckdb/node-bindings',
  `@duckdb/node-bindings-${LAYER_TARGET.os}-${LAYER_TARGET.cpu}`,
  'detect-libc',
] as const;

/** Their entries in the lock file: version and integrity. */
export function lockedPackages(): Record<string, { version: string; integrity: string }> {
  const { packages } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package-lock.json'), 'utf8'));
  return Object.fromEntries(
    LAYER_PACKAGES.map((name) => {
      const entry = packages[`node_modules/${name}`];
      if (!entry?.integrity) throw new RangeError(`package-lock.json: ${name} is missing or has no integrity`);
      // The other platforms' binaries are not in the layer.
      const { optionalDependencies: _, ...locked } = entry;
      return [`node_modules/${name}`, locked];
    }),
  );
}
