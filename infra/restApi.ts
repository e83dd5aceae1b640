import { RemovalPolicy, Size, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  RestApi,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { gatewayProblems } from './gatewayProblems.ts';
import { ROUTES } from './routes.ts';
import type { House, ServiceFunction } from './serviceFunction.ts';

/** The front door: every route of the table, answered by one function. */
export function restApi(scope: Construct, { stage, settings }: House, api: ServiceFunction): RestApi {
  const made = new RestApi(scope, 'RestApi', {
    restApiName: `Portolan ${stage}`,
    endpointTypes: [EndpointType.REGIONAL],
    // The role for logs belongs to the account; setting it here would replace what others have set.
    cloudWatchRole: false,
    minCompressionSize: Size.kibibytes(1),
    deployOptions: {
      stageName: 'api',
      throttlingRateLimit: settings.apiRate,
      throttlingBurstLimit: settings.apiBurst,
      ...(settings.accessLogs ? accessLogs(scope, settings) : {}),
    },
  });
  // The stack has an output of its own.
  made.node.tryRemoveChild('Endpoint');

  // Any method: the function tells which it takes (405 with Allow), and answers HEAD and preflights itself.
  const integration = new LambdaIntegration(api.lambda, { scopePermissionToMethod: false });
  for (const route of ROUTES) made.root.resourceForPath(route).addMethod('ANY', integration);
  gatewayProblems(made, settings.corsOrigins);

  const open = 'Everybody may read, by purpose, and nothing can be changed here.';
  Validations.of(made).acknowledge(
    { id: 'AwsSolutions-APIG2', reason: 'The function validates every request and names what is wrong with it.' },
    {
      id: 'AwsSolutions-APIG3',
      reason: 'Public figures behind a throttle; a web ACL costs more than the idle service.',
    },
    { id: 'AwsSolutions-APIG4', reason: open },
    { id: 'AwsSolutions-COG4', reason: open },
    {
      id: 'AwsSolutions-APIG6',
      reason: 'The function logs what matters of a request; the rest is the gateway itself.',
    },
  );
  if (!settings.accessLogs) {
    const reason = 'Access logs need a role that belongs to the account, which this stage does not ask for (0034).';
    Validations.of(made).acknowledge({ id: 'AwsSolutions-APIG1', reason });
  }
  return made;
}

/** One line a request: what was asked and how it went, not who asked. */
function accessLogs(scope: Construct, { logDays, keepData }: House['settings']): StageOptions {
  const logs = new LogGroup(scope, 'AccessLogs', {
    retention: logDays,
    removalPolicy: keepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  const line = {
    requestId: '$context.requestId',
    time: '$context.requestTimeEpoch',
    method: '$context.httpMethod',
    path: '$context.path',
    status: '$context.status',
    bytes: '$context.responseLength',
    milliseconds: '$context.responseLatency',
  };
  return {
    accessLogDestination: new LogGroupLogDestination(logs),
    accessLogFormat: AccessLogFormat.custom(JSON.stringify(line)),
  };
}
