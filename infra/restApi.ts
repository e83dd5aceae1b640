import { CfnOutput, RemovalPolicy, Size, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  EndpointType,
  type IApiKey,
  LambdaIntegration,
  LogGroupLogDestination,
  Period,
  RestApi,
  SecurityPolicy,
  type StageOptions,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { gatewayProblems } from './gatewayProblems.ts';
import { KEYLESS, ROUTES, SUBSCRIPTION_ROUTES } from './routes.ts';
import type { House, ServiceFunction } from './serviceFunction.ts';
import { webAcl } from './webAcl.ts';

/** The front door: every route that reads is answered by one function, every route of subscriptions by another. */
export function restApi(
  scope: Construct,
  { stage, settings }: House,
  { api, subscriptions }: Readonly<Record<'api' | 'subscriptions', ServiceFunction>>,
): RestApi {
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
      tracingEnabled: settings.tracing,
      ...(settings.accessLogs ? accessLogs(scope, settings) : {}),
    },
  });
  // The stack has an output of its own.
  made.node.tryRemoveChild('Endpoint');

  // Any method: the functions tell which they take (405 with Allow), and answer HEAD and preflights themselves.
  const keyed = settings.reads === 'keyed';
  const serve = (routes: readonly string[], { lambda }: ServiceFunction) => {
    const integration = new LambdaIntegration(lambda, { scopePermissionToMethod: false });
    for (const route of routes) {
      const resource = made.root.resourceForPath(route);
      const apiKeyRequired = keyed && !KEYLESS.includes(route);
      resource.addMethod('ANY', integration, { apiKeyRequired });
      // a browser asks before it asks, and takes no key along
      if (apiKeyRequired) resource.addMethod('OPTIONS', integration, { apiKeyRequired: false });
    }
  };
  serve(ROUTES, api);
  serve(SUBSCRIPTION_ROUTES, subscriptions);
  gatewayProblems(made, settings.corsOrigins);
  if (keyed) usagePlan(scope, made, settings);
  if (settings.waf) webAcl(scope, made, settings);
  if (settings.domain !== null) {
    const domain = made.addDomainName('Domain', {
      domainName: settings.domain.name,
      certificate: Certificate.fromCertificateArn(scope, 'Certificate', settings.domain.certificateArn),
      endpointType: EndpointType.REGIONAL,
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new CfnOutput(scope, 'DomainTarget', {
      value: domain.domainNameAliasDomainName,
      description: 'Point the own domain here (CNAME)',
    });
  }

  const open = keyed
    ? 'A key of the usage plan lets in; what is read is public, and a subscription is changed with its own token (0093).'
    : 'Everybody may read and subscribe, by purpose; a subscription is changed with its own token (0093).';
  Validations.of(made).acknowledge(
    { id: 'AwsSolutions-APIG2', reason: 'The function validates every request and names what is wrong with it.' },
    { id: 'AwsSolutions-APIG4', reason: open },
    { id: 'AwsSolutions-COG4', reason: open },
    {
      id: 'AwsSolutions-APIG6',
      reason: 'The function logs what matters of a request; the rest is the gateway itself.',
    },
  );
  if (!settings.waf) {
    const reason = 'Public figures behind a throttle; a web ACL, which costs more than the idle service, is a setting.';
    Validations.of(made).acknowledge({ id: 'AwsSolutions-APIG3', reason });
  }
  if (!settings.accessLogs) {
    const reason = 'Access logs need a role that belongs to the account, which this stage does not ask for (0034).';
    Validations.of(made).acknowledge({ id: 'AwsSolutions-APIG1', reason });
  }
  return made;
}

/**
 * Who may ask how much. The first key is made here; API Gateway makes up its value, which no template and no output holds. More keys are
 * made in the account and added to the plan.
 */
function usagePlan(scope: Construct, api: RestApi, settings: House['settings']): void {
  const plan = api.addUsagePlan('Readers', {
    description: 'Those who may ask, each with a key of their own',
    throttle: { rateLimit: settings.apiRate, burstLimit: settings.apiBurst },
    quota: { limit: settings.keyRequestsPerDay, period: Period.DAY },
    apiStages: [{ stage: api.deploymentStage }],
  });
  const key: IApiKey = api.addApiKey('FirstKey', { description: 'The first key of the readers' });
  plan.addApiKey(key);
  new CfnOutput(scope, 'FirstKeyId', { value: key.keyId, description: 'aws apigateway get-api-key --include-value' });
  new CfnOutput(scope, 'UsagePlanId', { value: plan.usagePlanId, description: 'Add further keys to this plan' });
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
