import { describe, expect, it } from 'vitest';
import { nearest } from '../../functions/api/nearest.ts';
import { routes } from '../../functions/api/routes.ts';
import { operations } from '../../functions/subscriptions/operations.ts';
import { ROUTES, SUBSCRIPTION_ROUTES } from '../../infra/routes.ts';
import { stageSettings } from '../../infra/stages.ts';
import { memoryCatalog } from '../../lib/adapters/memory/memoryCatalog.ts';
import { memoryPageStore } from '../../lib/adapters/memory/memoryPageStore.ts';
import { publishedScores } from '../../lib/app/layout/publishedScores.ts';
import { templates } from './templates.ts';

const { ofType, target, text, functions, byId } = templates('dev');

/** '/v1/runs/{run}' of a resource id */
function pathOf(id: string): string {
  const { PathPart, ParentId } = byId(id).Properties;
  const parent = target(ParentId);
  return `${parent && byId(parent).Type === 'AWS::ApiGateway::Resource' ? pathOf(parent) : ''}/${PathPart}`;
}
const methods = ofType('AWS::ApiGateway::Method').map(({ Properties }) => ({
  ...Properties,
  path: pathOf(target(Properties.ResourceId) ?? ''),
}));

it('every route goes to its function, whatever the method, and no other exists', () => {
  expect(methods.map(({ path, HttpMethod }) => `${HttpMethod} ${path}`).sort()).toEqual(
    [...ROUTES, ...SUBSCRIPTION_ROUTES].map((route) => `ANY ${route}`).sort(),
  );
  for (const { path, Integration } of methods) {
    const owner = functions.get(path.startsWith('/v1/subscriptions') ? 'subscriptions' : 'api')?.id;
    expect(Integration.Type, path).toBe('AWS_PROXY');
    expect(text(Integration.Uri), path).toContain(`functions/<${owner}.Arn>/invocations`);
  }
});

it('the routes of subscriptions are those of which something can be done', () => {
  expect([...new Set(operations.map(({ path }) => path))].sort()).toEqual([...SUBSCRIPTION_ROUTES].sort());
});

it('the routes are those that the function describes', () => {
  const deps = { catalog: memoryCatalog(), pages: memoryPageStore(), clock: () => new Date(0) };
  const described = routes({ ...deps, scores: publishedScores(deps), nearest });
  expect([...described.map(({ path }) => path), '/v1/openapi.json'].sort()).toEqual([...ROUTES].sort());
});

it.each(['api', 'subscriptions'])('the gateway may call the function %s for this API only', (name) => {
  const permissions = ofType('AWS::Lambda::Permission').filter(
    ({ Properties }) => target(Properties.FunctionName) === functions.get(name)?.id,
  );
  expect(permissions).toHaveLength(1);
  expect(permissions[0]?.Properties.Principal).toBe('apigateway.amazonaws.com');
  expect(text(permissions[0]?.Properties.SourceArn)).toContain(`:<${ofType('AWS::ApiGateway::RestApi')[0]?.id}>/`);
});

it('pages of other origins may read what the stage says', () => {
  const variables = (stage: string) => templates(stage).functions.get('api')?.variables;
  for (const stage of ['local', 'dev', 'prod'] as const) {
    expect(variables(stage)?.CORS_ORIGINS).toBe(stageSettings(stage).corsOrigins.join(','));
  }
});

describe('an answer of the gateway itself', () => {
  const answers = ofType('AWS::ApiGateway::GatewayResponse').map(({ Properties }) => Properties);

  it.each(answers.map((answer) => [answer.ResponseType, answer] as const))('%s is problem+json', (_, answer) => {
    expect(answer.ResponseParameters['gatewayresponse.header.content-type']).toBe("'application/problem+json'");
    // The gateway only replaces $context variables; with one in place the body has to be JSON.
    const body = JSON.parse(answer.ResponseTemplates['application/json'].replaceAll('$context.requestId', 'a-b-c'));
    expect(body).toMatchObject({ type: expect.stringMatching(/^\/problems\//), requestId: 'a-b-c' });
    expect(Object.keys(body)).toEqual(expect.arrayContaining(['title', 'detail']));
    expect(String(body.status)).toBe(String(answer.StatusCode));
  });

  it.each([
    ['MISSING_AUTHENTICATION_TOKEN', '404'],
    ['ACCESS_DENIED', '403'],
    ['REQUEST_TOO_LARGE', '413'],
    ['THROTTLED', '429'],
    ['INTEGRATION_TIMEOUT', '504'],
    ['DEFAULT_4XX', undefined],
    ['DEFAULT_5XX', undefined],
  ])('%s has status %s', (type, status) => {
    const answer = answers.find(({ ResponseType }) => ResponseType === type);
    expect([type, answer?.StatusCode]).toEqual([type, status]);
  });
});

it('answers are compressed, and bodies are text', () => {
  const { MinimumCompressionSize, BinaryMediaTypes } = ofType('AWS::ApiGateway::RestApi')[0]?.Properties ?? {};
  expect(MinimumCompressionSize).toBe(1024);
  expect(BinaryMediaTypes).toBeUndefined();
});

describe.each(['local', 'dev', 'prod'] as const)('the %s stage of the API', (name) => {
  const { Properties } = templates(name).ofType('AWS::ApiGateway::Stage')[0] ?? { Properties: {} };
  const { apiRate, apiBurst, accessLogs } = stageSettings(name);

  it('lets through as much as its settings say', () => {
    const whole = Properties.MethodSettings.find(
      ({ ResourcePath, HttpMethod }: Record<string, string>) => ResourcePath === '/*' && HttpMethod === '*',
    );
    expect(whole).toMatchObject({ ThrottlingRateLimit: apiRate, ThrottlingBurstLimit: apiBurst });
  });

  it('logs what was asked and not who asked, where it logs', () => {
    expect(Properties.AccessLogSetting !== undefined).toBe(accessLogs);
    if (!accessLogs) return;
    const line = JSON.parse(Properties.AccessLogSetting.Format);
    expect(Object.values(line)).toContain('$context.status');
    expect(JSON.stringify(line)).not.toMatch(/identity|sourceIp|userAgent|caller/);
  });
});
