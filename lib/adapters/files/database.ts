import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/**
 * An empty DuckDB in memory, spilling into `folder`, closed when `use` has ended. Nothing is fetched: no extensions, no home directory.
 *
 * The planner takes a text file for small and would build its hash tables over it (909 MB for 6.2 million rows instead of 229): the two
 * optimisers that choose sides are off, and a join's small side is written on the right.
 */
export async function withDatabase<T>(folder: string, use: (db: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '1GB',
    temp_directory: folder,
    home_directory: folder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    disabled_optimizers: 'join_order,build_side_probe_side',
  });
  try {
    return await use(await instance.connect());
  } finally {
    instance.closeSync();
  }
}

/** The rows of a query as objects of plain JavaScript values, for results that are small. */
export async function rows<Row>(db: DuckDBConnection, sql: string): Promise<Row[]> {
  return (await db.runAndReadAll(sql)).getRowObjectsJS() as Row[];
}

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A name as an SQL identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
