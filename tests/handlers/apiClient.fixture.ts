import { apiHandler } from '../../functions/api/handler.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import type { Opportunity } from '../../lib/app/opportunity.ts';
import type { ScoreCard } from '../../lib/app/scoreCard.ts';

/** The members of answers and problems that tests look at. */
export interface Body<Item = Opportunity> {
  items: Item[];
  next?: string;
  run: string;
  score: ScoreCard;
  status: number;
  detail: string;
  errors: { parameter: string; detail: string; allowed?: string[] }[];
  [member: string]: unknown;
}

/** A reply as a client reads it. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  text: string;
  json: <Item = Opportunity>() => Body<Item>;
}

/** The API on stores in memory, asked through events as API Gateway sends them. */
export function api({ corsOrigins = ['*'], codeVersion = 'code1' } = {}) {
  const catalog = memoryCatalog();
  const pages = memoryPageStore();
  const logged: { message: string; cause: Error }[] = [];
  let now = Date.parse('2026-03-01T12:00:00Z');
  const deps = {
    catalog,
    pages,
    clock: () => new Date(now),
    log: { error: (message: string, cause: Error) => void logged.push({ message, cause }) },
    codeVersion,
    corsOrigins,
  };
  const handler = apiHandler(deps);

  async function send(event: Record<string, unknown>): Promise<Reply> {
    const { statusCode, headers, body } = await handler(event, { awsRequestId: 'lambda-request' });
    return { status: statusCode, headers, text: body, json: () => JSON.parse(body) };
  }
  /** Asks for an address, as `curl` would. */
  function ask(
    url: string,
    { method = 'GET', headers = {} as Record<string, string>, stage = '' } = {},
  ): Promise<Reply> {
    const { pathname, searchParams } = new URL(url, 'https://example.org');
    const lists = Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]));
    const given = searchParams.size > 0;
    const path = stage !== '' && pathname.startsWith(stage) ? pathname.slice(stage.length) : pathname;
    return send({
      resource: '/{proxy+}',
      path,
      httpMethod: method,
      headers,
      multiValueHeaders: null,
      queryStringParameters: given ? Object.fromEntries(searchParams) : null,
      multiValueQueryStringParameters: given ? lists : null,
      pathParameters: { proxy: path.slice(1) },
      stageVariables: null,
      requestContext: { requestId: 'gateway-request', path: `${stage}${path}`, stage: stage.slice(1) },
      body: null,
      isBase64Encoded: false,
    });
  }
  return {
    ...deps,
    send,
    ask,
    logged,
    /** lets time pass, beyond what the pointer is believed */
    wait: (milliseconds = 1_000) => {
      now += milliseconds;
    },
  };
}
