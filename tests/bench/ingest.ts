import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/**
 * From a file on this disk to Parquet, packed columns and manifest, in a fresh process: `node tests/bench/ingest.ts FILE`. Without a
 * file, both big ones of ../shared, one process each. Prints seconds since the process began, and its peak memory.
 */
const SHARED = join(import.meta.dirname, '../../../shared/data/flows');
const FILES = ['world_hs4_2017.csv.gz', 'baci_shaped_hs17_y2017.csv.gz'].map((name) => join(SHARED, name));

async function measure(path: string): Promise<void> {
  const laps: string[] = [];
  const lap = (name: string) => laps.push(`${name} ${(performance.now() / 1000).toFixed(2)}`);
  const [{ dropReader }, { ISO_COUNTRIES }, { countryCodes }, { hsRevision }] = await Promise.all([
    import('../../lib/adapters/files/dropReader.ts'),
    import('../../lib/adapters/files/isoCountries.ts'),
    import('../../lib/core/trade/countryCodes.ts'),
    import('../../lib/core/trade/productCodes.ts'),
  ]);
  lap('imported');
  const folder = await mkdtemp(join(tmpdir(), 'portolan-bench-'));
  try {
    for await (const file of dropReader.files(path, folder)) {
      const readable = await file.unpack();
      lap('unpacked');
      const contents = await readable.read({
        countries: countryCodes(ISO_COUNTRIES),
        hsRevision: hsRevision(path),
        fileName: path,
      });
      lap('stored');
      const peak = process.resourceUsage().maxRSS / 1024;
      const { user, system } = process.cpuUsage();
      console.log(
        `${basename(path)}: ${contents.rowsStored} rows; seconds: ${laps.join(', ')}; processor ${((user + system) / 1e6).toFixed(2)} s; peak ${peak.toFixed(0)} MB`,
      );
      for (const { parquetPath, columnsPath, contentHash } of contents.kind === 'flows' ? contents.years : []) {
        const [parquet, columns] = await Promise.all([stat(parquetPath), stat(columnsPath)]);
        const megabytes = ({ size }: { size: number }) => `${(size / 1e6).toFixed(1)} MB`;
        console.log(`  Parquet ${megabytes(parquet)}, columns ${megabytes(columns)} ${contentHash.slice(0, 16)}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

const [path] = process.argv.slice(2);
if (path) await measure(path);
else {
  const { spawnSync } = await import('node:child_process');
  for (const file of FILES) {
    if (!existsSync(file)) console.log(`${file} is absent: not measured`);
    else spawnSync(process.execPath, [import.meta.filename, file], { stdio: 'inherit' });
  }
}
