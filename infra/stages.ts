import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { nearest } from './nearest.ts';
import { PROJECT_ROOT } from './sources.ts';

const amount = z.number().nonnegative();

/**
 * What differs between the places where the one application runs. Everything else is the same template. The description of a setting is
 * what an error message and an editor say about it.
 */
export const Stage = z.strictObject({
  keepData: z
    .boolean()
    .describe('true: data outlives its stack, and stacks refuse to be deleted; false: `destroy` takes all'),
  logDays: z
    .union([z.literal(1), z.literal(7), z.literal(30), z.literal(90), z.literal(365)])
    .describe('days that logs are kept: 1, 7, 30, 90 or 365'),
  artifactDays: z
    .number()
    .int()
    .positive()
    .nullable()
    .describe('days that matrices of a run are kept, which can be made again from its manifest; null keeps them'),
  startDelaySeconds: z
    .number()
    .int()
    .min(0)
    .max(900)
    .describe('seconds that a burst of drops may gather before a run starts, a whole number from 0 to 900'),
  ingestConcurrency: z
    .number()
    .int()
    .min(2)
    .max(1000)
    .describe('files read at once, a whole number from 2 (Lambda knows no fewer) to 1000'),
  mapConcurrency: z
    .number()
    .int()
    .min(1)
    .max(40)
    .describe('shards scored at once, each one function instance, a whole number from 1 to 40'),
  scoreMap: z
    .enum(['inline', 'distributed'])
    .describe(
      "'inline': shards are scored inside the execution; 'distributed': each in an execution of its own, for hundreds",
    ),
  apiRate: z.number().int().positive().describe('requests a second over the whole API, a whole number above 0'),
  apiBurst: z.number().int().positive().describe('requests at once above the rate, a whole number above 0'),
  reads: z
    .enum(['open', 'keyed'])
    .describe("'open': anybody may ask the API; 'keyed': only requests with a key in the header x-api-key"),
  keyRequestsPerDay: z.number().int().positive().describe('requests a day of one key, a whole number above 0'),
  waf: z.boolean().describe('true: a web ACL stands before the API (from 9 USD a month); false: the throttle alone'),
  accessLogs: z
    .boolean()
    .describe("true: the API logs each request, which needs the account's own API Gateway logging role; or false"),
  corsOrigins: z
    .array(z.union([z.literal('*'), z.httpUrl()]))
    .min(1)
    .describe("web pages that may read the API: '*' or origins like https://trade.example"),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .nullable()
    .describe("where it is deployed, like 'eu-central-1'; null: where the credentials of the shell lead"),
  domain: z
    .strictObject({
      name: z.string().regex(/^(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+$/),
      certificateArn: z.string().regex(/^arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/),
    })
    .nullable()
    .describe(
      "{ name, certificateArn } of an own domain for the API, like 'api.trade.example' with a certificate of ACM in the same region; or null",
    ),
  mailFrom: z
    .email()
    .nullable()
    .describe(
      'the e-mail address that alerts come from, of an identity that SES has verified; null: no e-mails are sent',
    ),
  alertBuses: z
    .array(z.string().regex(/^[\w./-]{1,256}$/))
    .describe('event buses of the account, by name, that alerts may go to'),
  alarmsTo: z
    .email()
    .nullable()
    .describe(
      'the e-mail address that alarms go to (AWS asks it to confirm); null: alarms are on the default event bus only',
    ),
  budgetUsd: z
    .number()
    .positive()
    .nullable()
    .describe('USD a month from which alarmsTo hears about costs, above 0; null: no budget'),
  staleAfterDays: z
    .number()
    .int()
    .min(1)
    .max(3650)
    .describe('days after which published scores count as too old, a whole number from 1 to 3650'),
  network: z
    .strictObject({
      subnetIds: z.array(z.string().regex(/^subnet-[0-9a-f]+$/)).min(2),
      securityGroupIds: z.array(z.string().regex(/^sg-[0-9a-f]+$/)).min(1),
    })
    .nullable()
    .describe(
      '{ subnetIds, securityGroupIds } of a VPC that functions run in, at least two subnets, with ways to the AWS services; null: no VPC',
    ),
  architecture: z.enum(['arm64', 'x86_64']).describe("processor of the functions: 'arm64' or 'x86_64'"),
  tracing: z.boolean().describe('true: X-Ray follows requests and runs; or false'),
  universe: z
    .strictObject({ minimumExportsUsd: amount, minimumTradeUsd: amount, floorUsd: amount })
    .describe(
      '{ minimumExportsUsd, minimumTradeUsd, floorUsd }: exporters and products that take part in ECI and PCI, and the unrealised value from which a cell is an opportunity; USD, 0 or more',
    ),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).describe("'DEBUG', 'INFO', 'WARN' or 'ERROR'"),
  nag: z
    .boolean()
    .describe(
      'true: templates are held against CloudFormation schemas and security rules while synthesising; or false',
    ),
});
export type Stage = z.infer<typeof Stage>;

/** The same defaults as lib/app/settings.ts, which a test holds. */
const UNIVERSE = { minimumExportsUsd: 1e9, minimumTradeUsd: 1e7, floorUsd: 10_000 };

const COMMON = {
  scoreMap: 'inline',
  reads: 'open',
  keyRequestsPerDay: 10_000,
  waf: false,
  accessLogs: false,
  corsOrigins: ['*'],
  region: null,
  domain: null,
  mailFrom: null,
  alertBuses: [],
  alarmsTo: null,
  budgetUsd: null,
  network: null,
  architecture: 'arm64',
  tracing: true,
  universe: UNIVERSE,
  logLevel: 'INFO',
  nag: true,
} as const satisfies Partial<z.input<typeof Stage>>;

export const STAGES = {
  local: {
    ...COMMON,
    keepData: false,
    logDays: 1,
    artifactDays: null,
    startDelaySeconds: 0,
    ingestConcurrency: 2,
    mapConcurrency: 2,
    apiRate: 1000,
    apiBurst: 2000,
    mailFrom: 'alerts@portolan.example',
    staleAfterDays: 3650,
    tracing: false,
    nag: false,
  },
  dev: {
    ...COMMON,
    keepData: false,
    logDays: 7,
    artifactDays: 30,
    startDelaySeconds: 5,
    ingestConcurrency: 4,
    mapConcurrency: 8,
    apiRate: 50,
    apiBurst: 100,
    staleAfterDays: 365,
  },
  prod: {
    ...COMMON,
    keepData: true,
    logDays: 365,
    artifactDays: 365,
    startDelaySeconds: 30,
    ingestConcurrency: 8,
    mapConcurrency: 16,
    apiRate: 200,
    apiBurst: 400,
    accessLogs: true,
    staleAfterDays: 100,
  },
} as const satisfies Record<string, z.input<typeof Stage>>;

export type StageName = keyof typeof STAGES;

/** A stage name from outside, or an error that says which exist. */
export function stageName(name: string): StageName {
  if (Object.hasOwn(STAGES, name)) return name as StageName;
  throw new RangeError(`stage '${name}' is not known; choose one of ${Object.keys(STAGES).join(', ')}`);
}

/** Where the operator says what is different in a stage, as in error messages. */
export const settingsFile = (name: StageName) => `infra/settings/${name}.json`;

/**
 * The settings of a stage: its defaults, with what its settings file changes on top.
 *
 * @throws RangeError that names the file and each wrong setting, its value, and what is expected of it
 */
export function settingsOf(name: StageName, root = PROJECT_ROOT): Stage {
  const path = join(root, settingsFile(name));
  if (!existsSync(path)) return stageSettings(name);
  const text = readFileSync(path, 'utf8');
  try {
    JSON.parse(text);
  } catch (error) {
    throw new RangeError(`${settingsFile(name)} is not JSON: ${(error as Error).message}`, { cause: error });
  }
  return stageSettings(name, JSON.parse(text));
}

/** The settings of a stage with changes on top; see settingsOf. */
export function stageSettings(name: StageName, changes: unknown = {}): Stage {
  const file = settingsFile(name);
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) {
    throw new RangeError(`${file}: the settings must be an object, not ${JSON.stringify(changes)}`);
  }
  const { $schema: _, ...changed } = changes as Record<string, unknown>;
  const parsed = Stage.safeParse({ ...STAGES[name], ...changed });
  const wrong = parsed.success ? together(parsed.data) : parsed.error.issues.flatMap((issue) => told(issue, changed));
  if (wrong.length > 0) throw new RangeError([...new Set(wrong)].map((line) => `${file}: ${line}`).join('\n'));
  return parsed.data as Stage;
}

/** What one setting asks of another. */
function together({ budgetUsd, alarmsTo, apiBurst, apiRate }: Stage): string[] {
  return [
    ...(budgetUsd !== null && alarmsTo === null
      ? [`budgetUsd is ${budgetUsd}, but nobody would hear of it; expected an address in alarmsTo`]
      : []),
    ...(apiBurst < apiRate ? [`apiBurst is ${apiBurst}; expected at least apiRate, ${apiRate}`] : []),
  ];
}

/** One mistake in words: the setting, the value, what was expected, and the nearest name where the name is the mistake. */
function told(issue: z.core.$ZodIssue, changed: Record<string, unknown>): string[] {
  const [setting] = issue.path as (keyof Stage)[];
  if (issue.code === 'unrecognized_keys') {
    const place = setting === undefined ? '' : ` in ${setting}`;
    const known = setting === undefined ? Object.keys(Stage.shape) : fieldsOf(setting);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return `there is no setting ${key}${place}; ${near === null ? `there are ${known.join(', ')}` : `did you mean ${near}?`}`;
    });
  }
  if (setting === undefined) return [issue.message];
  const value = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)?.[key], changed);
  const given = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  return [`${issue.path.join('.')} ${given}; expected ${Stage.shape[setting].description}`];
}

/** The names inside a setting that is an object, which may be null. */
function fieldsOf(setting: keyof Stage): string[] {
  const schema: unknown = Stage.shape[setting];
  const inner = schema instanceof z.ZodNullable ? schema.unwrap() : schema;
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** What an editor needs to know about a settings file. */
export const settingsSchema = () =>
  z.toJSONSchema(Stage.partial().extend({ $schema: z.string().optional() }), { io: 'input' });
