// Runs in the process of one function: loads its handler, then answers invocations one at a time until its parent goes.
import { existsSync } from 'node:fs';
import { isBuiltin, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Invocation {
  readonly requestId: string;
  readonly payload: string;
  readonly deadline: number;
}

type Handler = (event: unknown, context: object) => unknown;

// a function outlives nobody: without its parent there is nothing left to do
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of a terminal; when functions end is for the home to say
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);

const {
  LAMBDA_TASK_ROOT: directory = '',
  _HANDLER: handlerName = '',
  LOCAL_HOME_MODULES: modules = '',
  LOCAL_HOME_LAYERS: layers = '',
  AWS_LAMBDA_FUNCTION_NAME: functionName = '',
  AWS_LAMBDA_FUNCTION_VERSION: functionVersion = '',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memory = '',
  LOCAL_HOME_CLOCK_AHEAD_MS: ahead = '0',
  LOCAL_HOME_FUNCTION_ARN: invokedFunctionArn = '',
} = process.env;

// a test may set the clock of a function; what is left of its time does not depend on it
const trueTime = Date.now;
if (Number(ahead) !== 0) {
  const TrueDate = Date;
  globalThis.Date = class extends TrueDate {
    constructor(...given: [] | ConstructorParameters<typeof TrueDate>) {
      if (given.length === 0) super(TrueDate.now() + Number(ahead));
      else super(...given);
    }
    static override now(): number {
      return TrueDate.now() + Number(ahead);
    }
  } as DateConstructor;
}

// In AWS a function finds what is in its bundle, in its layers and the SDK, and nothing that happens to be installed nearby.
registerHooks({
  resolve(specifier, context, next) {
    const bare = !/^(?:[./#]|file:|data:)/.test(specifier) && !isBuiltin(specifier);
    if (!bare || context.parentURL?.includes('/node_modules/')) return next(specifier, context);
    if (layers === '' && !/^@(?:aws-sdk|smithy)\//.test(specifier))
      throw new Error(`${functionName}: ${specifier} is not in the bundle, and the function has no layer`);
    return next(specifier, { ...context, parentURL: pathToFileURL(join(modules, 'layer.js')).href });
  },
});

// which variables the handler asks for: one that it lacks and one that nobody asks for are both mistakes of a template
const asked = new Set<string>();
process.env = new Proxy(process.env, {
  get(variables, name) {
    if (typeof name === 'string') asked.add(name);
    return Reflect.get(variables, name) as unknown;
  },
});
/** The variables that were asked for since the last time. */
function newlyAsked(): string[] {
  const names = [...asked];
  asked.clear();
  return names;
}

async function loadHandler(): Promise<Handler> {
  const dot = handlerName.lastIndexOf('.');
  const [file, name] = [handlerName.slice(0, dot), handlerName.slice(dot + 1)];
  const path = ['.mjs', '.js', '.cjs'].map((ending) => join(directory, file + ending)).find((path) => existsSync(path));
  if (!path) throw new Error(`Cannot find the module ${file} of the handler ${handlerName}`);
  const module = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const handler = module[name] ?? (module.default as Record<string, unknown> | undefined)?.[name];
  if (typeof handler !== 'function') throw new Error(`${handlerName} is undefined or not exported`);
  return handler as Handler;
}

const rendered = (error: unknown) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

const send = (message: object) => process.send?.(message);

try {
  const handler = await loadHandler();
  process.on('message', async ({ requestId, payload, deadline }: Invocation) => {
    const context = {
      functionName,
      functionVersion,
      invokedFunctionArn,
      memoryLimitInMB: memory,
      awsRequestId: requestId,
      logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - trueTime()),
    };
    try {
      const result = await handler(JSON.parse(payload), context);
      send({
        type: 'done',
        requestId,
        payload: JSON.stringify(result) ?? 'null',
        residentBytes: process.memoryUsage.rss(),
        variables: newlyAsked(),
      });
    } catch (error) {
      console.error(error);
      send({
        type: 'failed',
        requestId,
        error: rendered(error),
        residentBytes: process.memoryUsage.rss(),
        variables: newlyAsked(),
      });
    }
  });
  send({ type: 'ready' });
} catch (error) {
  console.error(error);
  send({ type: 'unusable', error: rendered(error) });
}
