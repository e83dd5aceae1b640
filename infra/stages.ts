import * as z from 'zod';

/** What differs between the places where the one application runs. Everything else is the same template. */
export const Stage = z.strictObject({
  /** data outlives its stack, and stacks refuse to be deleted */
  keepData: z.boolean(),
  logDays: z.union([z.literal(1), z.literal(7), z.literal(30), z.literal(90), z.literal(365)]),
  /** matrices of a run can be made again from its manifest; null keeps them */
  artifactDays: z.number().int().positive().nullable(),
  /** how long a burst of drops may gather before a run starts (SQS allows up to 900) */
  startDelaySeconds: z.number().int().min(0).max(900),
  /** files read at once, so that a hundred drops leave room for the API (Lambda knows no fewer than 2) */
  ingestConcurrency: z.number().int().min(2).max(1000),
  /** shards scored at once; each is one function instance */
  mapConcurrency: z.number().int().min(1).max(40),
  /** requests a second over the whole API, and the burst above it */
  apiRate: z.number().int().positive(),
  apiBurst: z.number().int().positive(),
  /** needs the account's own API Gateway logging role (decisions/0034) */
  accessLogs: z.boolean(),
  /** web pages that may read the API: '*' or origins like https://trade.example */
  corsOrigins: z.array(z.union([z.literal('*'), z.httpUrl()])).min(1),
  /** the address that alerts come from, of an identity that SES has verified; null: no e-mails are sent */
  mailFrom: z.email().nullable(),
  /** event buses of the account, by name, that alerts may go to */
  alertBuses: z.array(z.string().regex(/^[\w./-]{1,256}$/)),
  logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']),
  /** hold the templates against CloudFormation's schemas and the AWS Solutions rules while synthesising */
  nag: z.boolean(),
});
export type Stage = z.infer<typeof Stage>;

export const STAGES = {
  local: {
    keepData: false,
    logDays: 1,
    artifactDays: null,
    startDelaySeconds: 0,
    ingestConcurrency: 2,
    mapConcurrency: 2,
    apiRate: 1000,
    apiBurst: 2000,
    accessLogs: false,
    corsOrigins: ['*'],
    mailFrom: 'alerts@portolan.example',
    alertBuses: [],
    logLevel: 'INFO',
    nag: false,
  },
  dev: {
    keepData: false,
    logDays: 7,
    artifactDays: 30,
    startDelaySeconds: 5,
    ingestConcurrency: 4,
    mapConcurrency: 8,
    apiRate: 50,
    apiBurst: 100,
    accessLogs: false,
    corsOrigins: ['*'],
    mailFrom: null,
    alertBuses: [],
    logLevel: 'INFO',
    nag: true,
  },
  prod: {
    keepData: true,
    logDays: 365,
    artifactDays: 365,
    startDelaySeconds: 30,
    ingestConcurrency: 8,
    mapConcurrency: 16,
    apiRate: 200,
    apiBurst: 400,
    accessLogs: true,
    corsOrigins: ['*'],
    mailFrom: null,
    alertBuses: [],
    logLevel: 'INFO',
    nag: true,
  },
} as const satisfies Record<string, z.input<typeof Stage>>;

export type StageName = keyof typeof STAGES;

/** A stage name from outside, or an error that says which exist. */
export function stageName(name: string): StageName {
  if (Object.hasOwn(STAGES, name)) return name as StageName;
  throw new RangeError(`stage '${name}' is not known; choose one of ${Object.keys(STAGES).join(', ')}`);
}

/**
 * The settings of a stage, with what the operator changes on top (context `stages.<name>` in cdk.json).
 *
 * @throws RangeError that names each wrong setting and what is expected of it
 */
export function stageSettings(name: StageName, overrides: unknown = {}): Stage {
  if (typeof overrides !== 'object' || overrides === null || Array.isArray(overrides)) {
    throw new RangeError(`stage '${name}': the settings must be an object, not ${JSON.stringify(overrides)}`);
  }
  const parsed = Stage.safeParse({ ...STAGES[name], ...overrides });
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
  throw new RangeError(`stage '${name}' in cdk.json: ${wrong.join('; ')}`);
}
