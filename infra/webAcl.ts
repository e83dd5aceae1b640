import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import type { Stage } from './stages.ts';

/** Groups of rules that AWS keeps, in the order in which they are asked. */
const KEPT_BY_AWS = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesCommonRuleSet',
];
/** WAF counts the requests of one address over five minutes. */
const WINDOW_SECONDS = 300;

/** A web ACL before the API: known bad addresses and inputs are turned away, and no address alone uses up the throttle of all. */
export function webAcl(scope: Construct, api: RestApi, { apiRate }: Stage): void {
  const seen = (metricName: string) => ({
    cloudWatchMetricsEnabled: true,
    sampledRequestsEnabled: true,
    metricName,
  });
  const acl = new CfnWebACL(scope, 'WebAcl', {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: seen('PortolanWebAcl'),
    rules: [
      {
        name: 'OneAddress',
        priority: 0,
        action: { block: {} },
        // half of what the whole API lets through
        statement: {
          rateBasedStatement: {
            aggregateKeyType: 'IP',
            limit: Math.max(10, Math.floor((apiRate * WINDOW_SECONDS) / 2)),
            evaluationWindowSec: WINDOW_SECONDS,
          },
        },
        visibilityConfig: seen('PortolanOneAddress'),
      },
      ...KEPT_BY_AWS.map((name, at) => ({
        name,
        priority: at + 1,
        overrideAction: { none: {} },
        statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
        visibilityConfig: seen(name),
      })),
    ],
  });
  new CfnWebACLAssociation(scope, 'WebAclAssociation', {
    resourceArn: api.deploymentStage.stageArn,
    webAclArn: acl.attrArn,
  });
}
