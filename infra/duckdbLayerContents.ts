import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './sources.ts';

/** The native module that bundles leave out. */
export const LAYER_PACKAGE = '@duckdb/node-api';

/** The processors that functions can run on, in the words of Lambda and of npm. */
export const CPUS = { arm64: 'arm64', x86_64: 'x64' } as const;
export type Processor = keyof typeof CPUS;

/** What the module needs there: its own parts, and the binary for that platform and no other. */
export const layerPackages = (processor: Processor) => [
  LAYER_PACKAGE,
  '@duckdb/node-bindings',
  `@duckdb/node-bindings-linux-${CPUS[processor]}`,
  'detect-libc',
];

/** The processor that a shared library for Linux was built for, or what else it says of itself; null: not such a file. */
export function builtFor(library: Uint8Array): string | null {
  const { buffer, byteOffset, byteLength } = library;
  if (byteLength < 20 || Buffer.from(buffer, byteOffset, 4).toString('latin1') !== '\x7fELF') return null;
  // e_machine of the ELF header, in the byte order that the header names
  const machine = new DataView(buffer, byteOffset).getUint16(18, library[5] === 1);
  return { 183: 'arm64', 62: 'x86_64' }[machine] ?? `ELF machine ${machine}`;
}

/** Their entries in the lock file: version and integrity. */
export function lockedPackages(processor: Processor): Record<string, { version: string; integrity: string }> {
  const { packages } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package-lock.json'), 'utf8'));
  return Object.fromEntries(
    layerPackages(processor).map((name) => {
      const entry = packages[`node_modules/${name}`];
      if (!entry?.integrity) throw new RangeError(`package-lock.json: ${name} is missing or has no integrity`);
      // The other platforms' binaries are not in the layer.
      const { optionalDependencies: _, ...locked } = entry;
      return [`node_modules/${name}`, locked];
    }),
  );
}
