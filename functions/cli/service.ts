import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { Catalog } from '../../lib/ports/catalog.ts';
import { Stop } from './command.ts';

/** How another process finds a running service: what `portolan start` writes below its state folder while it lives. */
const Service = z.object({
  pid: z.number().int(),
  /** the API, for anybody on this machine */
  apiUrl: z.url(),
  /** the AWS endpoints of the local home, and an operator's credentials there */
  endpoint: z.url(),
  region: z.string(),
  credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  dropsBucket: z.string(),
  tableName: z.string(),
  /** of the functions that run, which decides what a run is called */
  codeVersion: z.string(),
  /** where this command line may ask for a function to be run, and the word that lets it */
  control: z.object({ url: z.url(), token: z.string() }),
});
export type Service = z.infer<typeof Service>;

export const DEFAULT_STATE = '.portolan';
const fileOf = (state: string) => join(resolve(state), 'service.json');

/** Only this user may read it: it holds the credentials of the local home. */
export async function announce(state: string, service: Service): Promise<void> {
  await mkdir(resolve(state), { recursive: true });
  await writeFile(fileOf(state), JSON.stringify(service, null, 2), { mode: 0o600 });
}

export async function withdraw(state: string): Promise<void> {
  await rm(fileOf(state), { force: true });
}

/** The service that runs on this state, or null. What a killed one left behind does not count. */
export async function runningService(state: string): Promise<Service | null> {
  let written: string;
  try {
    written = await readFile(fileOf(state), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const parsed = Service.safeParse(unwritten(written));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null;
}

/** The running service, or a message that says how to start one. */
export async function requiredService(state: string): Promise<Service> {
  const service = await runningService(state);
  if (service) return service;
  throw new Stop(`no service is running on ${resolve(state)}; start one with npm start`);
}

/** The catalog of a service, read with an operator's credentials. */
export async function catalogOf(service: Omit<Service, 'pid' | 'control'>): Promise<Catalog> {
  const [{ DynamoDBClient }, { dynamoCatalog }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('../../lib/adapters/aws/dynamoCatalog.ts'),
  ]);
  const { endpoint, region, credentials, tableName } = service;
  return dynamoCatalog(tableName, new DynamoDBClient({ endpoint, region, credentials }));
}

/** JSON, or undefined when the file was cut short. */
function unwritten(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
