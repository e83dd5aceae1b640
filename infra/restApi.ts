import { RemovalPolicy, Size, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { ROUTES } from './routes.ts';
import type { House, ServiceFunction } from './serviceFunction.ts';

/** What API Gateway answers by itself, before the function is asked: the same problem+json as everything else. */
const PROBLEMS: readonly { type: ResponseType; status: number; code: string; title: string }[] = [
  // An unknown path. API Gateway takes it for a request that forgot to sign itself.
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 404,
    code: 'route.unknown',
    title: 'No such route; /v1/openapi.json lists them',
  },
  { type: ResponseType.ACCESS_DENIED, status: 403, code: 'access.denied', title: 'Access denied' },
  { type: ResponseType.REQUEST_TOO_LARGE, status: 413, code: 'request.tooLarge', title: 'The request is too large' },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    code: 'rate.exceeded',
    title: 'Too many requests; wait a second and repeat',
  },
  { type: ResponseType.QUOTA_EXCEEDED, status: 429, code: 'quota.exceeded', title: 'The quota is used up' },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    status: 504,
    code: 'service.timeout',
    title: 'The service did not answer in time',
  },
];

/** The front door: every route of the table, answered by one function. */
export function restApi(scope: Construct, house: House, api: ServiceFunction): RestApi {
  const { settings } = house;
  const accessLog = settings.accessLogs
    ? new LogGroup(scope, 'AccessLogs', {
        retention: settings.logDays,
        removalPolicy: settings.keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      })
    : null;
  const made = new RestApi(scope, 'RestApi', {
    description: `Portolan ${house.stage}`,
    endpointTypes: [EndpointType.REGIONAL],
    cloudWatchRole: false,
    minCompressionSize: Size.kibibytes(1),
    deployOptions: {
      stageName: 'api',
      throttlingRateLimit: settings.apiRate,
      throttlingBurstLimit: settings.apiBurst,
      metricsEnabled: true,
      loggingLevel: MethodLoggingLevel.OFF,
      ...(accessLog === null
        ? {}
        : {
            accessLogDestination: new LogGroupLogDestination(accessLog),
            accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
          }),
    },
  });

  Validations.of(made).acknowledge(
    { id: 'AwsSolutions-APIG2', reason: 'The function validates every request and names what is wrong with it.' },
    {
      id: 'AwsSolutions-APIG3',
      reason: 'Public statistics behind a throttle; a web ACL costs more than an idle service.',
    },
    { id: 'AwsSolutions-APIG4', reason: 'Reading is open to everybody, by purpose; nothing can be changed here.' },
    { id: 'AwsSolutions-COG4', reason: 'Reading is open to everybody, by purpose; nothing can be changed here.' },
    {
      id: 'AwsSolutions-APIG6',
      reason: 'The function logs each request; what API Gateway would add is its own internals.',
    },
  );
  if (accessLog === null) {
    Validations.of(made).acknowledge({
      id: 'AwsSolutions-APIG1',
      reason: 'This stage does without access logs: they need a role that belongs to the account (decisions/0034).',
    });
  }

  const integration = new LambdaIntegration(api.lambda, { scopePermissionToMethod: false });
  for (const route of ROUTES) {
    const resource = made.root.resourceForPath(route);
    resource.addMethod('GET', integration);
    resource.addCorsPreflight({
      allowOrigins: [...settings.corsOrigins],
      allowMethods: ['GET'],
      allowHeaders: ['accept', 'if-none-match'],
    });
  }

  const origin = settings.corsOrigins.length === 1 ? `'${settings.corsOrigins[0]}'` : undefined;
  const problem = (id: string, type: ResponseType, status: string | undefined, body: object) =>
    made.addGatewayResponse(id, {
      type,
      ...(status === undefined ? {} : { statusCode: status }),
      responseHeaders: {
        'content-type': "'application/problem+json'",
        ...(origin === undefined ? {} : { 'access-control-allow-origin': origin }),
      },
      templates: { 'application/json': JSON.stringify(body) },
    });
  for (const { type, status, code, title } of PROBLEMS) {
    problem(`${code}`, type, String(status), {
      type: 'about:blank',
      title,
      status,
      code,
      requestId: '$context.requestId',
    });
  }
  for (const [id, type, title] of [
    ['Other4xx', ResponseType.DEFAULT_4XX, 'The request was refused'],
    ['Other5xx', ResponseType.DEFAULT_5XX, 'The service failed'],
  ] as const) {
    problem(id, type, undefined, { type: 'about:blank', title, requestId: '$context.requestId' });
  }
  return made;
}
