import { execFileSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { builtFor, CPUS, layerPackages, lockedPackages, type Processor } from './duckdbLayerContents.ts';

/**
 * Makes the zip of the DuckDB layer for the processor that is its operand, and prints its path; `cdk deploy` calls it when the layer has to be uploaded.
 * Installs the locked packages, integrity checked, for the platform of the functions instead of this machine's.
 */
const [, , processor = ''] = process.argv;
if (!Object.hasOwn(CPUS, processor))
  throw new RangeError(`processor '${processor}' is not known; there are ${Object.keys(CPUS).join(', ')}`);
const target = processor as Processor;
const cpu = CPUS[target];
const wanted = layerPackages(target);

const folder = mkdtempSync(join(tmpdir(), 'portolan-layer-'));
const nodejs = join(folder, 'nodejs');
mkdirSync(nodejs);

const packages = lockedPackages(target);
const version = (name: string) => packages[`node_modules/${name}`]?.version;
const manifest = {
  name: 'duckdb-layer',
  version: '1.0.0',
  // npm chooses by --os and --cpu among optional packages only.
  optionalDependencies: Object.fromEntries(wanted.map((name) => [name, version(name)])),
};
const lock = { ...manifest, lockfileVersion: 3, requires: true, packages: { '': manifest, ...packages } };
writeFileSync(join(nodejs, 'package.json'), JSON.stringify(manifest));
writeFileSync(join(nodejs, 'package-lock.json'), JSON.stringify(lock));
execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--os=linux', `--cpu=${cpu}`, '--libc=glibc'], {
  cwd: nodejs,
  stdio: ['ignore', 'ignore', 'inherit'],
});

// An optional package that cannot be had is no error to npm.
const missing = wanted.filter((name) => !existsSync(join(nodejs, 'node_modules', name)));
if (missing.length > 0) throw new Error(`the registry did not give ${missing.join(', ')} for linux on ${cpu}`);

// What the packages hold is looked at, not only what they are called.
const libraries = globSync('**/*.{node,so}', { cwd: nodejs });
if (libraries.length === 0) throw new Error('the packages hold no library for Linux');
for (const library of libraries) {
  const found = builtFor(readFileSync(join(nodejs, library)));
  if (found !== target) throw new Error(`${library} is ${found ?? 'no ELF file'}, expected ${target}`);
}

// A fixed order and time: the same packages make the same bytes.
const zip = new yazl.ZipFile();
const files = globSync('nodejs/node_modules/**', { cwd: folder, withFileTypes: true }).filter((entry) =>
  entry.isFile(),
);
const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
for (const path of paths) zip.addFile(path, path.slice(folder.length + 1), { mtime: new Date(0), mode: 0o100644 });
zip.end();
const out = join(folder, 'layer.zip');
await pipeline(zip.outputStream, createWriteStream(out));
// The zip stays for whoever asked for it.
rmSync(nodejs, { recursive: true });
process.stdout.write(out);
